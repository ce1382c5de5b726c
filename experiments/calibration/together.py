"""Which targets can be met together: the nearest that any simulation of the fit came to each pair of them."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.calibration.predictive import MET
from experiments.calibration.spec import Calibration
from experiments.shelf import Shelf


def kept(calibration: Calibration, path: Path) -> pd.DataFrame:
    """All simulations of a fit: free parameters, then figures, in an order that does not depend on how they were made."""
    results = [entry for _, entry in sorted(Shelf(path).results.items())]
    columns = [factor.key for factor in calibration.free], [target.name for target in calibration.targets]
    return pd.concat([
        pd.DataFrame([entry["values"] for entry in results], columns=columns[0], dtype=float),
        pd.DataFrame([entry["figures"] for entry in results], columns=columns[1], dtype=float),
    ], axis=1)  # fmt: skip


def gaps(calibration: Calibration, tried: pd.DataFrame) -> pd.DataFrame:
    """(simulation, fitted target) model less published, in tolerances; infinite where there is no figure."""
    return pd.DataFrame({
        t.name: ((tried[t.name] - t.value) / t.tolerance).fillna(np.inf) for t in calibration.fitted
    })  # fmt: skip


def pairs(calibration: Calibration, tried: pd.DataFrame) -> pd.DataFrame:
    """A row a pair of fitted targets (and each with itself): the simulation in which the worse met of both is met best."""
    gap, rows = gaps(calibration, tried), []
    names = [target.name for target in calibration.fitted]
    for a, b in [*((name, name) for name in names), *itertools.combinations(names, 2)]:
        worse = np.maximum(gap[a].abs(), gap[b].abs())
        best = int(worse.to_numpy().argmin())
        rows.append({
            "target": a, "with": b, "distance": worse[best], "figure": tried[a][best], "figure_with": tried[b][best],
        })  # fmt: skip
    return pd.DataFrame(rows)


def best(calibration: Calibration, tried: pd.DataFrame) -> pd.Series:
    """The simulation with the smallest sum of squared gaps."""
    return tried.iloc[int((gaps(calibration, tried) ** 2).sum(axis=1).to_numpy().argmin())]


def sentences(calibration: Calibration, tried: pd.DataFrame) -> list[str]:
    """What was met and what was not, in words, of the simulations that were tried."""
    found, targets = pairs(calibration, tried), {target.name: target for target in calibration.fitted}
    alone = found[found.target == found["with"]].set_index("target").distance
    out = [
        f"{a} is never met within {MET:g} tolerances: the nearest figure is {row.figure:.3g}, published is {targets[a].value:g}."
        for row in found.itertuples() if (a := row.target) == row[2] and alone[a] > MET
    ]  # fmt: skip
    for row in found.itertuples():
        a, b = row.target, row[2]
        if a != b and row.distance > MET and max(alone[a], alone[b]) <= MET:
            out.append(
                f"{a} and {b} are each met, but never together within {MET:g} tolerances: at the nearest, {a} is {row.figure:.3g} "
                f"(published {targets[a].value:g}) and {b} is {row.figure_with:.3g} (published {targets[b].value:g}), {row.distance:.1f} tolerances off."
            )
    if not out:
        out.append(f"Every pair of fitted targets is met within {MET:g} tolerances by some simulation.")
    return [*out, _all(calibration, tried)]


def _all(calibration: Calibration, tried: pd.DataFrame) -> str:
    gap = gaps(calibration, tried)
    met = int((gap.abs() <= MET).all(axis=1).sum())
    row = best(calibration, tried)
    figures = ", ".join(f"{t.name} {row[t.name]:.3g} (published {t.value:g})" for t in calibration.fitted)
    return (
        f"All {len(calibration.fitted)} fitted targets at once are met within {MET:g} tolerances by {met:,} of {len(tried):,} "
        f"simulations. The best of all has {figures}."
    )
