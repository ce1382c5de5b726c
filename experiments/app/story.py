"""Why a family is where it is, as numbers for the page: schools by their number, so that no name slips out, and no words."""

from typing import Any

import numpy as np

from abm import explain
from abm.households import LATE_MARK, entry_year, sibling_gap, take
from abm.model import SchoolChoiceModel
from abm.sight import TERMS
from abm.staying import inert
from experiments.app.futures import Future
from experiments.engine import forget

WAYS = ("start", "offer", "ex_officio", "late", "transfer", "relocated", "proposed")  # as abm.households counts them


def family(future: Future, year: int, row: int) -> dict[str, Any]:
    """The family in ``row`` of the year's table (the row of its dot), and its choice in the year in which it chose.

    IndexError if the year is not played or the row is not there.
    """
    world = future.states[year].world
    table, city = world.households, world.city
    if not 0 <= row < table.id.size:
        raise IndexError(f"no family {row} in year {year}")
    identity = int(table.id[row])
    entered, late = int(entry_year(identity)), bool(sibling_gap(identity) == LATE_MARK)
    area = city.place_area[table.place[row]]
    about = {
        "row": row, "year": year, "group": future.config.city.groups[table.group[row]], "side": int(table.group[row] > 0),
        "area": city.area_names[area], "district": city.district_names[city.area_district[area]],
        "local": int(city.local[table.place[row]]), "school": int(table.school[row]), "grade": int(table.grade[row]) + 1,
        "grades": world.grades, "entered": entered, "late": late, "way": WAYS[table.way[row]], "rank": int(table.rank[row]),
        "vulnerable": bool(table.vulnerable[row]), "detected": bool(table.detected[row]),
        "status": round(float(table.status[row]), 2), "tolerance": round(float(table.tolerance[row]), 2),
    }  # fmt: skip
    if late or not 1 <= entered <= year:
        return about | {"considered": [], "offer": -1, "chooses": True}
    model = future.model(entered)
    try:
        return about | {"chooses": not _inert(model, identity)} | _choice(model, identity)
    finally:
        forget(model)


def _inert(model: SchoolChoiceModel, identity: int) -> bool:
    """The family lists its local school alone and never looks further."""
    table = model.world.households
    rows = np.flatnonzero(table.id == identity)
    return bool(rows.size) and bool(inert(model.world, model.rules, take(table, rows))[0])


def _choice(model: SchoolChoiceModel, identity: int) -> dict[str, Any]:
    """What the family considered, best first: the parts of each school's utility, its place on the list, and the offer."""
    _number_schools(model)
    view = explain.household(model, identity)
    considered = []
    for row in view.considered:
        listed = str(row["listed"])
        considered.append(
            {
                "school": int(row["school"]), "km": round(row["km"], 3),
                "parts": {name: round(row.get(name, 0.0), 4) for name in _terms(row)},
                "total": round(row["total"], 4), "listed": 0 if listed == "-" else int(listed.split()[0]),
                "refused": "refused" in listed,
            }
        )  # fmt: skip
    return {"considered": considered, "offer": int(view.offer) if view.offer.isdigit() else -1}


def _terms(row: dict[str, Any]) -> list[str]:
    """The parts of a school's utility: those of the logit, or the published form's single one."""
    return [*(name for name in (*TERMS, "utility", "proposal") if name in row), "taste"]


def _number_schools(model: SchoolChoiceModel) -> None:
    """Let explanations name schools by their number; the page knows how they may be called."""
    for name in ("world", "at_choice"):
        world = getattr(model, name)
        numbers = tuple(str(s) for s in range(len(world.city.school_names)))
        setattr(model, name, world._replace(city=world.city._replace(school_names=numbers)))
