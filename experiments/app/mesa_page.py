"""Mesa's own page of a small classroom city: ``solara run experiments/app/mesa_page.py``.

SolaraViz steps a model in one thread and draws in another. Here the views never look at the live model, which may be in the
middle of a year, but at its ``frames``: a tuple of years that are over, replaced as a whole at the end of each.
"""

import json
import threading
from pathlib import Path
from typing import Any, NamedTuple

from abm import SchoolChoiceModel, load
from abm.config import Config, parameters
from abm.figures import style

CLASSROOM = Path(__file__).resolve().parents[2] / "configs" / "classroom.toml"
LARGEST = 1000  # pupils: this page draws each year anew; for cities there is `schoolflight app`
SHOWN = {  # what can be set, and how it is called; values and bounds come from the declarations
    "city.pupils": "Pupils",
    "city.residential_dissimilarity": "D of homes",
    "choice.peers.majority": "Majority: weight of peers",
    "households.tolerance.majority": "Majority: own share liked",
    "choice.distance": "Weight of a kilometre",
    "admission.mechanism": "How places are given",
    "run.seed": "Seed",
}
NARROWER = {  # than declared: what so small a town can be
    "city.pupils": (200, LARGEST),
    "city.residential_dissimilarity": (0.1, 0.7),
    "run.seed": (1, 50),
}
_DECLARED = {p.key: p for p in parameters(Config)}
_DRAWING = threading.Lock()  # matplotlib's settings are the process's, and two visitors may draw at once


class Frame(NamedTuple):
    """A year that is over: nothing in it changes any more."""

    year: int
    d: float
    d_nearest: float
    d_homes: float
    away: tuple[float, float]  # majority's and minority's share outside the local school
    schools: tuple[tuple[str, float, float, int, float, float], ...]  # name, x, y, pupils, minority share, reputation
    homes: tuple[Any, Any, Any]  # (place,) x, y, minority share; not-a-number where nobody lives


class Classroom(SchoolChoiceModel):
    """The classroom city with settings by keyword, as SolaraViz makes models anew: ``Classroom(**{"run.seed": 2})``.

    scenario: Mesa's own, which its later versions hand over; settings are all that counts here.
    """

    def __init__(self, rng=None, scenario=None, **kwargs):
        config = load(CLASSROOM, [_override(key, value) for key, value in kwargs.items()])
        super().__init__(config, config.run.seed if rng is None else int(rng))
        self.frames: tuple[Frame, ...] = (frame(self),)

    def step(self) -> None:
        """A school year; its frame is added when it is over."""
        super().step()
        self.frames = (*self.frames, frame(self))
        self.running = self.year < self.config.run.years


def _override(key: str, value: Any) -> str:
    """A setting as `load` takes it; of one group's value the other groups keep their defaults."""
    if key in _DECLARED:
        return f"{key}={json.dumps(value)}"
    parent, _, group = key.rpartition(".")
    table = _DECLARED[parent].default | {group: value}
    return f"{parent}={{{', '.join(f'{name} = {number}' for name, number in table.items())}}}"


def frame(model: SchoolChoiceModel) -> Frame:
    """What the views show of the year that has just ended."""
    seen, world = model.indicators, model.world
    city, table = world.city, world.households
    total = _count(city, table.place)
    with_minority = _count(city, table.place[table.group > 0])
    share = with_minority / (total + 1e-12)
    share[total == 0] = float("nan")
    sides = (model.config.city.groups[0], model.config.city.minority)
    return Frame(
        model.year, seen["dissimilarity"], seen["dissimilarity_nearest"], seen["dissimilarity_residential"],
        tuple(float(seen["outside_local_school", side, "city"]) for side in sides),
        tuple((s.name, *s.pos, s.pupils, s.minority_share, s.reputation) for s in model.schools if s.open),
        (city.place_x, city.place_y, share),
    )  # fmt: skip


def _count(city, places):
    import numpy as np

    return np.bincount(places, minlength=city.place_x.size).astype(float)


def settings() -> dict[str, Any]:
    """The inputs of the page: value and bounds as declared, weights from none to twice their value."""
    from mesa.visualization import Slider

    values = Classroom().config
    out: dict[str, Any] = {}
    for key, label in SHOWN.items():
        parent = key if key in _DECLARED else key.rpartition(".")[0]
        declared, section = _DECLARED[parent], parent.partition(".")
        value = getattr(getattr(values, section[0]), section[2])
        value = value[key.rpartition(".")[2]] if isinstance(value, dict) else value
        if declared.choices:
            out[key] = {"type": "Select", "label": label, "value": value, "values": list(declared.choices)}
            continue
        low, high = _range(key, value, declared)
        step = 1 if key == "run.seed" else 50 if isinstance(value, int) else 0.05 if high - low <= 1 else 0.1
        out[key] = Slider(label, value, low, high, step, dtype=type(value))
    return out


