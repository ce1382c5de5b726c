"""What is measured at the end of a year: segregation, flight, access, outcomes, cost, each with group and scope.

A measurement is a row (indicator, group, scope, value). Scopes: ``city``, ``sector:state``,
``district:<name>`` (of schools), ``home district:<name>``. The group
``all`` is everybody; the minority's common name stands for all groups but the first. Indices set one group against the
rest. Beside each index stands its value under random allocation (``_random``), with everybody at the nearest school with
places (``_nearest``), and by small area of residence (``_residential``). To add an indicator, add its row in one of the
files of this folder and describe it in DESCRIPTIONS.
"""

import functools
from collections.abc import Iterator, Mapping

import numpy as np

from abm.indicators.access import access
from abm.indicators.census import census
from abm.indicators.classrooms import classrooms
from abm.indicators.flight import brief_flight, flight
from abm.indicators.outcomes import outcomes
from abm.indicators.separation import INDICES, brief_separation, separation
from abm.indicators.status import by_status
from abm.rules import Rules
from abm.world import Past, World

DESCRIPTIONS = {
    "pupils": "pupils with a school",
    "dissimilarity": "share of either side who would have to change school for an even spread (D)",
    "dissimilarity_entrants": "D of this year's entrants alone",
    "dissimilarity_residential_district": "D of homes over the coarse districts",
    "residence_part": "D of nearest schools minus D under random allocation",
    "choice_part": "D minus D of nearest schools",
    "dissimilarity_zone": "D if every pupil attended its local school (nobody opts out; places do not count)",
    "opting_out_part": "D minus D of local schools: what opting out, and want of places, add",
    "rezoned": "share of pupils whose local school is another than without an order on zones",
    "gorard": "Gorard's segregation index GS",
    "isolation": "share of the group in the school of its average member",
    "exposure": "share of the others in the school of the group's average member",
    "eta_squared": "variance ratio",
    "theil_h": "Theil's H",
    "mutual_information": "mutual information M (nats)",
    "gini": "Gini index of segregation",
    "hutchens": "Hutchens' square root index",
    "mutual_information_between_districts": "part of M that lies between districts",
    "mutual_information_between_sectors": "part of M that lies between sectors",
    "mutual_information_within_districts": "part of M that lies within districts",
    "mutual_information_within_sectors": "part of M that lies within sectors",
    "mutual_information_structure": "change of M since the start that is not due to margins (Elbers 2021)",
    "mutual_information_composition": "change of M since the start due to the size of groups and schools (Elbers 2021)",
    "mutual_information_between_schools": "part of M over classes that lies between schools",
    "mutual_information_within_schools": "part of M over classes that lies within schools, between grades and classes",
    "mutual_information_within_schools_dealt": "the same if schools dealt the pupils of each grade at random over classes",
    "dissimilarity_classes": "D over classes instead of schools",
    "dissimilarity_classes_dealt": "D over classes if schools dealt the pupils of each grade at random over classes",
    "dissimilarity_classes_random": "D over classes if the city's pupils were dealt out at random",
    "theil_h_classes": "Theil's H over classes",
    "theil_h_classes_dealt": "Theil's H over classes if schools dealt the pupils of each grade at random over classes",
    "mutual_information_classes": "mutual information M over classes (nats)",
    "mutual_information_classes_dealt": "M over classes if schools dealt the pupils of each grade at random over classes",
    "classes": "classes",
    "class_size": "mean pupils of a class",
    "reception": "share of pupils in reception classes",
    "segregated_schools": "share of schools with a minority share 20 points or more above the city's",
    "balanced_schools": "share of schools with a minority share within 10 points of the city's",
    "outside_local_school": "share of pupils who are not at their local school",
    "outside_zone": "share of pupils who are at no school of their zone",
    "private": "share of pupils at private schools",
    "subsidised": "share of pupils at subsidised private schools",
    "other_state": "share of pupils at a state school other than the local one",
    "other_subsidised": "share of pupils at a subsidised private school other than the local one",
    "other_private": "share of pupils at a private school other than the local one",
    "left_city": "pupils who left the city",
    "left_unhappy": "of these, left because no listed school had room",
    "exits": "share of pupils who changed school during the year",
    "late_arrivals": "pupils who arrived during the year",
    "late_at_protected": "of these, at a protected school, since no other had room (only with protected schools)",
    "tipping_schools": "schools whose majority share fell 5 points more than that of their catchment",
    "rehomed": "families who moved home",
    "first_choice": "share of entrants placed at the school they listed first",
    "first_choice_true": "share of entrants at the school they like best of those they know",
    "top_three": "share of entrants placed at one of their first three",
    "proposed": "detected entrants to whom a school was proposed (only with pre-assignment)",
    "proposals_accepted": "share of these who listed it first and so accepted (only with pre-assignment)",
    "ex_officio": "share of entrants whom the authority places, or has yet to place, off their list",
    "unplaced": "pupils without a school at the end of the year",
    "distance_km": "mean distance from home to school, km (with stops: km of walking, equivalent)",
    "justified_envy": "entrants refused at a school that took someone with fewer points",
    "closed_schools": "schools closed this year",
    "themed_schools": "schools with a theme that families see",
    "status_between_schools": "share of the variance of socio-economic status that lies between schools (eta squared)",
    "status_between_schools_random": "the same if pupils were dealt out at random",
    "status_between_schools_entrants": "share of the variance of status between schools, of this year's entry grade alone",
    "status_between_schools_entrants_random": "the same if these were dealt out at random",
    "status_between_areas": "share of the variance of status that lies between small areas of residence",
    "achievement_gap": "mean achievement of the majority minus that of the minority, sd (assumption)",
    "early_leaving": "expected share of early leavers (assumption)",
    "cost": "policies' cost in the year, euro (assumption)",
}
DESCRIPTIONS |= {
    f"{index}_{kind}": f"{index.replace('_', ' ')} {words}"
    for index in INDICES
    for kind, words in (
        ("random", "if pupils were dealt out at random"),
        ("nearest", "if all went to the nearest school with places"),
        ("residential", "of homes over small areas"),
    )
}


