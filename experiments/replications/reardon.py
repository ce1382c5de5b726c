"""Reardon, S. F., Kasman, M., Klasik, D. & Baker, R. (2016). Agent-Based Simulation Models of the College Sorting Process.
Journal of Artificial Societies and Social Simulation 19(1) 8, doi:10.18564/jasss.2993.

The paper lets students apply to colleges, colleges admit and students enrol, cohort after cohort, and switches on and off five
ways in which a family's resources reach the outcome: achievement, the quality of information, the number of applications, the
worth given to quality, and the polish of an application. Its finding: the link of resources and achievement explains much of the
sorting of students by resources, and the other links have influences of their own that are not trivial.

What is the same:

- Students differ in resources (our status); places go to the best by earlier attainment (deferred acceptance, points for
  attainment); 40 colleges, each with as many places.
- Three of the five links, each alone and together: attainment correlated with status (``households.attainment_status``), error of
  belief that shrinks with information that rises with status (``households.information_slope``), and applications that rise with
  status (``choice.length_slope``).
- The decomposition: each link alone, all together, and all but one.

What differs, and why:

- Only directions are checked. We had the paper's abstract and the description of its mechanisms, not its table of parameters; the
  sizes of the links are assumptions, and a further table repeats the decomposition with others.
- Students do not weigh their own chances of admission: the model's families weigh chances only where immediate acceptance rewards
  it, and then the same chance for all. They list what they believe to be best. So information here is about colleges alone.
- Quality is fixed; in the paper it drifts with the students of past years. Cohorts therefore do not depend on each other.
- Whoever no listed college admits is placed where places are left; in the paper such a student may go nowhere.
- Tastes differ (a Gumbel number a student and college); the worth given to quality and the polish of applications are left out.
"""

import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator

from abm.config import Config
from abm.figures.style import (
    HOMES,
    INK,
    MAJORITY,
    MINORITY,
    MUTED,
    NEAREST,
    Picture,
    as_percent,
    grid,
    look,
    picture,
    sheet,
    spaced,
)
from abm.schools import true_quality
from experiments.replications.checks import above, near
from experiments.replications.lab import Case, Lab
from experiments.replications.paper import Outcome
from experiments.replications.worlds import last_world
from experiments.statistics.student import t_radius

CITE = "Reardon, Kasman, Klasik & Baker 2016, JASSS 19(1) 8"
CLAIM = "Better information and more applications of families with resources sort students by resources, achievement does so most."

LINKS = {
    "achievement": "households.attainment_status",
    "information": "households.information_slope",
    "applications": "choice.length_slope",
}
NONE, ALL = "no link", "all three"
COMBINATIONS = {
    NONE: (), "achievement": ("achievement",), "information": ("information",), "applications": ("applications",),
    "information + applications": ("information", "applications"),
    "achievement + information": ("achievement", "information"),
    "achievement + applications": ("achievement", "applications"), ALL: tuple(LINKS),
}  # fmt: skip
NO_ERROR, ROOM = ("perception.noise=0.0",), ("city.slack=5.0",)  # under these a link has nothing to work through
OTHERS = {
    "half the error": ("perception.noise=2.0",), "six applications": ("choice.length=6",),
    "quality weighs twice": ("choice.reputation=2.0",),
}  # fmt: skip
COLOURS = {"applications": NEAREST, NONE: MUTED, "information": HOMES, "achievement": MAJORITY, ALL: MINORITY}
STUDENTS = 4000
ONLY_DIRECTION = "only the direction is known: 95 % Student interval of differences within seeds"


