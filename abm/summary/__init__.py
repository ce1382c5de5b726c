"""What a run says, in numbers and in plain words: for the terminal (``str(summarise(run, config))``) and for the page."""

import textwrap
from typing import NamedTuple

import numpy as np

from abm.config import Config
from abm.results import Run
from abm.summary.numbers import Numbers, Parts, Range, between, change, index, own_set, parts, percent, spread, words
from abm.summary.tables import Table, access, flight, published, segregation

WIDTH = 100
STARTS = {
    "nearest": "everybody is at the nearest school with places (an assumption)",
    "observed": "each school has the pupils that the city's tables give it; which home goes to which school is drawn (an assumption)",
    "random": "places are dealt out at random (an assumption)",
}


class Summary(NamedTuple):
    """All that is said of a run; ``str`` gives the text for the terminal."""

    title: str
    setting: str
    answer: tuple[str, ...]
    tables: tuple[Table, ...]
    limits: tuple[str, ...]
    numbers: Numbers

    def __str__(self) -> str:
        blocks = [f"{self.title}\n{_wrap(self.setting)}", "\n".join(_wrap(s) for s in self.answer)]
        blocks += [_text(table) for table in self.tables]
        return "\n\n".join([*blocks, "\n".join(_wrap(s) for s in self.limits)])


def summarise(run: Run, config: Config) -> Summary:
    """The summary of a run."""
    n = Numbers(run, config)
    tables = [table for table in (segregation(n), flight(n), access(n), published(n)) if table and table.rows]
    begin = f"At the start {STARTS.get(config.city.start, config.city.start)}."
    years = f"{n.last - n.first} school years" if n.last > n.first else "no school year: only the start is shown"
    policies = (
        ", ".join(f"{words(p.kind)} from year {p.start}" + (f" to {p.end}" if p.end else "") for p in config.policies)
        or "none"
    )
    setting = f"{config.city.name}: {years}, {seeds(n)}. {begin} Policies: {policies}."
    return Summary(config.title, setting, answer(n), tuple(tables), limits(n), n)


def seeds(n: Numbers) -> str:
    """How many runs the figures rest on."""
    first, last, planned = n.seeds[0], n.seeds[-1], n.config.run.seeds
    plain = n.seeds == list(range(first, last + 1))
    if first == last:
        runs = f"one run, seed {first}" + (f", {own_set(n)}" if n.sets else "")
    else:
        which = f"seeds {first} to {last}" if plain else f"seeds {', '.join(map(str, n.seeds))}"
        apart = f"seeds, {own_set(n)}" if n.sets else "runs that differ by chance only"
        runs = f"{len(n.seeds)} {apart}, {which}"
    return runs + (f" (of {planned} planned: the run was stopped)" if len(n.seeds) < planned else "")


def answer(n: Numbers) -> tuple[str, ...]:
    """What the run says, in three sentences with numbers."""
    d, start, p = n.range("dissimilarity"), n.range("dissimilarity", year=n.first), parts(n)
    majority, minority = n.sides
    if not d.seeds or not n.two_sides:
        return ("Segregation is not defined in this run: it takes pupils of two groups at more than one school.",)
    when = f"After {n.last - n.first} school years" if n.last > n.first else "At the start"
    moved = {1: "up from", -1: "down from", 0: "without a clear change from"}[change(n)]
    since = f", {moved} {index(start.median, 2)} at the start" if n.last > n.first else ""
    range_ = f" ({between(d)} in the middle 80 % of the runs)" if d.seeds > 1 else ""
    out = [
        f"{when}, {100 * d.median:.0f} in 100 {majority} (or {minority}) pupils would have to change school for every "
        f"school to have the same mix: D = {index(d.median, 2)}{range_}{since}."
    ]
    if np.isfinite(p.choice.median):
        verbs = ["adds" if part.median >= 0 else "takes away" for part in (p.residence, p.choice)]
        sizes = [index(abs(part.median), 2) for part in (p.residence, p.choice)]
        out.append(
            f"Of this D, {index(p.chance.median, 2)} would be there by chance alone; where families live {verbs[0]} "
            f"{sizes[0]}, and which schools they choose and get {verbs[1]} {sizes[1]}{percentages(p)}."
        )
    away = [n.range("outside_local_school", group).median for group in (n.majority, n.minority)]
    if np.isfinite(away).all():
        out.append(
            f"{percent(away[0])} of the {majority} and {percent(away[1])} of the {minority} pupils are not at their "
            f"local school{_paying(n)}."
        )
    return tuple(out)


