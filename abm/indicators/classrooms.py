"""Segregation between classes: what lies between schools, what within, and what dealing classes at random would give."""

import numpy as np

from abm import segregation
from abm.classes import RECEPTION, class_sizes, form, numbers
from abm.compiled import kernel
from abm.indicators.census import ratio
from abm.rules import Rules
from abm.segregation import BY_CHANCE, THEIL, Figures
from abm.world import World


def classrooms(world: World, rules: Rules) -> list:
    """Rows of classes: D, H and M of the minority over classes, M of all groups between and within schools, counts.

    ``_dealt``: every school deals the pupils of each grade at random over as many classes as mixed ones would be.
    """
    classes, grades = form(world, rules), world.seen.heads.reshape(-1, world.groups)
    (two, _), (two_of_grade, pupils) = _sides(classes.heads), _sides(grades)
    parts = numbers(pupils.reshape(-1, world.grades), class_sizes(world, rules), rules.orders.teachers).ravel()
    dealt = dealt_all = segregation.dealt_at_once(two_of_grade, parts)
    if world.groups > 2:
        dealt_all = segregation.dealt_at_once(grades.astype(np.int64), parts)
    found = segregation.each(two, *segregation.layout((len(two), THEIL + BY_CHANCE)))[0]
    now, d_by_chance = Figures(*found[: len(Figures._fields)]), found[len(Figures._fields)]
    between, within = segregation.decompose_at_once(
        classes.heads.astype(float), classes.school, world.schools.open.size
    )
    taught, late = two.sum(axis=0).tolist(), classes.kind == RECEPTION
    return [
        ("dissimilarity_classes", rules.minority, "city", now.dissimilarity),
        ("dissimilarity_classes_dealt", rules.minority, "city", dealt.dissimilarity),
        ("dissimilarity_classes_random", rules.minority, "city", d_by_chance),
        ("theil_h_classes", rules.minority, "city", now.theil_h),
        ("theil_h_classes_dealt", rules.minority, "city", ratio(dealt.mutual_information, _entropy(taught))),
        ("mutual_information_classes", rules.minority, "city", now.mutual_information),
        ("mutual_information_classes_dealt", rules.minority, "city", dealt.mutual_information),
        ("mutual_information_between_schools", "all", "city", between),
        ("mutual_information_within_schools", "all", "city", within),
        ("mutual_information_within_schools_dealt", "all", "city", dealt_all.mutual_information - between),
        ("classes", "all", "city", float(len(two))),
        ("class_size", "all", "city", ratio(sum(taught), len(two))),
        ("reception", "all", "city", ratio(int(two[late].sum()) if late.any() else 0, sum(taught))),
    ]


def _entropy(pupils: list[int]) -> float:
    """Entropy of groups of so many ``pupils``, nats; 0 where only one is there."""
    everyone = sum(pupils)
    return float(-sum(part / everyone * np.log(part / everyone) for part in pupils if part))


@kernel
def _sides(heads):
    """(unit, 2) minority and majority, and (unit,) all pupils, of ``heads`` (unit, group)."""
    two, pupils = np.zeros((heads.shape[0], 2), np.int64), np.zeros(heads.shape[0], np.int64)
    for u in range(heads.shape[0]):
        for g in range(heads.shape[1]):
            two[u, 0 if g > 0 else 1] += heads[u, g]
            pupils[u] += heads[u, g]
    return two, pupils
