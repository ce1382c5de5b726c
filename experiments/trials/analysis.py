"""What the draws of a trial say: changes from before to after, their causes, and whether the published one is among them."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.statistics import paired, quantiles
from experiments.trials.conduct import Results
from experiments.trials.measures import COUNTS, INDICES, SHOWN, Cell, cells
from experiments.trials.simulation import FUTURES
from experiments.trials.spec import Figure, Trial

BAND = (5, 50, 95)  # per cent of draws
MAIN = "dissimilarity"
OBSERVED = "both"
CAUSES = {
    "drift": "Drift that goes on without either",
    "artefact": "Rise of detection as such: an artefact of counting",
    "demography": "Demography",
    "plan": "Moves of pupils by the plan, detection as risen",
    "rest": "Plan and demography together",
}


class Found(NamedTuple):
    """The figures of all draws; not a number where an index has no meaning, such as nobody detected."""

    trial: Trial
    values: np.ndarray  # (draw, future, year, cell)
    counts: np.ndarray  # (draw, future, year, count)

    def series(self, future: str, cell: Cell) -> np.ndarray:
        """(draw, year) of one figure."""
        return self.values[:, list(FUTURES).index(future), :, cells(self.trial.grades).index(cell)]

    def count(self, future: str, name: str) -> np.ndarray:
        """(draw, year) of one of the COUNTS."""
        return self.counts[:, list(FUTURES).index(future), :, list(COUNTS).index(name)]

    def mean(self, series: np.ndarray, years: tuple[int, ...]) -> np.ndarray:
        """(draw,) mean over calendar years of a series (draw, year)."""
        return series[:, [year - self.trial.first for year in years]].mean(axis=1)


def found(trial: Trial, results: Results) -> Found:
    """The draws as arrays."""
    table = np.array([[draw[future] for future in FUTURES] for draw in results], float)
    width = len(cells(trial.grades))
    return Found(trial, table[..., :width], table[..., width:])


class Change(NamedTuple):
    """A figure before and after, of each draw."""

    before: np.ndarray  # (draw,)
    after: np.ndarray  # (draw,)

    @property
    def share(self) -> np.ndarray:
        """(draw,) change as a share of what it was before."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.before != 0, self.after / self.before - 1, np.nan)


def change(f: Found, future: str, cell: Cell) -> Change:
    """Of the mean over the years before and over those after."""
    series = f.series(future, cell)
    return Change(f.mean(series, f.trial.before), f.mean(series, f.trial.after))


def changes(f: Found) -> pd.DataFrame:
    """A row for each index, type, grades and future: means before and after, change, its interval and band, published."""
    rows = []
    for cell in cells(f.trial.grades):
        known = [p.value for p in f.trial.published if p.grades == cell.grades and cell.type == "detected"]
        for name in FUTURES:
            c = change(f, name, cell)
            mean, (low, middle, high) = paired(c.share), quantiles(c.share, BAND)
            rows.append(
                {**cell._asdict(), "future": name, "before": c.before.mean(), "after": c.after.mean(), "change": mean.mean,
                 "mean_low": mean.low, "mean_high": mean.high, "q05": low, "q50": middle, "q95": high, "draws": int(mean.n),
                 "published": known[0] if known and name == OBSERVED and cell.index != "chance" else np.nan}
            )  # fmt: skip
    return pd.DataFrame(rows)


def causes(f: Found, cell: Cell) -> dict[str, np.ndarray]:
    """(draw,) parts of the change of a figure in what happened, as shares of what it was before; they add up to it.

    Artefact: detection alone against neither. Demography: likewise. Plan: plan against detection alone, the same pupils
    being detected. Rest: what the plan and demography do together beyond the sum. All pairs have the same seed.
    """
    gain = {name: change(f, name, cell) for name in FUTURES}
    moved = {name: c.after - c.before for name, c in gain.items()}
    parts = {
        "drift": moved["neither"],
        "artefact": moved["detection"] - moved["neither"],
        "demography": moved["demography"] - moved["neither"],
        "plan": moved["plan"] - moved["detection"],
    }
    parts["rest"] = moved[OBSERVED] - sum(parts.values())
    return {name: part / gain[OBSERVED].before for name, part in parts.items()}


