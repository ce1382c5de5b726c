"""Segregation between classes: what lies between schools, what within, and what dealing classes at random would give."""

import numpy as np

from abm import segregation
from abm.classes import RECEPTION, class_sizes, form, numbers
from abm.compiled import kernel
from abm.indicators.census import ratio
from abm.rules import Rules
from abm.segregation import BY_CHANCE
from abm.world import World, two_sides


def classrooms(world: World, rules: Rules):
    """Rows of classes: D, H and M of the minority over classes, M of all groups between and within schools, counts.

    ``_dealt``: every school deals the pupils of each grade at random over as many classes as mixed ones would be.
    """
    classes, grade_heads = form(world, rules), world.seen.heads.reshape(-1, world.groups)
    heads = _taught(classes.of, world.households.group, classes.school.size, world.groups)
    two, two_of_grade = _sides(heads), _sides(grade_heads)
    pupils = two_of_grade.sum(axis=1).reshape(-1, world.grades)
    parts = numbers(pupils, class_sizes(world, rules), rules.orders.teachers).ravel()
    dealt = dealt_all = segregation.dealt_at_once(two_of_grade, parts)
    if world.groups > 2:
        dealt_all = segregation.dealt_at_once(grade_heads.astype(np.int64), parts)
    *now, by_chance = segregation.each(two, [len(two)], [BY_CHANCE])[0]
    now, taught = segregation.Figures(*now), two.sum(axis=0).tolist()
    yield "dissimilarity_classes", rules.minority, "city", now.dissimilarity
    yield "dissimilarity_classes_dealt", rules.minority, "city", dealt.dissimilarity
    yield "dissimilarity_classes_random", rules.minority, "city", by_chance
    yield "theil_h_classes", rules.minority, "city", now.theil_h
    yield "theil_h_classes_dealt", rules.minority, "city", ratio(dealt.mutual_information, _entropy(taught))
    yield "mutual_information_classes", rules.minority, "city", now.mutual_information
    yield "mutual_information_classes_dealt", rules.minority, "city", dealt.mutual_information
    between, within = segregation.decompose_at_once(heads.astype(float), classes.school, world.schools.open.size)
    yield "mutual_information_between_schools", "all", "city", between
    yield "mutual_information_within_schools", "all", "city", within
    yield "mutual_information_within_schools_dealt", "all", "city", dealt_all.mutual_information - between
    yield "classes", "all", "city", float(len(two))
    yield "class_size", "all", "city", ratio(sum(taught), len(two))
    yield "reception", "all", "city", ratio(int(two[classes.kind == RECEPTION].sum()), sum(taught))


def _sides(heads: np.ndarray) -> np.ndarray:
    """(unit, 2) int64 minority and majority from (unit, group) int32."""
    return np.ascontiguousarray(two_sides(heads[:, None])[:, ::-1])


def _entropy(pupils: list[int]) -> float:
    """Entropy of groups of so many ``pupils``, nats; 0 where only one is there."""
    share = np.array([part / sum(pupils) for part in pupils if part])
    return float(-(share * np.log(share)).sum()) if share.size else 0.0


@kernel
def _taught(of, group, classes, groups):
    """(class, group) int32 pupils of each class."""
    heads = np.zeros((classes, groups), np.int32)
    for h in range(of.size):
        if of[h] >= 0:
            heads[np.uint32(of[h]), np.uint32(group[h])] += 1
    return heads
