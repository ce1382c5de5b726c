"""Why a household is where it is: what it considered, the parts of each utility, its list, its offer."""

import dataclasses

import numpy as np

from abm.floats import gumbel
from abm.households import LATE_MARK, WAYS, entry_year, sibling_gap, take
from abm.looking import desk, sight
from abm.messages import reached
from abm.proposals import bonus
from abm.randomness import bits32
from abm.scoring import score
from abm.sight import LOGIT, TERMS, choosers, scene, settings
from abm.staying import inert
from abm.utility import family, published, terms, weigh


@dataclasses.dataclass(frozen=True)
class Household:
    """One household in plain words; ``str()`` of it is a page."""

    about: dict[str, str]
    considered: list[dict]  # one a school: its name, km, the weighted terms, taste, total, list position
    offer: str
    outcome: str

    def __str__(self) -> str:
        lines = [f"{key:>14}: {value}" for key, value in self.about.items()]
        if self.considered:
            head = list(self.considered[0])
            rows = [
                [str(row[name]) if isinstance(row[name], str) else f"{row[name] + 0.0:.2f}" for name in head]
                for row in self.considered
            ]
            widths = [max(len(head[k]), *(len(row[k]) for row in rows)) for k in range(len(head))]
            lines.append("")
            for row in [head, *rows]:
                cells = [row[0].ljust(widths[0]), *(row[k].rjust(widths[k]) for k in range(1, len(head)))]
                lines.append("  ".join(cells))
            lines.append("")
        if self.offer:
            lines.append(f"{'offer':>14}: {self.offer}")
        lines.append(f"{'outcome':>14}: {self.outcome}")
        return "\n".join(lines)


def household(model, i: int) -> Household:
    """View of the household in row ``i`` of this year's table, or with stable id ``i``. IndexError if there is none."""
    table = model.world.households
    rows = np.flatnonzero(table.id == i)
    row = int(rows[0]) if rows.size else int(i)
    if not 0 <= row < table.id.size:
        raise IndexError(f"no household {i}: this year has rows 0 to {table.id.size - 1}; or give a stable id")
    city = model.world.city
    school = int(table.school[row])
    name = city.school_names[school] if school >= 0 else "no school"
    local = int(city.local[table.place[row]])
    about = {
        "household": f"row {row}, id {table.id[row]}",
        "group": model.config.city.groups[table.group[row]],
        "home": city.area_names[city.place_area[table.place[row]]],
        "local school": city.school_names[local],
        "grade": f"{table.grade[row] + 1} of {model.world.grades}, entered in year {entry_year(table.id[row])}",
        "status": f"{table.status[row]:+.2f} sd" + (", vulnerable" if table.vulnerable[row] else "")
        + (", detected" if table.detected[row] else ""),
        "information": f"{table.information[row]:.2f}",
        "prefers": f"{100 * table.tolerance[row]:.0f} % of its own side at school",
    }  # fmt: skip
    if inert(model.world, model.rules, take(table, np.array([row])))[0]:
        about["chooses"] = (
            "no: one of the families that list their local school alone and never look again (choice.choosers)"
        )
    considered, offer = _choice(model, int(table.id[row]))
    outcome = f"{name} ({WAYS[table.way[row]]}"
    outcome += f", number {table.rank[row] + 1} of its list)" if table.rank[row] >= 0 else ")"
    if not considered:
        year = int(entry_year(table.id[row]))
        when = f"it chose in year {year}" if year > 0 else "it was there at the start"
        if sibling_gap(table.id[row]) == LATE_MARK:
            when = f"it arrived during year {year} and was placed where there was room"
        outcome += f"; it did not choose in year {model.year}: {when}"
    return Household(about, considered, offer, outcome)


def _choice(model, identity: int) -> tuple[list[dict], str]:
    """What the household considered this year, best first, and its offer; nothing if it did not choose."""
    world, rules = model.at_choice, model.rules
    turn = world.round
    if turn is None or not (turn.id == identity).any():
        return [], ""
    at = int(np.flatnonzero(turn.id == identity)[0])
    table = take(turn.families, np.array([at]))
    view, options = scene(world, rules, turn.neighbours), settings(world, rules)
    columns = choosers(world, rules, table, turn.sibling[at : at + 1], reached(world, rules, table))
    considered = turn.considered[at : at + 1]
    room = desk(considered.size)
    worth = room.worth[0, : considered.size]
    out = []
    with np.errstate(over="ignore"):
        score(1, considered, columns, view, options, room)
        proposed = turn.proposed[at : at + 1]
        extra = (considered[0] == proposed) & (proposed >= 0)
        worth_of = bonus(rules, proposed, table, columns, view)
        worth[extra] += worth_of
        who, weights = family(0, columns), weigh(table.group[0], view.weights)
        sights = [sight(room.look, slot) for slot in range(considered.size)]
        for slot, s in enumerate(considered[0]):
            if s < 0:
                continue
            if options.form == LOGIT:
                parts = dict(zip(TERMS, terms(who, weights, s, sights[slot], options), strict=True))
            else:
                parts = {"utility": published(who, sights[slot], options, *span(considered[0], sights))}
            taste = float(gumbel(bits32(np.uint32(who.taste), np.uint32(s)))) if options.noisy else 0.0
            listed = np.flatnonzero(turn.lists[at] == s)
            out.append(
                {"school": world.city.school_names[s], "km": float(sights[slot].km)}
                | {name: float(options.beta * part) for name, part in parts.items()}
                | {
                    "taste": taste,
                    **({"proposal": float(worth_of[0]) if extra[slot] else 0.0} if extra.any() else {}),
                    "total": float(worth[slot]),
                    "listed": _place(listed, turn.lists[at], turn.offer[at]),
                }
            )
    offer = int(turn.offer[at])
    out.sort(key=lambda row: -row["total"])
    return out, world.city.school_names[offer] if offer >= 0 else "none: every listed school was full"


def span(considered: np.ndarray, sights: list) -> tuple[np.float32, np.float32]:
    """Shortest and longest way to the schools of a row, each seen as :class:`abm.looking.Sight`, as the utility takes them."""
    ways = [seen.km for s, seen in zip(considered, sights, strict=True) if s >= 0]
    return min(ways, default=np.float32(np.inf)), max(ways, default=np.float32(0))


def _place(listed: np.ndarray, row: np.ndarray, offer: int) -> str:
    """Place of a school on the list ``row``, and whether it was refused: it filled up with others who came before."""
    if not listed.size:
        return "-"
    got = np.flatnonzero(row == offer) if offer >= 0 else np.empty(0)
    refused = not got.size or listed[0] < got[0]
    return f"{listed[0] + 1}" + (" refused: full" if refused else "")
