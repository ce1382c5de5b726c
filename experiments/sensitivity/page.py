"""What a sensitivity analysis leaves behind: tables, figures, and one page "what the result depends on"."""

from pathlib import Path

from abm.page import FORECAST, MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from abm.results import write
from abm.summary import Table
from experiments.compare.figures import save
from experiments.sensitivity.analysis import Analysis
from experiments.sensitivity.figures import convergence, ranking
from experiments.sensitivity.indices import main_column
from experiments.sweep.factors import POSTERIOR
from experiments.sweep.spec import Sweep

MOSTLY_CHANCE = 0.5  # share of the variance between points above which an order of factors is not told
METHOD = {
    "morris": "Morris's screening: trajectories in which one factor moves at a time. mu* (mu_star), the mean size of their changes, ranks factors; mu keeps their sign; sigma tells interactions and bends; mu_star_conf is half the 95 % interval of mu*.",
    "sobol": "Sobol's indices: the share of the variance of the result that a factor explains alone (S1), and with all its interactions (ST); S1_conf and ST_conf are half their 95 % intervals (Saltelli et al. 2010).",
    "latin_hypercube": "PAWN: how far the whole distribution of the result moves when one factor is held in a slice of its range, in the median and at most over slices; noise: the median for a factor that is in no model (Pianosi & Wagener 2018).",
}
METHOD[POSTERIOR] = METHOD["latin_hypercube"]


def write_analysis(a: Analysis, folder: Path) -> str:
    """Write sensitivity.csv, convergence.csv, figures and index.html into ``folder``; returns the text to print."""
    write(folder / "sensitivity.csv", a.table.to_csv(index=False, float_format="%.6g"))
    write(folder / "convergence.csv", a.convergence.to_csv(index=False, float_format="%.6g"))
    pictures = [ranking(a), convergence(a)]
    save(pictures, folder, png=True)
    write(folder / "index.html", page(a, pictures))
    return told(a)


def told(a: Analysis) -> str:
    """The table of indices and a sentence."""
    return f"{a.sweep.title}: {a.what}, year {a.year}\n\n{a.table.to_string(index=False, float_format=lambda v: f'{v:.3g}')}\n\n{sentence(a)}"


def sentence(a: Analysis) -> str:
    """What matters most, and how much is chance."""
    main = main_column(a.sweep.design)
    total = a.table[main].clip(lower=0).sum()
    if total == 0:
        return f"Nothing that was varied changes {a.what}."
    first = a.table.key.iloc[0]
    share = a.table[main].iloc[0] / total
    chance = (
        ""
        if a.chance != a.chance
        else f" Chance of the seeds makes up {100 * a.chance:.0f} % of the variance between points."
    )
    if a.chance > MOSTLY_CHANCE:
        return (
            f"What matters most cannot be told.{chance} The order of the factors is mostly noise; ask for more seeds."
        )
    return f"Of what was varied, {first} matters most ({100 * share:.0f} % of the sum of the indices).{chance}"


def among(sweep: Sweep) -> str:
    """Among which values of the factors a result is looked at."""
    if sweep.design == POSTERIOR:
        return (
            f"Points are drawn by weight from {sweep.posterior}. There parameters may go together, so that an index may be the "
            "work of another parameter. Morris's and Sobol's indices need designs of their own, over independent ranges."
        )
    return "Ranges are taken as equally likely and independent; another range gives other indices."


def seeds_of(sweep: Sweep) -> str:
    """The seeds of a sweep."""
    if sweep.design == POSTERIOR:
        return f"{sweep.seeds} seeds a set"
    return f"seeds {sweep.seed} to {sweep.seed + sweep.seeds - 1} a point"


def city(sweep: Sweep) -> str:
    """The scenario whose sources a sweep has."""
    return f"those of {sweep.base['city'].get('name') or sweep.title}"


def page(a: Analysis, pictures: list) -> str:
    """The whole page."""
    head = ("factor", *(name for name in a.table.columns if name != "key"))
    rows = [(row[0], *(f"{value:.3g}" for value in row[1:])) for row in a.table.itertuples(index=False)]
    varied = [
        f"{f.key}: {', '.join(map(str, f.levels))}" if f.levels else f"{f.key}: from {f.low:g} to {f.high:g}" for f in a.sweep.factors
    ]  # fmt: skip
    spread = f"The result runs from {a.mean.min():.3g} to {a.mean.max():.3g} over {a.mean.size:,} points, {a.sweep.seeds} seeds each."
    limits = [
        among(a.sweep),
        "An index says how much a result moves over the range that was tried, not whether the parameter's value is right.",
        f"{METHOD[a.sweep.design]}",
    ]
    return document(f"What {a.what} depends on", [
        f"<h1>What {escape(a.what)} depends on</h1>",
        section("In short", f"<div class='answer'>{paragraphs([sentence(a), spread])}</div>"),
        section("Figures", "".join(figure(drawn) for drawn in pictures)),
        section("All factors", table(Table("", head, rows))),
        section("What was varied", bullets(varied)),
        section("How to read this", bullets(limits), MORE),
    ], Foot(seeds_of(a.sweep), city(a.sweep), "ranges varied", FORECAST))  # fmt: skip
