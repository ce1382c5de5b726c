"""The tables of a summary: segregation, who is where, access, schools, and published figures beside the model's."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from abm.city import SECTORS
from abm.summary.numbers import Numbers, Range, between, count, index, kilometres, percent, spread, words

START_END = ("at the start", "at the end", "range over seeds")
SECTOR_WORDS = {"public": "state", "concertada": "subsidised"} | {name: name for name in SECTORS}


SCHOOL = (" school", " private school")


class Table(NamedTuple):
    """A titled table of texts; the first column names the row."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""


def _line(n: Numbers, label: str, name: str, form=index, group: str = "", since: bool = True) -> Iterator[tuple]:
    """The row of an indicator at the start and the end, or none where it is not measured."""
    end = n.range(name, group)
    if end.seeds:
        begin = n.range(name, group, year=n.first) if since else Range(np.nan, np.nan, np.nan, 0)
        yield label, form(begin.median) if begin.seeds else "-", form(end.median), between(end, form)


def segregation(n: Numbers) -> Table:
    """D, its three parts, and what it would be otherwise."""
    majority, minority = n.sides
    rows = [
        *_line(n, f"D: {minority} pupils against the others", "dissimilarity"),
        *_line(n, "   there by chance: D if pupils were dealt out at random", "dissimilarity_random"),
        *_line(n, "   + residence: D of the nearest schools, less chance", "residence_part"),
        *_line(n, "   + choice: D less D of the nearest schools", "choice_part"),
        *_line(n, "D if all went to the nearest school with places", "dissimilarity_nearest"),
        *_line(n, f"D of homes, over {n.resolution}", "dissimilarity_residential"),
        *_line(n, "D of this year's new pupils alone", "dissimilarity_entrants"),
        *_line(n, f"isolation: {minority} share where the average {minority} pupil is", "isolation", percent),
        *_line(n, f"schools 20 points or more above the city's {minority} share", "segregated_schools", percent, "all"),
        *_line(n, f"schools within 10 points of the city's {minority} share", "balanced_schools", percent, "all"),
    ]
    note = (
        f"D (dissimilarity) is the share of {majority} or of {minority} pupils who would have to change school for "
        "every school to have the same mix: 0, all schools alike; 1, no school shared. Small units show more D by "
        "chance and finer small areas more D of homes."
    )
    return Table("How separate are the schools?", ("", *START_END), rows, note)


def flight(n: Numbers) -> Table:
    """Where the pupils of each side are if not at their local school, and who left."""
    rows = []
    for group, name in n.present:
        rows += [
            *_line(n, f"{name} pupils not at their local school", "outside_local_school", percent, group),
            *_line(n, "   at another state school", "other_state", percent, group),
            *_line(n, "   at another subsidised private school", "other_subsidised", percent, group),
            *_line(n, "   at another private school", "other_private", percent, group),
            *_line(n, "   changed school during the year", "exits", percent, group, since=False),
            *_line(n, "   left the city during the year, pupils", "left_city", count, group, since=False),
        ]
    idle = {kind for kind in ("subsidised", "private") if not n.range(kind, "all").high > 0}
    rows = [row for row in rows if not any(row[0].endswith(f" a {kind}{tail}") for kind in idle for tail in SCHOOL)]
    if n.range("tipping_schools", "all").high > 0:
        rows += _line(n, "schools that tipped during the year", "tipping_schools", count, "all", since=False)
    note = (
        "The local school is the zone's, or the nearest public one (of the state, or private without a fee). A school tips when its "
        f"{n.sides[0]} share falls 5 points more in a year than that of its catchment."
    )
    return Table("Who goes elsewhere, and where?", ("", *START_END), rows, note)


def access(n: Numbers) -> Table:
    """Choices met, places found and ways to school at the end, by side."""
    groups = (n.majority, n.minority, "all")
    lines = [
        ("new pupils at their first choice", "first_choice", percent),
        ("new pupils at a choice of the first three", "top_three", percent),
        ("pupils without a school, number", "unplaced", count),
        ("mean way to school", "distance_km", kilometres),
    ]
    rows = []
    for label, name, form in lines:
        cells = [n.range(name, group) for group in groups]
        if any(cell.seeds for cell in cells):
            rows.append((label, *(_cell(cell, form) for cell in cells)))
    official = n.range("ex_officio", "all")
    if official.seeds:
        rows.append(("new pupils placed off their list", "", "", _cell(official, percent)))
    return Table("Who gets what they want? (at the end, range over seeds)", ("", *n.sides, "all"), rows)


def _cell(r: Range, form) -> str:
    if r.seeds < 2:
        return form(r.median) if r.seeds else "-"
    low, high = (form(value).removesuffix(" %").removesuffix(" km") for value in (r.low, r.high))
    return f"{form(r.median)} ({low} to {high})"


class Equivalent(NamedTuple):
    """What in the model corresponds to a published figure."""

    label: str
    values: Callable[[int], np.ndarray]
    form: Callable[[float], str]