def orders(f: Found, grades: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """(draw,) moves and artefact of the plan alone, as shares of detected D before, told in either order.

    Counted first: more are detected where pupils were, then the plan moves them. Moved first: the plan moves them, counted
    by detection as it was, then more are detected. The sums are the same.
    """
    old, cell = Cell(grades, "as_before", MAIN), Cell(grades, "detected", MAIN)
    before = change(f, "plan", cell).before
    neither, counted, plan = (change(f, name, cell).after for name in ("neither", "detection", "plan"))
    moved = change(f, "plan", old).after
    return {
        "counted first": ((plan - counted) / before, (counted - neither) / before),
        "moved first": ((moved - neither) / before, (plan - moved) / before),
    }


def decomposition(f: Found) -> pd.DataFrame:
    """A row for each index, type, grades and cause: mean, interval of the mean, band over draws."""
    rows = []
    for cell in cells(f.trial.grades):
        total = change(f, OBSERVED, cell).share
        for name, part in {**causes(f, cell), "all": total}.items():
            mean, (low, middle, high) = paired(part), quantiles(part, BAND)
            rows.append(
                {**cell._asdict(), "cause": name, "share": mean.mean, "mean_low": mean.low, "mean_high": mean.high,
                 "q05": low, "q50": middle, "q95": high}
            )  # fmt: skip
    return pd.DataFrame(rows)


def paths(f: Found) -> pd.DataFrame:
    """A row for each year, future and figure: mean and band over draws; counts too."""
    names = [*cells(f.trial.grades), *(Cell("entry", "all", name) for name in COUNTS)]
    both = np.concatenate([f.values, f.counts], axis=-1)
    low, middle, high = np.moveaxis(quantiles(np.moveaxis(both, 0, -1), BAND), -1, 0)
    mean = both.mean(axis=0)
    return pd.DataFrame(
        {"year": year, "future": future, **cell._asdict(), "mean": mean[k, y, i], "q05": low[k, y, i], "q50": middle[k, y, i], "q95": high[k, y, i]}
        for i, cell in enumerate(names) for k, future in enumerate(FUTURES) for y, year in enumerate(f.trial.years)
    )  # fmt: skip


def percent(share: float) -> str:
    """A change in words, such as -23.1 %."""
    text = f"{100 * share:+.1f} %"
    return "0.0 %" if text[1:] == "0.0 %" else text.replace("-", "\N{MINUS SIGN}")


def verdict(f: Found, figure: Figure, index: str = MAIN, kind: str = "detected") -> str:
    """One sentence: does the published change lie among those of the draws?"""
    if not figure.grades:
        return f"{figure.title}: published {percent(figure.value)}; nothing to compare, it is not in the model."
    share = change(f, OBSERVED, Cell(figure.grades, kind, index)).share
    low, _, high = quantiles(share, BAND)
    who = {"detected": "detected pupils", "vulnerable": "truly vulnerable pupils", "minority": "the minority"}[kind]
    what = f"{INDICES[index]} of {who}"
    band = f"{percent(share.mean())} on average, 90 % of draws between {percent(low)} and {percent(high)}"
    if low <= figure.value <= high:
        return f"{figure.title}: plausible by {what}: the published {percent(figure.value)} lies among the model's changes ({band})."
    side = "lies below" if figure.value > high else "lies above"
    return f"{figure.title}: by {what} the model's change {side} the published {percent(figure.value)}: {band}."


def told(f: Found) -> list[str]:
    """The finding in sentences, for each published figure: the verdict, what the change is made of, the yardstick."""
    lines = []
    for figure in f.trial.published:
        lines.append(verdict(f, figure))
        if figure.grades:
            lines += [made_of(f, figure), truth(f, figure)]
    return lines


def doubts(f: Found) -> list[str]:
    """How far the finding hangs on the index, on whose segregation it is, and on the order in which causes are told."""
    some = [figure for figure in f.trial.published if figure.grades]
    return [say(f, figure) for say in (which, either_order) for figure in some]


def which(f: Found, figure: Figure) -> str:
    """Which indices, for which pupils, have the published change among their draws."""
    fits = {}
    for kind in SHOWN:
        for index in INDICES:
            low, _, high = quantiles(change(f, OBSERVED, Cell(figure.grades, kind, index)).share, BAND)
            if low <= figure.value <= high:
                fits.setdefault(kind, []).append(INDICES[index])
    where = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in fits.items()) or "by none"
    tried = len(SHOWN) * len(INDICES)
    return (
        f"{figure.title}: which index was published, and of whom, is not known. Of {tried} combinations of index and pupils, the "
        f"published change lies in the 90 % band of {sum(map(len, fits.values()))} ({where}). A match among many is weak evidence."
    )


def made_of(f: Found, figure: Figure) -> str:
    """The causes of the fall of detected D."""
    cell = Cell(figure.grades, "detected", MAIN)
    parts = {name: float(part.mean()) for name, part in causes(f, cell).items()}
    words = ", ".join(f"{CAUSES[name][0].lower()}{CAUSES[name][1:]} {percent(part)}" for name, part in parts.items())
    return f"{figure.title}: what the change of detected D ({percent(change(f, OBSERVED, cell).share.mean())}) is made of: {words}."


def either_order(f: Found, figure: Figure) -> str:
    """How the split between moves and artefact hangs on the order."""
    (moves, artefact), (moves_first, artefact_last) = orders(f, figure.grades).values()
    return (
        f"{figure.title}: the split hangs on the order in which it is told. Pupils counted first and then moved: artefact {percent(artefact.mean())}, moves "
        f"{percent(moves.mean())}. Moved first and then counted: moves {percent(moves_first.mean())}, artefact {percent(artefact_last.mean())}."
    )


def truth(f: Found, figure: Figure) -> str:
    """The yardstick: D of the truly vulnerable, and its change by the plan's moves."""
    cell = Cell(figure.grades, "vulnerable", MAIN)
    c, parts = change(f, OBSERVED, cell), causes(f, cell)
    return (
        f"{figure.title}: D of the truly vulnerable goes from {c.before.mean():.3f} to {c.after.mean():.3f} ({percent(c.share.mean())}), of which the "
        f"plan's moves {percent(parts['plan'].mean())}; the rise of detection as such {percent(parts['artefact'].mean())}."
    )
