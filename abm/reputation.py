"""Reputation: what a school is believed to be worth moves a step towards a signal, with memory."""

import math

import numpy as np

from abm.rules import Rules
from abm.schools import true_quality
from abm.world import World


def reputation(world: World, rules: Rules) -> World:
    """R <- m R + (1 - m) signal at the open schools; terms of the signal as weighted in the rules (assumption)."""
    world = publish_labels(world, rules)
    memory = np.float32(rules.reputation.memory)
    moved = memory * world.schools.reputation + (1 - memory) * signal(world, rules)
    value = np.where(world.schools.open, corrected(moved, world, rules), world.schools.reputation)
    return world._replace(schools=world.schools._replace(reputation=value.astype(np.float32, copy=False)))


def publish_labels(world: World, rules: Rules) -> World:
    """The schools ordered to be labelled carry the label this year; no others do."""
    if not rules.orders.labelled and not world.schools.label.any():
        return world
    label = np.zeros(world.schools.open.size, bool)
    label[list(rules.orders.labelled)] = True
    return world._replace(schools=world.schools._replace(label=label & world.schools.open))


def corrected(value: np.ndarray, world: World, rules: Rules) -> np.ndarray:
    """(school,) reputations ``value``, of which the ordered share of an undeserved bad name is put right.

    Undeserved is what lies below true quality; a name better than the school is nobody's business.
    """
    if not rules.orders.corrected:
        return value
    put_right = np.zeros(value.size, np.float32)
    put_right[list(rules.orders.corrected)] = list(rules.orders.corrected.values())
    loss = true_quality(world.schools, world.year) - value
    return value + put_right * np.maximum(loss, 0)


def signal(world: World, rules: Rules) -> np.ndarray:
    """(school,) float32 sd: results, intake, demand, stigma and label, each standardised over open schools but the first.

    Results are true quality (growth); raw results add the intake. Stigma and intake see composition, which the utility
    weighs already: both are off unless identified separately.
    """
    settings, schools, seen = rules.reputation, world.schools, world.seen
    asked = np.log((schools.demand + 1.0) / (schools.places[:, 0] + 1.0)) if settings.demand else schools.demand
    out = (settings.results * true_quality(schools, world.year)).astype(float)
    for weight, values in (
        (settings.intake, seen.status),
        (settings.demand, asked),
        (-settings.stigma, seen.own_share[1]),
    ):
        if weight:
            out += weight * standardised(values, schools.open)
    if settings.label:
        out += settings.label * schools.label
    return out.astype(np.float32)


def standardised(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """``values`` minus the mean over ``rows``, in standard deviations over them; zeros where they do not differ."""
    values = np.asarray(values, float)
    part = values if rows.all() else values[rows]
    if not part.size:
        return np.zeros(values.size)
    mean = float(np.add.reduce(part)) / part.size
    off = part - mean
    spread = math.sqrt(float(np.add.reduce(off * off)) / part.size)
    if spread <= 1e-9:
        return np.zeros(values.size)
    return (off if part is values else values - mean) / spread
