"""What an exploration leaves behind: tables, figures, a page "when does it fail?", and the same in words."""

import math
from pathlib import Path

import pandas as pd

from abm.page import FORECAST, MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from abm.results import write
from abm.summary import Table
from experiments.compare.figures import save
from experiments.exploration.analysis import Exploration
from experiments.exploration.discovery import Box
from experiments.exploration.figures import sign_map, trade_off
from experiments.exploration.flips import Flips
from experiments.sensitivity.page import city, seeds_of, sentence

WEAK = 0.6  # a held-out density below this times that of the box is told as a doubt
LIMITS = (
    "Ranges are taken as equally likely and independent: shares are shares of the points that were tried, not probabilities.",
    "A box is sought where failure is dense and so looks better than it is; the density in points that it was not sought in is the fair figure.",
    "The sign at a point is that of a mean over few seeds. Clear: the 95 % interval over seeds leaves 0 out; by chance alone 1 point in 20 is clear.",
    "A factor that was not varied may matter too. Failure is of this one indicator; cost and other aims are not weighed.",
)


def write_exploration(e: Exploration, folder: Path) -> str:
    """Write points, boxes, trade-off, signs and robustness as csv, figures and explore.html; returns the text to print."""
    points = e.x.assign(effect=e.effects.mean(axis=1), sd=_sd(e), fails=e.failed)
    tables = {
        "explored_points": points, "boxes": boxes(e), "trade_off": e.found.trade, "signs": e.pairs,
        "robustness": pd.DataFrame([e.robust._asdict() | {"smallest": e.smallest, "minimax_regret": e.robust.choice}]),
    }  # fmt: skip
    for name, rows in tables.items():
        write(folder / f"{name}.csv", rows.to_csv(index=False, float_format="%.6g"))
    pictures = [trade_off(e), sign_map(e)]
    save(pictures, folder, png=True)
    write(folder / "explore.html", page(e, pictures))
    return told(e)


def told(e: Exploration) -> str:
    """The finding as text."""
    head = f"{e.sweep.title}: {e.depends.what}, year {e.depends.year}"
    rows = signs(e)
    grid = pd.DataFrame(rows.rows, columns=rows.head).to_string(index=False)
    return "\n\n".join([head, *robust(e), *found(e), sentence(e.depends), f"{rows.title}:\n{grid}"])


def boxes(e: Exploration) -> pd.DataFrame:
    """A row a limit of a box."""
    rows = [
        {"box": number, "key": key, "limit": _limit(limit, key, e), "quasi_p": box.doubt[key], "coverage": box.coverage,
         "density": box.density, "mass": box.mass, "points": box.points, "failing": box.failing}
        for number, box in enumerate(e.found.boxes, 1) for key, limit in box.limits.items()
    ]  # fmt: skip
    head = ["box", "key", "limit", "quasi_p", "coverage", "density", "mass", "points", "failing"]
    return pd.DataFrame(rows, columns=head)


def robust(e: Exploration) -> list[str]:
    """Sentences on signs, size and regret."""
    r, what = e.robust, e.depends.indicator
    lines = [
        f"{e.sweep.effect} lowers {what} at {_percent(r.lowers)} of {r.points} points; {failure(e)} at {_percent(e.failed.mean())}. "
        f"Its effect is {r.mean:+.3g} on average, from {r.best:+.3g} to {r.worst:+.3g}."
    ]
    if not math.isnan(r.surely_lowers):
        lines.append(
            f"Clear over its {e.sweep.seeds} seeds, it lowers {what} at {_percent(r.surely_lowers)} of the points "
            f"and raises it at {_percent(r.surely_raises)}."
        )
    lines.append(
        f"Largest regret: {r.regret:.3g} with the policy, {r.regret_nothing:.3g} with doing nothing; minimax regret takes {r.choice}."
    )
    return lines


def failure(e: Exploration) -> str:
    """What counts as failure."""
    return f"it fails to lower it by {e.smallest:g}" if e.smallest else "it fails to lower it"


