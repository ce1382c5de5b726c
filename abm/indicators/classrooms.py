"""Segregation between classes: what lies between schools, what within, and what dealing classes at random would give."""

import numpy as np

from abm import segregation
from abm.classes import RECEPTION, cells, class_sizes, form, numbers
from abm.indicators.census import ratio
from abm.rules import Rules
from abm.world import World


def classrooms(world: World, rules: Rules):
    """Rows of classes: D, H and M of the minority over classes, M of all groups between and within schools, counts.

    ``_dealt``: every school deals the pupils of each grade at random over as many classes as mixed ones would be.
    """
    classes, table = form(world, rules), world.households
    n, groups = classes.school.size, world.groups
    inside = classes.of >= 0
    cell = classes.of[inside] * groups + table.group[inside]
    heads = np.bincount(cell, minlength=n * groups).reshape(n, groups)
    two = _sides(heads)
    grade_heads = world.seen.heads.reshape(-1, groups)
    parts = numbers(cells(world, table.school >= 0), class_sizes(world, rules), rules.orders.teachers).ravel()
    dealt = segregation.expected_dealt(_sides(grade_heads), parts)
    dealt_all = segregation.expected_dealt(grade_heads, parts) if groups > 2 else dealt
    entropy = _entropy(two)
    now = segregation.at_once(two)
    yield "dissimilarity_classes", rules.minority, "city", now.dissimilarity
    yield "dissimilarity_classes_dealt", rules.minority, "city", dealt.dissimilarity
    yield "dissimilarity_classes_random", rules.minority, "city", segregation.expected_at_once(two)
    yield "theil_h_classes", rules.minority, "city", now.theil_h
    yield "theil_h_classes_dealt", rules.minority, "city", ratio(dealt.mutual_information, entropy)
    yield "mutual_information_classes", rules.minority, "city", now.mutual_information
    yield "mutual_information_classes_dealt", rules.minority, "city", dealt.mutual_information
    split = segregation.decompose(heads, classes.school)
    yield "mutual_information_between_schools", "all", "city", split.between
    yield "mutual_information_within_schools", "all", "city", split.within
    yield "mutual_information_within_schools_dealt", "all", "city", dealt_all.mutual_information - split.between
    taught = heads.sum(axis=1)
    yield "classes", "all", "city", float(n)
    yield "class_size", "all", "city", ratio(taught.sum(), n)
    yield "reception", "all", "city", ratio(taught[classes.kind == RECEPTION].sum(), taught.sum())


def _sides(heads: np.ndarray) -> np.ndarray:
    """(unit, 2) minority and majority from (unit, group)."""
    return np.stack([heads[:, 1:].sum(axis=1), heads[:, 0]], axis=1)


def _entropy(heads: np.ndarray) -> float:
    """Entropy of the groups in ``heads`` (unit, group), nats; 0 where only one is there."""
    total = heads.sum(axis=0)
    share = total[total > 0] / max(total.sum(), 1)
    return float(-(share * np.log(share)).sum()) if share.size else 0.0