class Indicators(Mapping):
    """One year's measurements. ``indicators["dissimilarity"]`` is the headline; ``indicators[name, group, scope]`` any other.

    The headline is of the city: the minority's for indices of segregation, everybody's for the rest.
    """

    def __init__(self, rows, minority: str):
        self.rows = tuple(rows)
        self._minority = minority

    @functools.cached_property
    def _values(self) -> dict:
        return {row[:3]: row[3] for row in self.rows}

    def __getitem__(self, key) -> float:
        if isinstance(key, tuple):
            name, group, scope = (*key, "city")[:3]
            return self._values[name, group, scope]
        for group in ("all", self._minority):
            if (key, group, "city") in self._values:
                return self._values[key, group, "city"]
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(
            dict.fromkeys(row[0] for row in self.rows if row[2] == "city" and row[1] in (self._minority, "all"))
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


def observe(world: World, rules: Rules, before: Past, first: np.ndarray) -> Indicators:
    """Measure the year. ``before``: the world a year ago, as :func:`abm.world.past` keeps it; ``first`` (school, group): the heads of year 0."""
    counted = census(world)
    rows = [
        *separation(world, rules, counted, first),
        *flight(world, rules, counted, before),
        *access(world, rules, counted),
        *classrooms(world, rules),
        *outcomes(world, rules),
        *by_status(counted),
    ]
    return Indicators(rows, rules.minority)


def headlines(world: World, rules: Rules, before: Past, first: np.ndarray) -> Indicators:
    """A few figures of the city only, each as :func:`observe` has it, at a third of its cost: for long comparisons."""
    counted = census(world, nearest=False)
    rows = [
        *brief_separation(world, rules, counted),
        *brief_flight(world, rules, counted),
        *access(world, rules, counted),
        *outcomes(world, rules),
    ]
    return Indicators(rows, rules.minority)


__all__ = ["DESCRIPTIONS", "INDICES", "Indicators", "headlines", "observe"]
