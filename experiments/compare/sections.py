"""The words of a comparison's page: the opening, how sure, what is assumed, how to repeat, and its frame."""

from pathlib import Path

from abm.page import FORECAST, MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from experiments.compare import tables
from experiments.compare.about import policies
from experiments.compare.result import ORDER, Result
from experiments.compare.text import drift
from experiments.statistics import LOWERS, RAISES, SMALL

FOLDED = 12  # rows from which further tables are folded away on screen
CLAIM = {LOWERS: "lower segregation", RAISES: "raise segregation", SMALL: "change segregation too little to matter"}
WIDE = """main { max-width: 66rem; margin: 0 auto; }
body { max-width: 68rem; }
section > p, section > ul, figure, .answer, dl, h1, footer { max-width: 50rem; }
td { white-space: normal; }
dd p { margin: .2rem 0; }
@media print { table { font-size: 7.5pt; } caption { font-size: 10pt; } th:first-child { min-width: 6rem; } }
"""
LEAD = 6  # verdict sentences at first sight


def frame(title: str, parts: list[str], r: Result) -> str:
    """A whole page in the look of the reports, with room for wide tables."""
    return document(title, parts, foot(r), WIDE)


def page(r: Result, pictures: dict[str, list]) -> str:
    """The page of a comparison."""
    title = f"{r.plan.base.city.name}: what would these policies do?"
    own = [tables.over_time(r), tables.people(r), tables.costs(r), tables.pairs(r), tables.interactions(r)]
    return frame(title, [
        f"<h1>{escape(title)}</h1>",
        section("In short", f"<div class='answer'>{paragraphs([compared(r), *came_out(r), how_sure(r)])}</div>" + warning(r)),
        section("Effects and verdicts", drawn(pictures["forest"]) + sentences(r) + table(tables.verdicts(r))),
        section("Over the years", drawn(pictures["trajectories"]) + table(own[0])),
        section("Cost (assumption) against effect", drawn(pictures["frontier"]) + table(own[2])),
        section("Who is concerned", drawn(pictures["gains"]) + table(own[1])),
        section("More than a mean", drawn(pictures["peaks"]) + "".join(table(t) for t in own[3:] if t)),
        section("All figures", every(r)),
        section("The policies", policies(r)),
        section("How sure, and what rests on assumption", assumptions(r), MORE),
        section("How to repeat this", repeat(r)),
    ], r)  # fmt: skip


def drawn(pictures: list) -> str:
    """Figures with their captions."""
    return "".join(figure(picture) for picture in pictures)


def folded(words: str, body: str, rows: int) -> str:
    """A part that is folded where it is long; on paper it stays away, the tables in csv files have it all."""
    return f"<details><summary>{escape(words)}</summary>{body}</details>" if rows > FOLDED else body


def compared(r: Result) -> str:
    """What was compared."""
    many, city = len(r.heads), r.plan.base.city.name
    futures = f"{many} futures of {city}, each" if many > 1 else f"one future of {city},"
    return f"What was compared: {futures} with a policy or a package of them for {r.plan.years} years and watched for {r.plan.after} more, beside the same city without it. {drift(r.plan, r.paths)}"


def came_out(r: Result) -> list[str]:
    """What came out: how many futures of each verdict, and which."""
    out = []
    for verdict in ORDER:
        named = [r.title(row) for row in r.heads if row.D_verdict == verdict]
        if named:
            names = ", ".join(named[:8]) + (f" and {len(named) - 8} more" if len(named) > 8 else "")
            does = CLAIM.get(verdict, "could not be judged: the effect may go either way or be too small to matter")
            out.append(
                f"{len(named)} {does if len(named) > 1 or verdict not in (LOWERS, RAISES, SMALL) else _one(does)}: {names}."
            )
    futures = f"of {len(r.heads)} futures, " if len(r.heads) > 1 else ""
    out[:1] = [f"What came out: {futures}{out[0]}"] if out else []
    return out


def _one(does: str) -> str:
    verb, _, rest = does.partition(" ")
    return f"{verb}s {rest}"


def how_sure(r: Result) -> str:
    """The two layers of uncertainty in two sentences."""
    first = f"How sure are we: each future was run with {r.plan.seeds} seeds, which show the luck of chance and nothing else."
    if r.layered:
        return f"{first} It was also run with {len(r.plan.sets) - 1} other sets of parameters, {r.plan.drawn_from}, which show how far the answer hangs on what the model assumes; verdicts rest on these together."
    return f"{first} Whether other parameters would say the same was not tried here (`compare --parameters K` does): enough seeds make anything look certain."