def _paying(n: Numbers) -> str:
    """Who is at a private or subsidised school, the larger sector of the two; nothing where there is none."""
    sizes = {kind: n.range(kind, "all").median for kind in ("private", "subsidised")}
    kind = max(sizes, key=lambda k: np.nan_to_num(sizes[k]))
    if not sizes[kind] > 0:
        return ""
    first, second = (percent(n.range(kind, group).median) for group in (n.majority, n.minority))
    return f"; {first} and {second} are at a {kind} {'one' if kind == 'private' else 'private one'}"


def percentages(p: Parts) -> str:
    """The parts of D in per cent; none where a part is negative."""
    if p.shares is None:
        return " (no percentages: a part is negative in some runs)"
    chance, residence, choice = (f"{100 * share:.0f} %" for share in p.shares)
    return f" (chance {chance}, residence {residence}, choice {choice} of D)"


def warnings(n: Numbers) -> tuple[str, ...]:
    """What would mislead in this run: figures on the detected where a policy has changed who is detected."""
    rates = {"households.detection", "households.false_detection"}
    found = [p for p in n.config.policies if rates & set(p.levers) and p.intensity and p.start <= n.last]
    if not found:
        return ()
    year = min(p.start for p in found)
    return (
        f"Detection changes by policy from year {year} on: figures on detected pupils are not comparable between years, "
        "and may rise or fall though nobody changed school. Read the true type (vulnerable).",
    )


def limits(n: Numbers) -> tuple[str, ...]:
    """What the figures do not say, in a few words: on seeds first, on sources last, warnings between them."""
    about = n.run.manifest()
    show = (
        "Seeds show chance only, not how wrong the assumptions may be. Parameters are not calibrated to the city: read "
        "sizes as 'in such a model', not as a forecast."
    )
    if n.sets:
        show = (
            "Ranges hold the uncertainty of these parameters and of chance together, not how wrong the rest of the model "
            "may be. Read sizes as 'in such a model', not as a forecast."
        )
    own = f", {own_set(n)}" if n.sets else ""
    return (
        f"Seeds: {len(n.seeds)}{own}. Figures are medians; ranges hold the middle 80 % of the runs (10 to 90 %). {show}",
        *warnings(n),
        f"Sources and assumptions: {about.get('scenario', 'the scenario')} and `schoolflight parameters`. "
        f"Model {about.get('schoolflight', '?')}, code {about.get('code', '?')}.",
    )


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _text(table: Table) -> str:
    """A table as aligned text of at most WIDTH columns."""
    widths = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    first = min(widths[0], WIDTH - sum(widths[1:]) - 2 * len(widths[1:]))
    lines = []
    for row in (table.head, *table.rows):
        indent = len(row[0]) - len(row[0].lstrip())
        label = textwrap.wrap(row[0].strip(), first - indent, subsequent_indent="  ") or [""]
        lines += [" " * indent + part for part in label[:-1]]
        cells = "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append(f"{' ' * indent + label[-1]:<{first}}{cells}".rstrip())
    head, body = lines[0], lines[1:]
    note = (
        ["", *textwrap.wrap(table.note, WIDTH - 2, initial_indent="  ", subsequent_indent="  ")] if table.note else []
    )
    return "\n".join([table.title.upper(), head, *body, *note[1:]])


__all__ = ["Numbers", "change", "own_set", "Parts", "Range", "Summary", "Table", "parts", "spread", "summarise"]