def _range(key: str, value: float, declared: Any) -> tuple[float, float]:
    if key in NARROWER:
        return NARROWER[key]
    if declared.spread and abs(declared.high) > 1:
        low, high = sorted((0.0, 2 * value))
        return max(low, declared.low), min(high, declared.high)
    return declared.low, declared.high


def lines(model: Classroom):
    """D of schools beside its yardsticks, and flight, year by year."""
    frames, years = model.frames, model.config.run.years
    x = [f.year for f in frames]
    key = ((0.012, "—", "schools", style.SCHOOLS), (0.16, "- -", "homes", style.HOMES), (0.3, "-·", "nearest school", style.NEAREST),
           (0.56, "—", "majority", style.MAJORITY), (0.72, "- -", "minority", style.MINORITY))  # fmt: skip
    with _DRAWING, style.look("mesa-lines"):
        figure, axes = style.sheet(f"Year {frames[-1].year}", 3.4, 1, 2, key)
        left, right = axes[0]
        for values, colour, line in (
            ([f.d for f in frames], style.SCHOOLS, "-"),
            ([f.d_homes for f in frames], style.HOMES, "--"),
            ([f.d_nearest for f in frames], style.NEAREST, "-."),
        ):
            left.plot(x, values, line, color=colour, marker="o" if len(x) == 1 else None)
        for side, colour, line in ((0, style.MAJORITY, "-"), (1, style.MINORITY, "--")):
            right.plot(x, [f.away[side] for f in frames], line, color=colour, marker="o" if len(x) == 1 else None)
        left.set(title="D, segregation", xlim=(0, years), ylim=(0, 1), xlabel="school years")
        right.set(title="not at their local school", xlim=(0, years), ylim=(0, 1), xlabel="school years")
        right.yaxis.set_major_formatter(style.as_percent)
        for ax in (left, right):
            style.grid(ax)
    return _shown(figure)


def town(model: Classroom):
    """Homes and schools by minority share."""
    last = model.frames[-1]
    with _DRAWING, style.look("mesa-town"):
        key = (
            (0.012, "▪", "homes", style.MUTED),
            (0.12, "●", "schools, larger with more pupils; darker: larger minority share", style.MUTED),
        )
        figure, axes = style.sheet(f"The town in year {last.year}", 4.4, 1, 1, key)
        ax = axes[0, 0]
        x, y, share = last.homes
        ax.scatter(x, y, c=share, cmap=style.SHARE, vmin=0, vmax=1, marker="s", s=14, edgecolors="none")
        for name, east, north, pupils, minority, _ in sorted(last.schools, key=lambda s: -s[3]):
            ax.scatter(east, north, s=30 + 4 * pupils, color=style.SHARE(minority), edgecolors=style.INK, zorder=3)
            ax.annotate(
                f"{name}: {100 * minority:.0f} %", (east, north), (0, -17), textcoords="offset points", ha="center",
                fontsize=7.5, zorder=4, bbox={"fc": style.PAPER, "ec": "none", "alpha": 0.75, "pad": 0.6},
            )  # fmt: skip
        ax.set_aspect("equal")
        ax.margins(0.08)
        ax.axis("off")
    return _shown(figure)


def table(model: Classroom):
    """The schools of the year, one a row."""
    import pandas as pd
    import solara

    last = model.frames[-1]
    rows = [
        (name, pupils, round(100 * share), round(name_is, 2)) for name, _, _, pupils, share, name_is in last.schools
    ]
    frame_ = pd.DataFrame(rows, columns=["school", "pupils", "minority, %", "reputation, sd"])
    return solara.DataFrame(frame_, items_per_page=20)


def _shown(figure):
    import solara

    return solara.FigureMatplotlib(figure, format="png")


def make():
    """The page. Its parts are functions of frames, so no two threads meet in the model."""
    from mesa.visualization import SolaraViz

    return SolaraViz(
        Classroom(),
        components=[lines, town, table],
        model_params=settings(),
        name="schoolflight: a classroom city",
        play_interval=300,
    )


page = make()  # what `solara run` looks for
