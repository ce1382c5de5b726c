"""The page and the text of a league."""

import numpy as np

from abm.page import MORE, bullets, escape, paragraphs, section, table
from abm.summary.tables import Table
from experiments.compare import sections
from experiments.compare.about import entry as about_policy
from experiments.compare.figures.look import interval, signed
from experiments.compare.league import Entry
from experiments.compare.ranking import Dose, Row
from experiments.compare.result import ORDER, Result
from experiments.compare.tables import number, price
from experiments.compare.text import drift, money
from experiments.compare.text import table as lines_of
from experiments.statistics import LOWERS, RAISES


def page(r: Result, budget: Result | None, rows: list[Row], entries: list[Entry], pictures: dict) -> str:
    """The page of a league."""
    title = f"{r.plan.base.city.name}: the league of policies"
    equal = paragraphs([no_round(budget)]) if not pictures["budget"] else ""
    return sections.frame(title, [
        f"<h1>{escape(title)}</h1>",
        section("In short", f"<div class='answer'>{paragraphs(opening(r, rows))}</div>{sections.warning(r)}"),
        section("By effect at full intensity", sections.drawn(pictures["ranking"]) + table(effects(r, rows)) + table(money_and_after(r, rows))),
        section("By intensity", sections.drawn(pictures["response"]) or paragraphs(["One intensity only was run."])),
        section("At an equal budget (assumption)", sections.drawn(pictures["budget"]) + equal),
        section("Policies that take no part", absent(r, entries)),
        section("The policies", about(r, rows)),
        section("How sure, and what rests on assumption", sections.assumptions(r) + paragraphs([
            "All policies run with their default settings, which no city has chosen: a better design of a policy may rank otherwise.",
        ]), MORE),
        section("How to repeat this", sections.repeat(r)),
    ], r)  # fmt: skip


def opening(r: Result, rows: list[Row]) -> list[str]:
    """What was compared, what came out, how sure."""
    tied = [row for row in rows[1:] if not row.apart]
    counts = ", ".join(f"{sum(row.summary.D_verdict == v for row in rows)} {v}" for v in ORDER)
    compared = (
        f"What was compared: {policies(len(rows))} of the shelf, each alone and with its default settings, for {r.plan.years} years in "
        f"{r.plan.base.city.name}, and {r.plan.after} years after their end. {drift(r.plan, r.paths)}"
    )
    came = f"What came out (effect on D at full intensity): {counts}."
    named = [row.title for row in rows if row.summary.D_verdict == LOWERS]
    raised = [row.title for row in rows if row.summary.D_verdict == RAISES]
    came += f" Lowers: {', '.join(named)}." if named else ""
    came += f" Raises: {', '.join(raised)}." if raised else ""
    if len(rows) > 1:
        came += f" The first by the mean is {rows[0].title}; {len(tied)} of the other {len(rows) - 1} cannot be told apart from it."
    return [compared, came, sections.how_sure(r).replace("each future", "each policy")]


def policies(number: int) -> str:
    """A number of policies in words."""
    return "one policy" if number == 1 else f"{number} policies"


def dose(d: Dose | None) -> str:
    """An effect with its interval."""
    return f"{signed(d.effect)} ({interval(d.low, d.high)})" if d and np.isfinite(d.effect) else "-"


def against(row: Row) -> str:
    """How a row stands to the first."""
    return "first" if row.rank == 1 else "behind the first" if row.apart else "not\u00a0told\u00a0apart"


def effects(r: Result, rows: list[Row]) -> Table:
    """Effects by intensity and the verdict."""
    percents = [d.percent for d in rows[0].doses] if rows else []
    head = ("", "area", "who decides", *(f"D at {p} %" for p in percents), "verdict", "against the first")
    lines = [
        (
            f"{row.rank}. {row.title}",
            row.area,
            row.decided_by,
            *map(dose, row.doses),
            row.summary.D_verdict,
            against(row),
        )
        for row in rows
    ]
    note = (
        "Verdicts are on the full intensity. Not told apart: the policy cannot be told apart from the first, as the interval of "
        "their difference, made wide enough to hold for all rows together (Bonferroni), includes zero."
    )
    return Table(f"Change of D in year {r.plan.years} (95 % interval)", head, lines, note)


def money_and_after(r: Result, rows: list[Row]) -> Table:
    """Cost, price, the equal budget and what remains."""
    head = (
        "",
        "euro a year (assumption)",
        "euro per .01 of D (assumption)",
        "D at the equal budget",
        "really spent (assumption)",
        f"D in year {r.last}, after the end",
    )
    lines = [
        (f"{row.rank}. {row.title}", number(row.summary.cost), price(row.summary), dose(row.budget), number(row.spent), dose(row.after)) for row in rows
    ]  # fmt: skip
    note = "Undefined: the effect may be zero or D may rise. Zero euro: the policy was given no price. A dash: not in that round."
    return Table("Cost, the round at an equal budget, and what remains when the money stops", head, lines, note)


def no_round(budget: Result | None) -> str:
    """Why there is no picture of the equal budget."""
    return "No round at an equal budget was run." if budget is None else "No policy took part in it."


def absent(r: Result, entries: list[Entry]) -> str:
    """Policies that take no part and why."""
    out = [f"{e.kind.replace('_', ' ')}: {r.hide(_reason(e))}" for e in entries if e.idle]
    return bullets(out) if out else paragraphs(["None: every policy asked for took part."])


def _reason(e: Entry) -> str:
    """Why a policy takes no part, without its place in the scenario file."""
    return e.idle.removeprefix(f"policies[0] ({e.kind}): ")


def about(r: Result, rows: list[Row]) -> str:
    """Each policy in words, by area."""
    full = {arm.name: arm for arm in r.plan.arms}
    out = []
    for area in sorted({row.area for row in rows}):
        inner = "".join(about_policy(full[row.summary.arm].policies[0], r.hide) for row in rows if row.area == area)
        out.append(f"<h3>{escape(area.capitalize())}</h3><dl>{inner}</dl>")
    return "".join(out)


def told(r: Result, budget: Result | None, rows: list[Row], entries: list[Entry]) -> str:
    """The league as lines for a terminal."""
    out = [f"{r.plan.base.city.name}: {policies(len(rows))} in {r.plan.seeds} seeds", drift(r.plan, r.paths), "",
           f"By effect on D in year {r.plan.years} at full intensity (= cannot be told apart from the first):", ""]  # fmt: skip
    head = [
        "policy",
        "decides",
        *(f"D at {d.percent} %" for d in (rows[0].doses if rows else ())),
        "verdict",
        "",
        "euro/year*",
        "equal budget",
        "spent*",
        "after end",
    ]
    lines = []
    for row in rows:
        cells = [_half(d) for d in row.doses]
        tie = "" if row.apart or row.rank == 1 else "="
        lines.append([f"{row.rank:2d} {row.title}", row.decided_by, *cells, row.summary.D_verdict, tie, money(row.summary.cost),
                      _half(row.budget), money(row.spent), _half(row.after)])  # fmt: skip
    out += lines_of(head, lines)
    left = [f"  {e.kind.replace('_', ' ')}: {_reason(e)}" for e in entries if e.idle]
    out += ["", "Take no part:", *left] if left else []
    return "\n".join(
        [
            *out,
            "",
            "* assumption. ± half the width of the 95 % interval from seeds; other parameters may give another order.",
        ]
    )


def _half(d: Dose | None) -> str:
    return f"{d.effect:+.3f} ±{(d.high - d.low) / 2:.3f}" if d and np.isfinite([d.effect, d.low]).all() else "-"
