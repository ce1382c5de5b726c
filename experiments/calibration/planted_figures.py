"""Figures of a check by planted parameters: rank histograms, departures of the ranks' distribution, recovery."""

import math

import numpy as np
from matplotlib.ticker import MaxNLocator

from abm.figures.style import GRID, INK, MAJORITY, MINORITY, MUTED, Picture, as_percent, grid, look, picture, sheet
from experiments.calibration.checked import Checked
from experiments.calibration.ranks import RANKS, band, bin_band, ecdf, uniformity
from experiments.calibration.spec import Calibration

ACROSS = 2  # panels beside each other
TALL = 2.1  # inches a row of panels


def draw(calibration: Calibration, found: Checked) -> list[Picture]:
    """All figures."""
    return [histograms(found), departures(found), recovery(calibration, found)]


def histograms(found: Checked) -> Picture:
    """Ranks of each parameter with the band in which 95 % of bins of uniform ranks lie."""
    keys = list(found.uniform.parameter)
    title = "Ranks of the planted values among draws of their posteriors"
    key = ((0.012, "■", "cities", MAJORITY), (0.14, "—", "expected", INK), (0.3, "■", "95 % of bins lie here if all is right", GRID))  # fmt: skip
    with look("planted_ranks"):
        figure, axes = sheet(title, _height(keys), _rows(keys), ACROSS, key=key, sharey=True)
        for ax, name in _panels(axes, keys):
            ranks = _ranks(found, name)
            bins = uniformity(ranks).bins
            low, high = bin_band(ranks.size)
            width = RANKS / bins.size
            ax.axhspan(low, high, color=GRID, zorder=0)
            ax.bar(np.arange(bins.size) * width, bins, width * 0.86, align="edge", color=MAJORITY)
            ax.axhline(ranks.size / bins.size, color=INK, lw=1)
            ax.set(title=name, xlim=(0, RANKS), xlabel=f"rank, 0 to {RANKS - 1}", ylabel="cities")
            ax.tick_params(length=0)
            ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        words = (
            "Flat: the posterior is right. Heaped at both ends: posteriors are too narrow. Heaped in the middle: too wide. "
            "Heaped at the right: posteriors lie too low; at the left: too high."
        )
        return picture("planted_ranks", title, words, figure)


def departures(found: Checked) -> Picture:
    """The ranks' empirical distribution less the uniform one, with its simultaneous band."""
    keys = list(found.uniform.parameter)
    title = "Departure of the ranks from a uniform distribution"
    key = ((0.012, "—", "share of ranks below, less that of a uniform", MAJORITY), (0.5, "■", "95 % band for the whole curve", GRID))  # fmt: skip
    with look("planted_ecdf"):
        figure, axes = sheet(title, _height(keys), _rows(keys), ACROSS, key=key, sharey=True)
        for ax, name in _panels(axes, keys):
            ranks = _ranks(found, name)
            share = np.arange(1, RANKS) / RANKS
            low, high = band(ranks.size)
            ax.fill_between(share, low - share, high - share, color=GRID, lw=0, step="mid")
            ax.step(share, ecdf(ranks) - share, where="mid", color=MAJORITY)
            ax.axhline(0, color=INK, lw=0.8)
            p = found.uniform.set_index("parameter").ecdf_p[name]
            ax.set(title=f"{name}   p = {p:.2g}", xlim=(0, 1), xlabel="rank as a share", ylabel="departure")
            grid(ax)
        words = (
            "A curve that leaves the grey band anywhere tells against uniform ranks (p below .05). Above zero first and below "
            "it later: too narrow; the other way round: too wide; all above or all below: shifted."
        )
        return picture("planted_ecdf", title, words, figure)


def recovery(calibration: Calibration, found: Checked) -> Picture:
    """Posterior means and 90 % intervals against the planted values."""
    keys = [factor.key for factor in calibration.free]
    ends = {factor.key: (factor.low, factor.high) for factor in calibration.free}
    title = "Found against planted"
    key = ((0.012, "●", "posterior mean, bar: central 90 %", MAJORITY), (0.42, "●", "bar misses the planted value", MINORITY), (0.76, "—", "found = planted", INK))  # fmt: skip
    with look("planted_recovery"):
        figure, axes = sheet(title, _height(keys, 2.8), _rows(keys), ACROSS, key=key)
        for ax, name in _panels(axes, keys):
            some = found.ranks[found.ranks.parameter == name]
            held = (some.q05 <= some.truth) & (some.truth <= some.q95)
            for part, colour in ((some[held], MAJORITY), (some[~held], MINORITY)):
                ax.vlines(part.truth, part.q05, part.q95, color=colour, lw=0.7, alpha=0.55)
                ax.plot(part.truth, part["mean"], "o", ms=2.6, color=colour, clip_on=False)
            ax.plot(ends[name], ends[name], color=INK, lw=0.9)
            row = found.contraction.set_index("parameter").loc[name]
            ax.set(title=f"{name}   contraction {row.contraction_mean:.2f}", xlim=ends[name], ylim=ends[name],
                   xlabel="planted", ylabel="found")  # fmt: skip
            ax.tick_params(length=0)
            ax.xaxis.set_major_locator(MaxNLocator(5))
            ax.yaxis.set_major_locator(MaxNLocator(5))
        share = found.coverage[found.coverage.level == 0.9].share.mean()
        words = (
            f"One city each. A parameter that is not learnt lies flat at the middle of its prior with bars over all of it. "
            f"{as_percent(round(share, 2))} of all bars hold the planted value; 90 % should, on average: values at an end of the "
            "prior are missed more often, those in its middle less."
        )
        return picture("planted_recovery", title, words, figure)


def _ranks(found: Checked, name: str) -> np.ndarray:
    return found.ranks.loc[found.ranks.parameter == name, "rank"].to_numpy()


def _rows(keys: list[str]) -> int:
    return math.ceil(len(keys) / ACROSS)


def _height(keys: list[str], row: float = TALL) -> float:
    return 0.6 + row * _rows(keys)


def _panels(axes, keys: list[str]):
    """Each parameter with its panel; panels left over are taken away. Grey of the key's words is that of notes."""
    for ax in axes.ravel()[len(keys) :]:
        ax.set_axis_off()
    for ax in axes.ravel():
        ax.title.set_color(MUTED)
    return zip(axes.ravel(), keys, strict=False)
