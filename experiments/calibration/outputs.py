"""What a calibration leaves behind: the posterior file, tables, a scenario at its middle, provenance, figures, a page."""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd

from abm.config.declare import ScenarioError
from abm.results import write
from abm.scenario import load, to_tree
from abm.values import Groups, with_values
from experiments import posterior
from experiments.calibration import manifest, together
from experiments.calibration.conduct import Findings
from experiments.calibration.inference import Posterior
from experiments.calibration.predictive import FITTED, PARTICLES
from experiments.calibration.spec import Calibration, portable

FORMAT = "%.6g"


def write_posterior(
    calibration: Calibration, fit: Posterior, table: pd.DataFrame, off: dict[str, float], about: dict, folder: Path
) -> None:
    """posterior.csv, which run, compare and sweep read, and particles.csv, the sets before adjustment."""
    posterior.save(folder / "posterior.csv", table, lines(calibration, fit, off, about))
    write(folder / "particles.csv", fit.raw.to_csv(index=False, float_format="%.8g", lineterminator="\n"))
    write(folder / "generations.csv", fit.generations.to_csv(index=False, float_format=FORMAT, lineterminator="\n"))


def lines(calibration: Calibration, fit: Posterior, off: dict[str, float], about: dict) -> list[str]:
    """Where the sets come from, on every posterior file."""
    libraries = ", ".join(f"{name} {about['libraries'][name]}" for name in ("pyabc", "numpy"))
    tables = f", tables {about['tables']}" if about["tables"] else ""
    head = [
        f"{' '.join(calibration.title.split())}: sets of parameters with weights, by schoolflight calibrate {about['file']}",
        f"calibration {about['id']} of scenario {about['scenario']}{tables}",
        f"schoolflight {about['schoolflight']}, code {about['code']}, simulated by {about['simulated_by']}; {libraries}",
        f"{fit.simulations:,} simulations, {len(fit.generations)} generations, last epsilon {fit.generations['epsilon'].iloc[-1]:.4g}",
    ]
    head.append(adjustment(off))
    for factor in calibration.free:
        head.append(f"prior {factor.key}: uniform from {factor.low:g} to {factor.high:g}")
    for t in calibration.targets:
        use = "held out, not in the fit" if t.held_out else "fitted"
        head.append(f"target {t.name} ({t.measure}): {t.value:g}, tolerance {t.tolerance:g}, {use}; {' '.join(t.source.split())}")  # fmt: skip
    return head


def adjustment(off: dict[str, float]) -> str:
    """Which sets were taken, and by what."""
    adjusted, plain = off[FITTED], off[PARTICLES]
    numbers = f"median distance of what they predict from the fitted targets: {adjusted:.3g} tolerances adjusted, {plain:.3g} not"
    if plain < adjusted:
        return f"sets not adjusted by regression, which brings the predictions no nearer ({numbers})"
    return f"sets adjusted by local-linear regression ({numbers})"


def write_findings(found: Findings, folder: Path) -> None:
    """Everything else."""
    from experiments.calibration.page import write_page

    calibration = found.calibration
    tables = {
        "targets": found.targets, "starts": found.starts, "scores": found.scores, "scores_fitted": found.fitted_scores,
        "scores_by_school": found.by_school, "met_together": together.pairs(calibration, found.tried),
    }  # fmt: skip
    for name, table in tables.items():
        if table is not None:
            write(folder / f"{name}.csv", table.to_csv(index=False, float_format=FORMAT, lineterminator="\n"))
    write(folder / "scenario.toml", scenario(calibration, found.posterior, folder))
    about = manifest.portable_about(found.about) | {
        "simulations": found.fit.simulations, "generations": len(found.fit.generations), "sets": len(found.posterior),
    }  # fmt: skip
    write(folder / "provenance.json", json.dumps(about, indent=2, sort_keys=True) + "\n")
    write_page(found, folder)


def scenario(calibration: Calibration, table: pd.DataFrame, folder: Path) -> str:
    """A scenario file: the base, and over it what differs at the weighted medians of the posterior.

    Where the differences cannot be laid over the base (a group's value that would have to go), it is written in full.
    """
    final = with_values(calibration.config, posterior.middle(table))
    base = Path(os.path.relpath(calibration.scenario, folder)).as_posix()
    head = [
        f"# {' '.join(calibration.title.split())}: the weighted median of each calibrated parameter, not the best set.",
        f"# Calibration {calibration.identity()}; the medians say nothing of how sure they are: see posterior.csv and index.html.",
    ]
    groups = set(Groups.of(to_tree(final)).others)
    laid = [f"base = {json.dumps(base)}", *_different(to_tree(load(calibration.scenario)), to_tree(final), groups)]
    beside = folder / "scenario.toml"
    write(beside, "\n".join([*head, *laid, ""]))
    try:
        same = portable(to_tree(load(beside))) == portable(to_tree(final))
    except ScenarioError:
        same = False
    return "\n".join([*head, *(laid if same else _different({}, to_tree(final), groups)), ""])


def _different(one: Any, other: dict[str, Any], groups: set[str], prefix: str = "") -> list[str]:
    """Lines ``dotted.key = value`` for what ``other`` has otherwise than ``one``; the place of tables is left to --data.

    Values by group are written whole, since one group's alone is no value.
    """
    out = []
    for key, value in other.items():
        there = one.get(key) if isinstance(one, dict) else None
        name = (
            f"{prefix}{key if key.replace('_', '').replace('-', '').isalnum() and key.isascii() else json.dumps(key)}"
        )
        if name == "city.tables.folder" or value is None or value == there:
            continue
        if isinstance(value, dict) and value and not set(value) <= groups:
            out += _different(there or {}, value, groups, f"{name}.")
        else:
            out.append(f"{name} = {_toml(value)}")
    return out


def _toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(str(key))} = {_toml(part)}" for key, part in value.items() if part is not None)
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(part) for part in value)}]"
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
