"""Score a forecast that stands in the ledger against what came, and write the score into the ledger."""

import datetime
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from abm.config.declare import ScenarioError
from abm.results import write
from experiments.forecast.ledger import Ledger
from experiments.forecast.observed import rows
from experiments.forecast.scores import by_case, pit, summary
from experiments.forecast.store import KEY, read_draws

ACTUAL = {"first": "assigned_first_choice"}


def score(file: Path, data: Path | None, ledger: Ledger, actual: Path | None = None) -> dict:
    """Score the forecast ``file`` by the table it was fitted to, or by the figures of ``actual``; its new line."""
    entry = ledger.forecast(file)
    draws = read_draws(file.parent, entry)
    if actual is None and data is None:
        raise ScenarioError("--score: give --data DIR with the table of assignments, or --actual FILE with figures")
    source = actual or data / entry["assignments"]["file"]
    columns = ACTUAL if actual else {k: v for k, v in entry["assignments"].items() if k in ("code", "year", "first")}
    came = rows(source, columns, ("code", "year", "first"))
    came = came[came["year"].isin(entry["targets"])]
    if came.empty:
        raise ScenarioError(
            f"{source}: no figures of {', '.join(map(str, entry['targets']))}; it may be too early to score"
        )
    years = sorted(int(year) for year in came["year"].unique())
    known = [year for year in years if year in entry["years_in_data"]]
    _not_before(source, entry, [year for year in years if year not in known])
    cases = scored(draws, came)
    if cases.empty:
        raise ScenarioError(f"{source}: none of its centres is forecast; check the codes")
    tables = [summary(cases).assign(by="all")] + [summary(cases, by).assign(by=by) for by in ("year", "sector", "full")]
    result = pd.concat(tables, ignore_index=True)
    write(file.parent / "scores.csv", result.to_csv(index=False, float_format="%.6g"))
    write(file.parent / "cases.csv", cases.to_csv(index=False, float_format="%.6g"))
    whole = result[result["by"] == "all"].set_index("forecaster")
    text = came.sort_values(["year", "code"]).to_csv(index=False)
    told = {name: {k: round(float(row[k]), 4) for k in ("crps", "quantile_score", "error", "within_50", "within_90", "skill")} for name, row in whole.iterrows()}  # fmt: skip
    return ledger.add(
        "score", forecast=entry["sha256"], years=years, in_folder_before=known, actual=hashlib.sha256(text.encode()).hexdigest(),
        cases=int(whole["cases"].iloc[0]), scores=told,
    )  # fmt: skip


def _not_before(source: Path, entry: dict, years: list[int]) -> None:
    """Figures of years that the table did not have when the forecast was written must be of a later date than it."""
    written = datetime.datetime.fromisoformat(entry["time"]).timestamp()
    if years and source.stat().st_mtime < written:
        raise ScenarioError(
            f"{source}: is older than the forecast ({entry['time']}), which might have known its figures of "
            f"{', '.join(map(str, years))}; only a forecast written before its figures came is scored by them"
        )


def scored(draws: pd.DataFrame, came: pd.DataFrame) -> pd.DataFrame:
    """A row a forecaster, centre and year that has come: scores, the figure and its place in the forecast."""
    actual = came.set_index(["code", "year"])["first"]
    parts = []
    for name, own in draws.groupby("forecaster", sort=False):
        at = pd.MultiIndex.from_frame(own[["code", "year"]])
        own = own[at.isin(actual.index)]
        values = own.drop(columns=KEY).to_numpy(float).T
        seen = actual.reindex(pd.MultiIndex.from_frame(own[["code", "year"]])).to_numpy(float)
        if not seen.size:
            continue
        head = own[["code", "year", "sector", "full"]].reset_index(drop=True)
        case = by_case(str(name), values, seen).assign(
            actual=seen, median=np.median(values, axis=0), pit=pit(values, seen)
        )
        parts.append(pd.concat([head, case], axis=1))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
