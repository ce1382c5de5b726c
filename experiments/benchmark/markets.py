"""Admission by itself: tight markets of three sizes, lists of ten.

Students and schools lie along a line; a student lists ten of the twenty schools nearest, by nearness, by what all like
and by a taste of its own. There are as many places as students, so that the good schools refuse many and chains are
long. One in five has an older sibling at a school it lists, everybody's nearest school gives points for the zone.
"""

import math
from functools import partial
from typing import NamedTuple

import numpy as np

from abm.admission import match
from experiments.benchmark.figures import AT_MILLION, DA, GROWTH, MECHANISMS, Reading
from experiments.benchmark.rounds import Tick, Times, interleave

LENGTH, NEAR, A_SCHOOL = 10, 20, 100  # schools on a list, schools known, students a school
COUNTS = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
SHOWN = {"small": ("10k", "100k"), "city": tuple(COUNTS), "metropolis": tuple(COUNTS), "continent": tuple(COUNTS)}
ROUNDS = {"small": 5, "city": 3, "metropolis": 5, "continent": 5}
DEFERRED = "deferred acceptance"


class Market(NamedTuple):
    """What a mechanism takes."""

    lists: np.ndarray  # (student, rank) int32
    points: np.ndarray  # (student, rank) int32
    places: np.ndarray  # (school,) int
    lottery: np.ndarray  # (student,) uint32

    def give(self, mechanism: str) -> np.ndarray:
        """(student,) school of each, by the model's own function."""
        return match(mechanism.replace(" ", "_"), self.lists, self.points, self.places, lottery=self.lottery)


def market(students: int, seed: int = 1) -> Market:
    """A tight market; the same numbers for the same seed."""
    rng = np.random.default_rng(seed)
    schools = max(students // A_SCHOOL, NEAR)
    good = rng.normal(0, 1, schools).astype(np.float32)
    home = np.sort(rng.uniform(0, schools, students))  # in the order of homes, as the model's tables
    lists = np.empty((students, LENGTH), np.int32)
    points = np.zeros((students, LENGTH), np.int32)
    for h in range(0, students, 100_000):  # in parts, to save memory
        here = home[h : h + 100_000]
        first = np.clip(here.astype(np.int64) - NEAR // 2, 0, schools - NEAR)
        known = first[:, None] + np.arange(NEAR)
        away = np.abs(known + 0.5 - here[:, None]).astype(np.float32)
        worth = good[known] - 0.3 * away + rng.gumbel(size=known.shape).astype(np.float32)
        best = np.argsort(-worth, axis=1)[:, :LENGTH]
        lists[h : h + here.size] = np.take_along_axis(known, best, 1)
        points[h : h + here.size] = np.where(np.take_along_axis(away, best, 1) <= 0.5, 30, 0)
    siblings = np.flatnonzero(rng.random(students) < 0.2)
    points[siblings, rng.integers(0, LENGTH, siblings.size)] += 40
    places = np.full(schools, students // schools)
    return Market(lists, points, places, rng.permutation(students).astype(np.uint32))


def proposals(of: Market, school: np.ndarray) -> int:
    """How many applications deferred acceptance made: all down to the school that a student got, or the whole list.

    The outcome is the students' best stable one whatever the order of proposals, so their number is read off it.
    """
    got = of.lists == school[:, None]
    return int(np.where(school >= 0, got.argmax(axis=1) + 1, LENGTH).sum())


def markets(size: str, tick: Tick) -> list[Reading]:
    """Deferred acceptance at each size; with a million students all other mechanisms beside it, and how they grow."""
    tick("markets")
    made = {name: market(COUNTS[name]) for name in SHOWN[size]}
    whole = "1M" in made
    tasks = {DA.format(name): partial(of.give, DEFERRED) for name, of in made.items()}
    for mechanism in MECHANISMS if whole else ():
        for name in ("10k", "1M"):
            tasks[f"{mechanism}, {name}"] = partial(made[name].give, mechanism)
    times = interleave(tasks, ROUNDS[size], tick)
    out = []
    for name, of in made.items():
        count = proposals(of, of.give(DEFERRED))
        out.append(Reading(DA.format(name), times.in_floors(DA.format(name), count)))
    if whole:
        out.append(Reading(GROWTH.format(DEFERRED), growth(times, DA.format("1M"), DA.format("10k"))))
    for mechanism in MECHANISMS if whole else ():
        large, small = f"{mechanism}, 1M", f"{mechanism}, 10k"
        out.append(Reading(AT_MILLION.format(mechanism), times.ratio(large, DA.format("1M"))))
        out.append(Reading(GROWTH.format(mechanism), growth(times, large, small)))
    return out


def growth(times: Times, large: str, small: str) -> tuple[float, ...]:
    """(round,) the power of the number of students with which the time grows, from 10,000 to a million."""
    factor = math.log(COUNTS["1M"] / COUNTS["10k"])
    return tuple(math.log(ratio) / factor for ratio in times.ratio(large, small))
