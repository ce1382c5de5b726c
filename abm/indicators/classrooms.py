"""Segregation between classes: what lies between schools, what within, and what dealing classes at random would give."""

import numpy as np

from abm.classes import RECEPTION, classes_of, form, sizes
from abm.compiled import kernel
from abm.indicators.census import ratio
from abm.rules import Rules
from abm.segregation.at_once import BY_CHANCE, COLUMNS, THEIL, figures_of
from abm.segregation.dealing import means_of_deals
from abm.segregation.information import between_and_within
from abm.world import World


def classrooms(world: World, rules: Rules) -> list:
    """Rows of classes: D, H and M of the minority over classes, M of all groups between and within schools, counts.

    ``_dealt``: every school deals the pupils of each grade at random over as many classes as mixed ones would be.
    """
    classes = form(world, rules)
    found, sides = _over_classes(
        classes.heads, classes.school, classes.kind, world.schools.open.size, world.seen.heads, *sizes(world, rules)
    )
    d, m, h, d_by_chance, between, within, d_dealt, m_dealt, m_of_all = found.tolist()
    *taught, late = sides.tolist()
    pupils, many = sum(taught), len(classes.school)
    return [
        ("dissimilarity_classes", rules.minority, "city", d),
        ("dissimilarity_classes_dealt", rules.minority, "city", d_dealt),
        ("dissimilarity_classes_random", rules.minority, "city", d_by_chance),
        ("theil_h_classes", rules.minority, "city", h),
        ("theil_h_classes_dealt", rules.minority, "city", ratio(m_dealt, _entropy(taught))),
        ("mutual_information_classes", rules.minority, "city", m),
        ("mutual_information_classes_dealt", rules.minority, "city", m_dealt),
        ("mutual_information_between_schools", "all", "city", between),
        ("mutual_information_within_schools", "all", "city", within),
        ("mutual_information_within_schools_dealt", "all", "city", m_of_all - between),
        ("classes", "all", "city", float(many)),
        ("class_size", "all", "city", ratio(pupils, many)),
        ("reception", "all", "city", ratio(late, pupils)),
    ]


def _entropy(pupils: list[int]) -> float:
    """Entropy of groups of so many ``pupils``, nats; 0 where only one is there."""
    everyone = sum(pupils)
    return float(-sum(part / everyone * np.log(part / everyone) for part in pupils if part))


@kernel
def _over_classes(heads, school, kind, schools, seen, size, further):
    """D, M and H of the minority over classes ``heads`` (class, group) of a ``school`` and ``kind`` (class,); D by chance.

    M of all groups between schools and within; the figures of :func:`_dealt`. And (3,) pupils of the minority, of the
    majority, in reception classes.
    """
    units, every = np.empty((heads.shape[0], 2), np.float64), np.empty(heads.shape, np.float64)
    filled, figures, sides = np.int64(0), np.full(COLUMNS, np.nan), np.zeros(3, np.int64)
    for u in range(heads.shape[0]):
        majority, pupils = np.int64(heads[u, 0]), np.int64(0)
        for g in range(heads.shape[1]):
            every[u, g] = heads[u, g]
            pupils += heads[u, g]
        sides[0] += pupils - majority
        sides[1] += majority
        sides[2] += pupils if kind[u] == RECEPTION else 0
        if pupils > 0:
            units[filled, 0], units[filled, 1] = pupils - majority, majority
            filled += 1
    if filled > 0:
        figures_of(units, filled, np.int64(THEIL + BY_CHANCE), figures)
    out = np.empty(9, np.float64)
    out[0], out[1], out[2], out[3] = figures[0], figures[6], figures[5], figures[9]
    out[4], out[5] = between_and_within(every, school, schools)
    out[6], out[7], out[8] = _dealt(seen, size, further)
    return out, sides


@kernel
def _dealt(seen, size, further):
    """D and M of the minority, and M of all groups, if the pupils ``seen`` (school, grade, group) were dealt over classes."""
    schools, grades, groups = seen.shape
    pupils, two = np.zeros((schools, grades), np.int64), np.zeros((schools * grades, 2), np.int64)
    every = np.empty((schools * grades, groups), np.int64)
    for s in range(schools):
        for d in range(grades):
            row = s * grades + d
            for g in range(groups):
                pupils[s, d] += seen[s, d, g]
                two[row, 0 if g > 0 else 1] += seen[s, d, g]
                every[row, g] = seen[s, d, g]
    classes = classes_of(pupils, size, further).ravel()
    d, m = means_of_deals(two, classes)
    return d, m, means_of_deals(every, classes)[1] if groups > 2 else m
