"""Diaz, D. A., Jimenez, A. M. & Larroulet, C. (2019). An agent-based model of school choice with information asymmetries. Journal
of Simulation, doi:10.1080/17477778.2019.1679674, pages 130-147 of its printed volume.

The paper follows Maroulis et al. 2014 with data of Santiago de Chile. Going from neighbourhood schools to choice can bring more
pupils to schools of high achievement; but only families with high income weigh achievement, the others take the nearest school. It
then adds the policy called traffic lights, by which Chile published every school in one of three colours in 2010.

What is the same:

- A torus with schools at random sites and of fixed quality; families at random homes, a quarter with high income.
- Without choice all attend the nearest school. With choice families with high income weigh quality against distance; to those with
  low income all schools seem alike (``perception.prior = 1``), so that they still go by distance.
- Lights: families with low income weigh the colour of a school, the mean of its third, as the others weigh its quality
  (``perception.lights = 1``, the lever of the policy ``traffic_light``).

What differs, and why:

- Of the paper itself we had the abstract and the description of the authors' published NetLogo program. The abstract says that
  choice can raise achievement; it gives no result for the lights. For these we use runs of the authors' program that others have
  published (github.com/patarakin/stat-data, School_Choice_7200.csv: 30 runs a setting). With a quarter of high incomes, a
  transport cost of 40 and alpha .5, the mean D between incomes is .20 without choice, .54 with choice and .49 with lights; its
  column "delta-Achievement", which we read as the gap between incomes, is about 0, 1.02 and .82. Only directions are checked:
  these runs do not say how many schools and families there were.
- Utility is linear: quality in sd times a weight, minus kilometres, without taste; no families in between and no private schools
  that only high incomes can pay.
- Places are ample (six times the families), so that information alone decides; each year is a new cohort, since quality is fixed.
- A third of the schools has each colour; Chile drew the borders by scores.
"""

import numpy as np

from abm.config import Config
from abm.figures.style import HOMES, INK, MAJORITY, MINORITY, Picture, grid, look, picture, sheet, spaced
from abm.schools import true_quality
from abm.segregation import dissimilarity
from experiments.replications.checks import above, below, near
from experiments.replications.lab import Case, Lab
from experiments.replications.paper import Outcome
from experiments.replications.worlds import last_world
from experiments.statistics.student import t_radius

CITE = "Diaz, Jimenez & Larroulet 2019, Journal of Simulation"
CLAIM = "Choice by informed families raises mean quality, segregation and the gap; three colours for the others raise it further and narrow both."

NEIGHBOURHOOD, CHOICE, LIGHTS, ALL_KNOW = "neighbourhood", "choice", "choice and lights", "all informed"
COLOURED = ("perception.lights=1.0", 'perception.lights_of="quality"')
SYSTEMS = {CHOICE: (), LIGHTS: COLOURED, ALL_KNOW: ("perception.growth=1.0", "perception.prior=0.0")}
COLOURS = {NEIGHBOURHOOD: INK, CHOICE: MINORITY, LIGHTS: HOMES, ALL_KNOW: MAJORITY}
EQUAL = ("households.status_gap=0.0",)  # both kinds know as much: half, give or take
WEIGHT = 1.0  # of a standard deviation of quality, in kilometres: where the checks are made
WHY = "only the direction is known: 95 % Student interval of differences within seeds"
RUNS = "direction of published runs of the authors' program: 95 % Student interval of differences within seeds"


def play(config: Config, seed: int) -> dict:
    """Of the last cohort: mean quality attended, by all and by each kind of family, their gap, and D between the kinds."""
    world, _ = last_world(config, seed)
    table, schools = world.households, world.schools
    quality, high = true_quality(schools, world.year)[table.school].astype(float), table.group == 1
    heads = [np.bincount(table.school[kind], minlength=schools.open.size) for kind in (high, ~high)]
    return {
        "quality": float(quality.mean()),
        "high": float(quality[high].mean()),
        "low": float(quality[~high].mean()),
        "gap": float(quality[high].mean() - quality[~high].mean()),
        "dissimilarity": float(dissimilarity(np.stack(heads, axis=1))),
    }


def replicate(lab: Lab) -> Outcome:
    """Neighbourhood schools, choice, choice with lights and choice with all informed, by the weight on quality; and contrasts."""
    seeds = range(1, 5 if lab.quick else 21)
    systems = [({"system": NEIGHBOURHOOD, "weight": 0.0}, ["choice.reputation=0.0"])]
    systems += [({"system": f"{LIGHTS}, weight 0", "weight": 0.0}, ["choice.reputation=0.0", *COLOURED])]
    systems += [({"system": f"{CHOICE}, equally informed", "weight": WEIGHT}, list(EQUAL))]
    systems += [
        ({"system": name, "weight": weight}, [f"choice.reputation={weight}", *extra])
        for weight in ((0.5, WEIGHT) if lab.quick else (0.25, 0.5, WEIGHT, 1.5, 2.0))
        for name, extra in SYSTEMS.items()
    ]
    cases = [Case(labels, lab.scenario("diaz", *extra), seed) for labels, extra in systems for seed in seeds]
    table = lab.play(play, cases, "diaz")
    return Outcome(checks(table), [figure(table)], {"systems": table}, notes(table))


