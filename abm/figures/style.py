"""One look for all figures: a colour for each concept, sizes for A4, and how a figure is saved as PNG and as SVG text.

Colours are those of Okabe & Ito (2008), told apart by readers with any kind of colour vision. Ink, paper, muted and grid
become variables of the page in the SVG, so that figures follow its light or dark colours.
"""

import io
import itertools
import re
from typing import NamedTuple

import matplotlib
from matplotlib import colormaps
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

INK, PAPER, MUTED, GRID = "#1b1f24", "#fffffe", "#5a646f", "#d8dde2"
MAJORITY, MINORITY = "#0072b2", "#c85400"
SCHOOLS, NEAREST, HOMES, CHANCE = INK, "#b4559a", "#00855f", MUTED
VARIABLES = {
    INK: "ink", PAPER: "paper", MUTED: "muted", GRID: "grid", MAJORITY: "majority", MINORITY: "minority",
    NEAREST: "nearest", HOMES: "homes",
}  # fmt: skip
SECTOR = {"state": "#56b4e9", "subsidised": "#f0e442", "private": "#e69f00"}
MARKER = {"state": "o", "subsidised": "s", "private": "^"}
SECTOR_NAME = {"state": "state school", "subsidised": "subsidised private school", "private": "private school"}
SHARE = colormaps["YlOrBr"]  # share of the minority, pale: low
WIDTH = 7.2  # inches, the text width of A4
LOOK = {
    "font.family": ["DejaVu Sans"], "font.size": 8.5, "axes.titlesize": 9, "axes.labelsize": 8.5,
    "axes.edgecolor": MUTED, "axes.labelcolor": INK, "text.color": INK, "xtick.color": MUTED, "ytick.color": MUTED,
    "axes.spines.top": False, "axes.spines.right": False, "axes.facecolor": "none", "figure.facecolor": PAPER,
    "axes.grid": False, "grid.color": GRID, "grid.linewidth": 0.6, "axes.axisbelow": True, "lines.linewidth": 1.8,
    "xtick.labelsize": 8, "ytick.labelsize": 8, "svg.fonttype": "none", "axes.titlelocation": "left",
}  # fmt: skip


class Picture(NamedTuple):
    """A figure as it is saved and shown."""

    name: str
    title: str
    caption: str
    png: bytes
    svg: str


def look(name: str):
    """A context in which figures are drawn in the house style, each with its own stable names inside the SVG."""
    return matplotlib.rc_context({**LOOK, "svg.hashsalt": name})


def sheet(title: str, height: float, rows: int = 1, columns: int = 1, key: tuple = (), **options):
    """A figure with its title at the upper left, below it a key (x, coloured mark, words, colour), and its axes."""
    figure = Figure(figsize=(WIDTH, height), dpi=150, layout="constrained")
    head = 0.5 if key else 0.38
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.04, wspace=0.06, hspace=0.06, rect=(0, 0, 1, 1 - head / height))
    figure.text(0.012, 1 - 0.17 / height, title, fontsize=11, fontweight="bold", va="center")
    for x, mark, words, colour in key:
        figure.text(x, 1 - 0.4 / height, mark, color=colour, fontweight="bold", va="center")
        figure.text(x + 0.011 * (1 + len(mark)), 1 - 0.4 / height, words, va="center")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def sides_key(present: list[tuple[str, str]]) -> tuple:
    """The key that says which line is which side; ``present`` as in Numbers."""
    marks = ((0.012, "—", MAJORITY), (0.45, "- -", MINORITY))
    return tuple(
        (x, mark, f"{name} pupils", colour) for (x, mark, colour), (_, name) in zip(marks, present, strict=False)
    )


def as_percent(value: float, _=None) -> str:
    """A tick of an axis of shares."""
    return f"{round(100 * value, 6):g} %"


def grid(ax, axis: str = "y") -> None:
    """Faint lines to read values by."""
    ax.grid(True, axis=axis)
    ax.tick_params(length=0)


def picture(name: str, title: str, caption: str, figure: Figure) -> Picture:
    """Save a figure: PNG at 150 dots an inch, and SVG text to be put into a page."""
    png, svg = io.BytesIO(), io.StringIO()
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")  # positions stand; laying out again for each format would take half the time
    figure.savefig(png, format="png", dpi=150, metadata={"Software": None})
    figure.patch.set_alpha(0)
    for mesh in figure.findobj(QuadMesh):  # matplotlib makes pixels of long colour bars
        mesh.set(rasterized=False, edgecolor="face", linewidth=0.8)
    figure.savefig(svg, format="svg", metadata={"Date": None})
    return Picture(name, title, caption, png.getvalue(), inline(svg.getvalue()))


def inline(svg: str) -> str:
    """An SVG file as part of a page: no headers, no links, no names but those that are used, colours as variables."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"| (?:width|height)="[\d.]+pt"| version="1.1"', "", svg, flags=re.S)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'<g id="[\w.]+_\d+"', "<g", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    svg = re.sub(
        r"<[^>]+>", lambda tag: re.sub(r"(?<![\w.#])(-?\d+\.\d\d)\d+", r"\1", tag[0]), svg
    )  # finer than any printer
    return re.sub(r"\n\s*", "\n", svg).strip()


def spaced(values: list[float], gap: float) -> list[float]:
    """Heights for labels at ``values``, at least ``gap`` apart, as near as may be."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    out = list(values)
    for _ in range(200):
        moved = False
        for a, b in itertools.pairwise(order):
            short = gap - (out[b] - out[a])
            if short > 1e-9:
                out[a] -= short / 2
                out[b] += short / 2
                moved = True
        if not moved:
            break
    low = min(out, default=0.0)
    return [value - min(low, 0.0) for value in out]
