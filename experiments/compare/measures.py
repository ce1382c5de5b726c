"""What a comparison keeps of each run: one row a year of headline figures, and who stands where by home district."""

from typing import NamedTuple

import numpy as np

from abm.authority import Memory
from abm.households import Households
from abm.indicators import Indicators
from abm.schools import true_quality

MAJORITY, MINORITY = "majority", "minority"


class Measure(NamedTuple):
    """One figure: where it comes from, how it is called, in which unit its change is told."""

    indicator: str  # of the model; empty: made here
    group: str  # "", "all", MAJORITY, MINORITY, "vulnerable" or "detected"; empty: the headline
    label: str
    unit: str  # "index", "share", "km", "sd", "pupils", "schools", "euro"
    assumed: bool = False  # rests on assumptions


MEASURES = {
    "D": Measure("dissimilarity", MINORITY, "D, minority", "index"),
    "D_vulnerable": Measure("dissimilarity", "vulnerable", "D, truly vulnerable", "index"),
    "D_detected": Measure("dissimilarity", "detected", "D, detected", "index"),
    "H": Measure("theil_h", MINORITY, "Theil H", "index"),
    "isolation": Measure("isolation", MINORITY, "Isolation of the minority", "index"),
    "D_nearest": Measure("dissimilarity_nearest", MINORITY, "D if all went to the nearest school", "index"),
    "D_zone": Measure("dissimilarity_zone", MINORITY, "D if all complied with their zone", "index"),
    "D_residential": Measure("dissimilarity_residential", MINORITY, "D of homes", "index"),
    "flight": Measure("outside_local_school", MAJORITY, "Majority outside the local school", "share"),
    "private": Measure("private", MAJORITY, "Majority at private schools", "share"),
    "exits": Measure("exits", MAJORITY, "Majority changing school in the year", "share"),
    "first_choice": Measure("first_choice", "all", "First choice, all", "share"),
    "first_choice_majority": Measure("first_choice", MAJORITY, "First choice, majority", "share"),
    "first_choice_minority": Measure("first_choice", MINORITY, "First choice, minority", "share"),
    "first_choice_vulnerable": Measure("first_choice", "vulnerable", "First choice, vulnerable", "share"),
    "distance": Measure("distance_km", "all", "Way to school, all", "km"),
    "distance_majority": Measure("distance_km", MAJORITY, "Way to school, majority", "km"),
    "distance_minority": Measure("distance_km", MINORITY, "Way to school, minority", "km"),
    "distance_vulnerable": Measure("distance_km", "vulnerable", "Way to school, vulnerable", "km"),
    "gap": Measure("achievement_gap", "all", "Achievement gap (assumption)", "sd", True),
    "pupils": Measure("pupils", "all", "Pupils", "pupils"),
    "left_city": Measure("left_city", "all", "Pupils who left the city in the year", "pupils"),
    "cost": Measure("cost", "all", "Cost a year (assumption)", "euro", True),
    "reached_pupils": Measure("", "", "Pupils treated, counted for each policy", "pupils"),
    "reached_schools": Measure("", "", "Schools treated, counted for each policy", "schools"),
    "elsewhere_majority": Measure("", "", "Majority pupils at another school than without it", "pupils"),
    "elsewhere_minority": Measure("", "", "Minority pupils at another school than without it", "pupils"),
}

Seats = tuple[np.ndarray, np.ndarray]  # ids of pupils, rising, and their schools


def figures(model, base: Seats | None) -> list[float]:
    """The measures of the year that is now, in the order of MEASURES; nan where there is none.

    base: who sat where in the baseline at the same time, in the years in which that is counted.
    """
    named = {MAJORITY: model.config.city.groups[0], MINORITY: model.config.city.minority}
    acts = model.world.ledger.get("authority", Memory()).acts
    made = {
        "reached_pupils": float(sum(act.pupils for act in acts if act.funded)),
        "reached_schools": float(sum(act.schools for act in acts if act.funded)),
    }
    if base is not None:
        made |= elsewhere(model.world.households, base)
    return [
        made.get(name, np.nan) if not m.indicator else _read(model.indicators, m, named) for name, m in MEASURES.items()
    ]


def _read(indicators: Indicators, measure: Measure, named: dict[str, str]) -> float:
    group = named.get(measure.group, measure.group)
    key = (measure.indicator, group, "city") if group else measure.indicator
    return float(indicators.get(key, np.nan))


def seats(table: Households) -> Seats:
    """Who sits where, by rising id."""
    order = np.argsort(table.id)
    return table.id[order], table.school[order]


def elsewhere(table: Households, base: Seats) -> dict[str, float]:
    """Pupils of either side who sit at another school than in the baseline, of those who are in both."""
    ids, schools = base
    at = np.minimum(np.searchsorted(ids, table.id), max(ids.size - 1, 0))
    moved = (ids[at] == table.id) & (schools[at] != table.school) if ids.size else np.zeros(table.id.size, bool)
    return {
        "elsewhere_majority": float((moved & (table.group == 0)).sum()),
        "elsewhere_minority": float((moved & (table.group > 0)).sum()),
    }


STANDINGS = ("pupils", "km", "minority_share", "quality", "elsewhere")


def standings(model, base: Seats) -> np.ndarray:
    """(home district, side, standing) of pupils with a school: their number, and the means of the way to school (km), of
    the minority's share (the pupil's own school) and of the school's true quality (sd); last, pupils elsewhere than in
    the baseline. nan where nobody lives."""
    world, table = model.world, model.world.households
    table = Households(*(column[table.school >= 0] for column in table))
    city, school = world.city, table.school
    cell = city.area_district[city.place_area[table.place]] * 2 + (table.group > 0)
    size = len(city.district_names) * 2
    quality = true_quality(world.schools, world.year)
    km = city.km(table.place, school)
    ids, schools = base
    at = np.minimum(np.searchsorted(ids, table.id), max(ids.size - 1, 0))
    moved = (ids[at] == table.id) & (schools[at] != school) if ids.size else np.zeros(school.size, bool)
    pupils = np.bincount(cell, minlength=size)
    with np.errstate(invalid="ignore"):
        means = [
            np.bincount(cell, v.astype(float), size) / pupils
            for v in (km, world.seen.own_share[1][school], quality[school])
        ]
    return np.stack([pupils, *means, np.bincount(cell, moved, size)], axis=1).reshape(-1, 2, len(STANDINGS))