def found(e: Exploration) -> list[str]:
    """The boxes in sentences, and how far to trust them."""
    if not e.found.boxes:
        return [
            "No box holds the failure better than all points together: it does not lie in one corner of what was varied."
        ]
    lines = [in_words(box, number, e) for number, box in enumerate(e.found.boxes, 1)]
    fair = e.found.held_out
    if not math.isnan(fair):
        weak = fair < max(e.failed.mean() * 1.1, WEAK * e.found.boxes[0].density)
        doubt = " Take the boxes as a hint only." if weak else ""
        lines.append(
            f"Sought in one half of the points and looked at in the other, {_percent(fair)} of a first box fail "
            f"(of all points {_percent(e.failed.mean())}).{doubt}"
        )
    return lines


def in_words(box: Box, number: int, e: Exploration | Flips) -> str:
    """A box in one sentence."""
    where = " and ".join(f"{key} {_limit(limit, key, e)}" for key, limit in box.limits.items())
    later = ", earlier boxes left out" if number > 1 else ""
    return (
        f"Box {number}: it fails where {where}: {box.failing} of {box.points} points there fail (density {_percent(box.density)}"
        f"{later}), {_percent(box.coverage)} of all that fail (coverage)."
    )


def signs(e: Exploration) -> Table:
    """The cells of the two leading factors."""
    first, second = e.leading[:2]
    rows = e.pairs[(e.pairs["first"] == first) & (e.pairs["second"] == second)]
    cells = [
        (r.first_part, r.second_part, str(r.points), _percent(r.share_lowers), _percent(r.share_raises), f"{r.mean_effect:+.3g}")
        for r in rows.itertuples()
    ]  # fmt: skip
    return Table(
        "Sign over the two leading factors", (first, second, "points", "lowers", "raises", "mean effect"), cells
    )


def page(e: Exploration, pictures: list) -> str:
    """The whole page."""
    title = f"When does {e.sweep.effect} fail?"
    limits = boxes(e)
    rows = [(str(r.box), r.key, r.limit, f"{r.quasi_p:.2g}", _percent(r.coverage), _percent(r.density), str(r.points)) for r in limits.itertuples()]  # fmt: skip
    head = ("box", "factor", "limit", "quasi-p", "coverage", "density", "points")
    varied = [
        f"{f.key}: {', '.join(map(str, f.levels))}" if f.levels else f"{f.key}: from {f.low:g} to {f.high:g}" for f in e.sweep.factors
    ]  # fmt: skip
    return document(title, [
        f"<h1>{escape(title)}</h1>",
        section("In short", f"<div class='answer'>{paragraphs([*robust(e), *found(e), sentence(e.depends)])}</div>"),
        section("Figures", "".join(figure(drawn) for drawn in pictures)),
        section("Boxes", table(Table("", head, rows, "Quasi-p: how easily chance gives the box's density without the limit.")) if rows else "<p>None.</p>"),
        section("Signs", table(signs(e))),
        section("What was varied", bullets(varied)),
        section("How to read this", bullets([METHOD, *LIMITS]), MORE),
    ], Foot(seeds_of(e.sweep), city(e.sweep), "ranges varied", f"shares, {FORECAST}"))  # fmt: skip


METHOD = "Boxes are found by PRIM (Friedman & Fisher 1999), as scenario discovery uses it (Bryant & Lempert 2010), in EMA Workbench (Kwakkel 2017)."


def _limit(limit: tuple, key: str, e: Exploration | Flips) -> str:
    """Ends or levels in words; an end at the edge of what was tried is left out."""
    column = e.x[key]
    if not pd.api.types.is_numeric_dtype(column):
        return "is " + " or ".join(limit)
    low, high = limit
    parts = [f"above {low:.3g}"] * int(low > column.min()) + [f"below {high:.3g}"] * int(high < column.max())
    return " and ".join(parts) or "anywhere"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _sd(e: Exploration):
    return e.effects.std(axis=1, ddof=1) if e.effects.shape[1] > 1 else math.nan