def equivalent(key: str, n: Numbers) -> Equivalent | None:
    """The model's figure for the published figure ``key`` of the city; None where none corresponds."""
    names = {"majority": n.majority, "minority": n.minority, "": "all", None: "all"}
    side = {"majority": f"{n.sides[0]} pupils", "minority": f"{n.sides[1]} pupils", "": "pupils", None: "pupils"}
    if found := re.fullmatch(r"dissimilarity(_random|_nearest|_residential)?(?:_(state|subsidised|private))?", key):
        kind, sector = found[1] or "", found[2]
        scope = f"sector:{sector}" if sector else "city"
        where = f" among {sector} schools" if sector else ""
        what = {"": "", "_random": " by chance", "_nearest": " of nearest schools", "_residential": " of homes"}[kind]
        return Equivalent(f"D{what}{where}", lambda y: n.values(f"dissimilarity{kind}", "", scope, y), index)
    if found := re.fullmatch(r"(private|subsidised|other_state)_share(?:_(majority|minority))?", key):
        place = {"private": "a private", "subsidised": "a subsidised private", "other_state": "another state"}[found[1]]
        label = f"{side[found[2]]} at {place} school"
        return Equivalent(label, lambda y: n.values(found[1], names[found[2]], year=y), percent)
    if found := re.fullmatch(r"(?:catchment|local|nearest)_school_share(?:_(majority|minority))?", key):
        label = f"{side[found[1]]} at their local school"
        return Equivalent(label, lambda y: 1 - n.values("outside_local_school", names[found[1]], year=y), percent)
    if key.startswith("state_share"):
        return Equivalent("pupils at state schools", lambda y: _state(n, y), percent)
    minority = f"(?:{re.escape(n.minority)}|minority)"
    if found := re.fullmatch(rf"{minority}_share(?:_(state|subsidised|private|schools))?", key):
        sector = found[1] if found[1] in SECTORS else None
        scope = f"sector:{sector}" if sector else "city"
        tail = f" at {sector} schools" if sector else ", by school" if found[1] else ""
        label = f"{n.sides[1]} share of pupils{tail}"
        return Equivalent(label, lambda y: _ratio(n, scope, y), percent)
    simple = {
        "mean_distance_km": ("mean way to school", "distance_km", kilometres),
        "first_listed_share": ("new pupils at their first choice", "first_choice", percent),
    }
    if key in simple:
        label, name, form = simple[key]
        return Equivalent(label, lambda y: n.values(name, "all", year=y), form)
    return _of_schools(key, n)


def _ratio(n: Numbers, scope: str, year: int) -> np.ndarray:
    """(seed,) the minority's share of pupils."""
    part, whole = n.values("pupils", n.minority, scope, year), n.values("pupils", "all", scope, year)
    return part / np.where(whole > 0, whole, np.nan) if part.size == whole.size else np.empty(0)


def _state(n: Numbers, year: int) -> np.ndarray:
    private, subsidised = (n.values(kind, "all", year=year) for kind in ("private", "subsidised"))
    return 1 - private - subsidised if private.size == subsidised.size else np.empty(0)


def _of_schools(key: str, n: Numbers) -> Equivalent | None:
    """Published counts or shares of schools above or below a minority share; shares of places filled."""
    if found := re.fullmatch(r"schools_(above|below)_(\d+)_percent", key):
        limit, above = int(found[2]) / 100, found[1] == "above"
        as_share = n.config.city.observed[key] <= 1

        def hits(year: int) -> np.ndarray:
            table = n.schools[n.schools.year == year]
            hit = table.minority_share > limit if above else table.minority_share < limit
            by_seed = hit.groupby(table.seed)
            return (by_seed.mean() if as_share else by_seed.sum()).to_numpy(float)

        label = f"schools {found[1]} {found[2]} % {n.sides[1]}"
        return Equivalent(label, hits, percent if as_share else count)
    if found := re.fullmatch(r"places_filled(?:_(\w+))?", key):
        sector = SECTOR_WORDS.get(found[1] or "")
        if found[1] and not sector:
            return None

        def filled(year: int) -> np.ndarray:
            table = n.schools[n.schools.year == year]
            sums = (table[table.sector == sector] if sector else table).groupby("seed")[["entrants", "places"]].sum()
            return (sums.entrants / sums.places.where(sums.places > 0)).to_numpy(float)

        return Equivalent("entry places filled" + (f", {sector} schools" if sector else ""), filled, percent)
    return None


def published(n: Numbers) -> Table | None:
    """Published figures of the city beside the model's; None if the scenario holds none."""
    rows = []
    for key, value in n.config.city.observed.items():
        match = equivalent(key, n)
        if match is None:
            share = 0 <= value <= 1 and "dissimilarity" not in key
            rows.append((words(key), percent(value) if share else f"{value:g}", "-", "-", "-"))
            continue
        start, end = spread(match.values(n.first)), spread(match.values(n.last))
        form = match.form
        model = [form(start.median) if start.seeds else "-", form(end.median) if end.seeds else "-"]
        rows.append((match.label, form(value), *model, between(end, form) if end.seeds else "-"))
    note = (
        "Published figures have their own years, ages and definitions; their sources stand in the scenario file. "
        "A dash: the model has no like figure. Nothing here was fitted to them unless the scenario"
        + (f" or {n.sets.file} says so." if n.sets else " says so.")
    )
    return Table("Published figures beside the model's", ("", "published", *START_END), rows, note) if rows else None
