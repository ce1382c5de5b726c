"""A forecast on disk: forecast.csv, the draws it sums up, those of the rivals, and what is known about how it was made."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm import __version__
from abm.config.declare import ScenarioError
from abm.results import write
from experiments.forecast.conduct import Made, code_digest
from experiments.forecast.ledger import Ledger, file_hash
from experiments.forecast.observed import years_of
from experiments.forecast.scores import NAMES, summed_up

FILE, DRAWS, ABOUT = "forecast.csv", "draws.parquet", "about.json"
KEY = ["forecaster", "code", "year", "sector", "full"]


def put_down(made: Made, folder: Path, ledger: Ledger, data: Path, sets: Path | None = None) -> dict:
    """Write the forecast and its line in the ledger; a forecast that is there already, to the byte, gets no second line."""
    write(folder / FILE, table(made).to_csv(index=False, float_format="%.6g"))
    long(made).to_parquet(folder / DRAWS, index=False)
    write(folder / ABOUT, json.dumps(about(made, data, sets), indent=1, ensure_ascii=False) + "\n")
    digest = file_hash(folder / FILE)
    for entry in ledger.lines:
        if entry["kind"] == "forecast" and entry["sha256"] == digest and entry["draws"] == _content(folder / DRAWS):
            return entry
    known = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    kept = (
        "identity",
        "title",
        "code",
        "schoolflight",
        "fit",
        "targets",
        "fitted_rows",
        "posterior",
        "years_in_data",
        "assignments",
    )
    return ledger.add(
        "forecast", file=FILE, sha256=digest, draws=_content(folder / DRAWS), **{key: known[key] for key in kept}
    )


def table(made: Made) -> pd.DataFrame:
    """A row a centre and year: mean, quantiles, and the places of the last fitted year."""
    values = made.draws["model"]
    quantiles = summed_up(values)
    parts = []
    for j, year in enumerate(made.plan.targets):
        columns = {name: quantiles[k, j] for k, name in enumerate(NAMES)}
        head = {"code": made.panel.codes, "year": year, "mean": values[:, j].mean(axis=0)}
        parts.append(pd.DataFrame(head | columns | {"places": made.panel.places[:, -1].astype(int)}))
    return pd.concat(parts).sort_values(["code", "year"], ignore_index=True)


def long(made: Made) -> pd.DataFrame:
    """A row a forecaster, centre and year, with a column a draw."""
    parts = []
    for name, values in made.draws.items():
        for j, year in enumerate(made.plan.targets):
            head = {
                "forecaster": name, "code": made.panel.codes, "year": year, "sector": made.panel.sector,
                "full": made.panel.full[:, -1],
            }  # fmt: skip
            body = pd.DataFrame(values[:, j].T.astype(np.int16), columns=[f"d{k}" for k in range(len(values))])
            parts.append(pd.concat([pd.DataFrame(head), body], axis=1))
    return pd.concat(parts, ignore_index=True)


def about(made: Made, data: Path, sets: Path | None) -> dict[str, Any]:
    """What the page and the ledger tell of how it was made."""
    plan, fit, levels, whole = made.plan, made.fit, made.levels, made.whole
    there = np.isfinite(whole.first[:, -1])
    return {
        "title": plan.title, "identity": plan.identity(sets.read_text(encoding="utf-8") if sets else ""), "code": code_digest(),
        "schoolflight": __version__, "fit": list(plan.years), "targets": list(plan.targets), "fitted_rows": whole.digest,
        "posterior": file_hash(sets) if sets else "", "assignments": plan.assignments,
        "years_in_data": years_of(data / plan.assignments["file"], plan.assignments),
        "centres": len(made.panel.codes), "left_out": int(there.sum()) - len(made.panel.codes),
        "first": [float(v) for v in np.nansum(made.panel.first, axis=0)],
        "listed": [float(v) for v in np.nansum(made.panel.first + made.panel.other, axis=0)],
        "full": int(made.panel.full[:, -1].sum()), "runs": plan.members, "draws": plan.members * plan.draws,
        "parameters": "posterior" if sets else plan.parameters, "places": plan.places,
        "chance": float(levels.chance.mean()), "drift": float(levels.drift.mean()), "own": [round(float(v), 3) for v in fit.own],
        "shift": [round(float(v), 3) for v in fit.shift.std(axis=1)], "missed": fit.missed, "news": [round(float(v), 2) for v in fit.news],
        "change": {str(year): by for year, by in plan.change.items()}, "change_sd": plan.change_sd, "change_source": plan.change_source,
    }  # fmt: skip


def read_draws(folder: Path, entry: dict) -> pd.DataFrame:
    """The draws that belong to a line of the ledger. ScenarioError where they are lost or changed."""
    path = folder / DRAWS
    if not path.is_file():
        raise ScenarioError(f"{path}: no such file; keep the draws beside {FILE}: scores are theirs")
    if _content(path) != entry["draws"]:
        raise ScenarioError(f"{path}: its content is not what the ledger has: it was changed after it was written")
    return pd.read_parquet(path)


def _content(path: Path) -> str:
    """SHA-256 of a Parquet file's rows: what stands in it, whatever library wrote it. ScenarioError if it is broken."""
    try:
        rows = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{path}: cannot be read ({error}); it was changed after it was written") from None
    digest = hashlib.sha256(json.dumps(list(rows.columns)).encode())
    digest.update(rows[KEY].to_csv(index=False).encode())
    digest.update(np.ascontiguousarray(rows.drop(columns=KEY).to_numpy(np.int32)).tobytes())
    return digest.hexdigest()