def warning(r: Result) -> str:
    """Where detection changes, figures on the detected mislead."""
    if not r.detection_changes:
        return ""
    text = "Warning: detection changes in some of these futures, so figures on detected pupils are not comparable; read those on the true type."
    return f"<p><strong>{escape(text)}</strong></p>"


def sentences(r: Result) -> str:
    """The verdicts in sentences: some at once, all on request."""
    lines = [f"{r.title(row)}. {row.D_words}" for row in r.rows]
    more = [f"{r.title(row)}. {row.D_vulnerable_words}" for row in r.rows]
    out = bullets(lines[:LEAD] if len(lines) > FOLDED else lines)
    if len(lines) > FOLDED:
        out += f"<details><summary>All {len(lines)} verdicts in words</summary>{bullets(lines)}</details>"
    return out + f"<details><summary>The same for the truly vulnerable</summary>{bullets(more)}</details>"


def every(r: Result) -> str:
    """Tables of all measures at each milestone, the last year in force first."""
    years = [r.plan.years, *(y for y in r.plan.milestones if y != r.plan.years)]
    out = []
    for year in years:
        body = "".join(table(t) for t in tables.themes(r, year))
        words = f"All figures, {tables.moment(r, year)}"
        out.append(
            body
            if year == r.plan.years and len(r.rows) <= FOLDED
            else f"<details><summary>{escape(words)}</summary>{body}</details>"
        )
    left_out = "Tables that are folded on screen are left out on paper; effects.csv has every figure."
    return "".join(out) + paragraphs([left_out], "note paper")


def assumptions(r: Result) -> str:
    """What the numbers rest on."""
    from_ = r.about.get("sources")
    return bullets([
        f"Sources of the city: {from_}" if from_ else "Sources of the city: as the scenario's file gives them beside its figures.",
        "Seeds: the 95 % intervals by year come from paired differences, the same families and the same luck with and without the policy. They tell Monte Carlo error alone.",
        f"Parameters: {f'{len(r.plan.sets) - 1} further sets with {r.plan.set_seeds} seeds each, {r.plan.drawn_from}' if r.layered else 'one set only, the scenario as it is; the answer may hang on it'}.",
        f"Smallest effect of interest: {r.plan.smallest:g} of D. False discoveries are held to 5 % over the table.",
        "Costs, and with them euro per point, are assumptions; so is the achievement gap, whose parameters are assumptions throughout.",
        "D is of the true group. A policy that changes who is detected changes figures on the detected even where no pupil moves.",
        "Schools bear no names here unless asked for: a forecast that names a school can harm it. No result is a forecast for a school, district or family.",
    ])  # fmt: skip


def repeat(r: Result) -> str:
    """Command, identity, versions."""
    about = r.about
    libraries = ", ".join(f"{name} {version}" for name, version in about.get("libraries", {}).items())
    first = r.plan.seed
    return f"<pre><code>{escape(r.hide(about.get('command', '')))}</code></pre>" + bullets([
        f"Comparison {about.get('id', '?')}; seeds {first} to {first + r.plan.seeds - 1}; {r.plan.burn_in} years before the policies, {r.plan.years} with, {r.plan.after} after.",
        "manifest.json holds the whole plan; effects.csv, summary.csv, paths.csv, runs.csv and districts.csv all numbers.",
        f"schoolflight {about.get('schoolflight', '?')}, code {about.get('code', '?')}, Python {about.get('python', '?')}, {about.get('platform', '')}.",
        f"Libraries: {libraries}.",
    ])  # fmt: skip


def foot(r: Result) -> Foot:
    """The last line of the page."""
    seeds = f"seeds {r.plan.seed} to {r.plan.seed + r.plan.seeds - 1}"
    return Foot(
        f"{seeds}, {len(r.plan.sets)} sets of parameters" if r.layered else seeds,
        Path(r.about.get("scenario", "?")).name,
        "costs, gap, weights",
        FORECAST if r.layered else f"chance only, {FORECAST}",
        str(r.about.get("schoolflight", "?")),
        str(r.about.get("code", "?")),
    )