def of(table, system: str, what: str) -> np.ndarray:
    """(seed,) a figure of a system at the weight at which the checks are made."""
    rows = table[(table.system == system) & table.weight.isin((0.0, WEIGHT))]
    return rows.sort_values("seed")[what].to_numpy()


def checks(table) -> list:
    """The abstract's direction, those of the published runs, and the contrasts."""

    def step(to: str, start: str, what: str) -> np.ndarray:
        return of(table, to, what) - of(table, start, what)

    nobody_cares, alike = f"{LIGHTS}, weight 0", f"{CHOICE}, equally informed"
    return [
        above("mean quality attended: choice against neighbourhood", 0, step(CHOICE, NEIGHBOURHOOD, "quality"), WHY + ", from the abstract"),
        above("D between incomes: choice against neighbourhood", 0, step(CHOICE, NEIGHBOURHOOD, "dissimilarity"), RUNS),
        above("gap between incomes: choice against neighbourhood", 0, step(CHOICE, NEIGHBOURHOOD, "gap"), RUNS),
        above("mean quality attended: lights against choice", 0, step(LIGHTS, CHOICE, "quality"), "the policy's aim; " + WHY),
        below("D between incomes: lights against choice", 0, step(LIGHTS, CHOICE, "dissimilarity"), RUNS),
        below("gap between incomes: lights against choice", 0, step(LIGHTS, CHOICE, "gap"), RUNS),
        above("D between incomes: lights against neighbourhood", 0, step(LIGHTS, NEIGHBOURHOOD, "dissimilarity"), RUNS),
        near("D: choice against neighbourhood, all equally informed", 0, step(alike, NEIGHBOURHOOD, "dissimilarity"),
             step(CHOICE, NEIGHBOURHOOD, "dissimilarity").mean() / 10,
             "contrast: without asymmetry choice does not segregate; a tenth of what it does with asymmetry"),
        near("mean quality: lights against none, nobody weighs quality", 0, step(nobody_cares, NEIGHBOURHOOD, "quality"), 0,
             "contrast: a signal acts through the weight on quality alone: exact"),
    ]  # fmt: skip


def notes(table) -> list[str]:
    """What the three systems are worth, in words."""
    low = {name: of(table, name, "low").mean() for name in (NEIGHBOURHOOD, CHOICE, LIGHTS, ALL_KNOW)}
    part = (low[LIGHTS] - low[CHOICE]) / (low[ALL_KNOW] - low[CHOICE])
    d = {name: of(table, name, "dissimilarity").mean() for name in low}
    return [
        f"With weight {WEIGHT:g}, D between incomes is {d[NEIGHBOURHOOD]:.2f} without choice, {d[CHOICE]:.2f} with choice, "
        f"{d[LIGHTS]:.2f} with lights and {d[ALL_KNOW]:.2f} if all were informed; in the published runs of the authors' program .20, "
        ".54 and .49 (other numbers of schools and families).",
        f"Three colours give families with low income {100 * part:.0f} % of what full information would (in mean quality attended): "
        "here lights do more than in those runs, since ours are weighed as heavily as quality is and places are ample.",
    ]


def figure(table) -> Picture:
    """D between incomes, and quality attended by families with low income, against the weight on quality."""
    with look("diaz"):
        sheet_, axes = sheet("Three colours for those who do not know", 3.3, 1, 2)
        panels = (("dissimilarity", "D between incomes"), ("low", "Quality attended by low incomes, sd"))
        for ax, (what, title) in zip(axes[0], panels, strict=True):
            ends = [_line(ax, table, name, what) for name in COLOURS]
            span = ax.get_ylim()[1] - ax.get_ylim()[0]
            lowest = min(ends)
            for height, (name, colour) in zip(
                spaced([e - lowest for e in ends], 0.075 * span), COLOURS.items(), strict=True
            ):
                ax.text(1.02, lowest + height, name, color=colour, va="center", transform=ax.get_yaxis_transform())
            ax.set_xlabel("weight of a sd of quality, km")
            ax.set_title(title)
            ax.set_xlim(0, float(table.weight.max()))
            grid(ax)
        caption = (
            f"Means over {table.seed.nunique()} seeds with 95 % Student intervals. Families with high income are always informed. "
            "Left: choice by them alone sets them apart; colours bring others to the same schools. Right: what those others "
            "attend. Command: schoolflight replicate diaz."
        )
        return picture("lights", "Choice, asymmetric information and three colours", caption, sheet_)


def _line(ax, table, name: str, what: str) -> float:
    """Mean over seeds and its interval by weight, from neighbourhood schools at weight 0; returns the last mean."""
    rows = table[(table.system == name) | (table.system == NEIGHBOURHOOD)]
    found = rows.groupby("weight")[what].agg(["mean", "std", "size"])
    if name == NEIGHBOURHOOD:
        found = found.reindex([0.0, float(table.weight.max())]).ffill()
    radius = np.array([float(t_radius(sd, int(n))) for sd, n in zip(found["std"], found["size"], strict=True)])
    style = "--" if name == NEIGHBOURHOOD else "-"
    ax.fill_between(
        found.index, found["mean"] - radius, found["mean"] + radius, color=COLOURS[name], alpha=0.15, linewidth=0
    )
    ax.plot(found.index, found["mean"], style, color=COLOURS[name], marker=None if style == "--" else "o", markersize=3)
    return float(found["mean"].iloc[-1])