def play(config: Config, seed: int) -> dict:
    """Of the last cohort: correlation of status with the quality attended; shares at the best tenth of schools by status."""
    world, _ = last_world(config, seed)
    table, quality = world.households, true_quality(world.schools, world.year)
    best = np.argsort(-quality, kind="stable")[: quality.size // 10]
    tenth = np.argsort(np.argsort(table.status, kind="stable"), kind="stable") * 10 // table.id.size
    top = np.isin(table.school, best)
    return {
        "sorting": float(np.corrcoef(table.status, quality[table.school])[0, 1]),
        "top": [float(top[tenth == t].mean()) for t in range(10)],
    }


def replicate(lab: Lab) -> Outcome:
    """Each link alone, all together and all but one; and the links where they have nothing to work through."""
    seeds = range(1, 5 if lab.quick else 17)
    pairs = [(name, (), name) for name in COMBINATIONS]
    pairs += [(f"{link}, {words}", extra, link) for link, words, extra in CONTRASTS]
    pairs += [(f"{NONE}, {words}", extra, NONE) for _, words, extra in CONTRASTS]
    cases = [
        Case({"links": label}, lab.scenario("reardon", *switched(links), *extra), seed)
        for label, extra, links in pairs
        for seed in seeds
    ]
    table = lab.play(play, cases, "reardon")
    sorting = {name: rows.sort_values("seed").sorting.to_numpy() for name, rows in table.groupby("links")}
    outcome = Outcome(checks(sorting), [figure(table, sorting)], {"sorting": table.drop(columns="top")}, notes(sorting))
    if not lab.quick:
        outcome.tables["other_sizes"] = other_sizes(lab)
    return outcome


CONTRASTS = (("information", "beliefs without error", NO_ERROR), ("applications", "room for all", ROOM))


def switched(name: str) -> list[str]:
    """Overrides that switch off all links but those of a combination."""
    return [f"{key}=0.0" for link, key in LINKS.items() if link not in COMBINATIONS[name]]


def checks(sorting: dict[str, np.ndarray]) -> list:
    """The paper's directions, and what is left of a link that has nothing to work through."""
    base, whole = sorting[NONE], sorting[ALL]
    chance = 3 / np.sqrt(STUDENTS * base.size)
    sure = "without errors information changes nothing: exact"
    few = "a tenth of the rise by applications alone: with six times as many places few are still refused, at the best schools"
    alone = sorting["applications"] - base
    return [
        near("sorting without any link", 0, base, chance, "three standard errors of a correlation over all students"),
        above("rise by information alone", 0, sorting["information"] - base, ONLY_DIRECTION),
        above("rise by applications alone", 0, alone, ONLY_DIRECTION),
        above("rise by information and applications", 0, sorting["information + applications"] - base, ONLY_DIRECTION),
        above("rise by both, on top of achievement", 0, whole - sorting["achievement"], ONLY_DIRECTION),
        above("achievement: loss without it, less loss without both others", 0,
              sorting["achievement"] - sorting["information + applications"], ONLY_DIRECTION + ": explains more than the others"),
        near("rise by information, beliefs without error", 0, rise(sorting, *CONTRASTS[0]), 0, sure),
        near("rise by applications, room for all", 0, rise(sorting, *CONTRASTS[1]), abs(alone.mean()) / 10, few),
    ]  # fmt: skip


def rise(sorting: dict[str, np.ndarray], link: str, words: str, _: tuple) -> np.ndarray:
    """(seed,) what a link adds under a contrast."""
    return sorting[f"{link}, {words}"] - sorting[f"{NONE}, {words}"]


def other_sizes(lab: Lab):
    """The rise of sorting by each combination over none, for other sizes than the scenario's: mean and half-width of the interval."""
    seeds = range(1, 7)
    cases = [
        Case({"sizes": sizes, "links": name}, lab.scenario("reardon", *extra, *switched(name)), seed)
        for sizes, extra in OTHERS.items()
        for name in COMBINATIONS
        for seed in seeds
    ]
    wide = lab.play(play, cases, "reardon, other sizes").pivot(
        index=["sizes", "seed"], columns="links", values="sorting"
    )
    rows = []
    for sizes in OTHERS:
        here = wide.loc[sizes]
        for name in [n for n in COMBINATIONS if n != NONE]:
            change = (here[name] - here[NONE]).to_numpy()
            rows.append((sizes, name, change.mean(), float(t_radius(change.std(ddof=1), change.size)), change.size))
    return pd.DataFrame(rows, columns=["sizes", "links", "rise", "half_width", "seeds"])


def notes(sorting: dict[str, np.ndarray]) -> list[str]:
    """How much each link explains, in words."""
    whole = sorting[ALL].mean()
    lost = {link: whole - sorting[name].mean() for link, name in (
        ("achievement", "information + applications"), ("information", "achievement + applications"),
        ("applications", "achievement + information"))}  # fmt: skip
    parts = ", ".join(f"{loss:.3f} without {link}" for link, loss in lost.items())
    return [
        f"With all three links the correlation of status and quality attended is {whole:.3f}; it loses {parts}.",
        "Information acts at the top, since errors keep families from the best schools; applications act on who is admitted "
        "anywhere, since a short list may end without a place.",
    ]


def figure(table, sorting: dict[str, np.ndarray]) -> Picture:
    """Left: share at the best tenth of schools by tenth of status. Right: sorting by links, with intervals."""
    with look("reardon"):
        sheet_, axes = sheet("Who comes to the best schools, and by which link", 3.3, 1, 2, width_ratios=(1.15, 1))
        left, right = axes[0]
        _by_status(left, table)
        _decomposed(right, sorting)
        caption = (
            "Left: share of each tenth of families by status who attend one of the four best of forty schools, mean of "
            f"{sorting[NONE].size} seeds. Right: correlation of status and quality of the school attended, with 95 % "
            "Student intervals. Command: schoolflight replicate reardon."
        )
        return picture("sorting", "Sorting by resources", caption, sheet_)


def _by_status(ax, table) -> None:
    ends = []
    for name, colour in COLOURS.items():
        mean = np.mean(table[table.links == name].top.tolist(), axis=0)
        ax.plot(np.arange(1, 11), mean, color=colour, linestyle="--" if name == NONE else "-")
        ends.append((mean[-1], name, colour))
    for height, (_, name, colour) in zip(spaced([e[0] for e in ends], 0.022), ends, strict=True):
        ax.text(10.25, height, name, color=colour, va="center")
    ax.set_xlim(1, 13.6)
    ax.set_xticks([1, 4, 7, 10])
    ax.set_ylim(0, None)
    ax.yaxis.set_major_locator(MultipleLocator(0.05))
    ax.yaxis.set_major_formatter(as_percent)
    ax.set_xlabel("tenth of families by status, lowest to highest")
    ax.set_title("Share at the best tenth of schools")
    grid(ax)


def _decomposed(ax, sorting: dict[str, np.ndarray]) -> None:
    for k, name in enumerate(reversed(COMBINATIONS)):
        values = sorting[name]
        radius = float(t_radius(values.std(ddof=1), values.size))
        ax.errorbar(values.mean(), k, xerr=radius, fmt="o", color=COLOURS.get(name, INK), markersize=4, capsize=2)
    ax.axvline(0, color=MUTED, linewidth=0.8)
    ax.set_yticks(range(len(COMBINATIONS)), list(reversed(COMBINATIONS)), color=INK)
    ax.set_xlabel("correlation")
    ax.set_title("Status and quality attended")
    grid(ax, "x")
