"""Held-out targets scored by CRPS against naive rivals, and the shares of single schools that no fit has seen.

The continuous ranked probability score (Gneiting & Raftery 2007) of a forecast is in the unit of the figure, smaller is
better; that of a point forecast is its absolute error. Skill is 1 less the ratio to a rival's score: above 0 is better.
"""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from abm.cities import rows
from abm.config import Config
from abm.config.declare import ScenarioError
from experiments.calibration.predictive import FITTED, NEAREST, RIVAL, Predicted, has_observed
from experiments.calibration.spec import Calibration, Target

NOISE = 77  # number of the stream that the tolerances' noise is drawn from
MODEL = "the model"


def crps(value: float, ensemble: Iterable[float]) -> float:
    """Score of an ensemble of forecasts; not a number without any."""
    try:
        from scoringrules import crps_ensemble
    except ImportError:
        raise ScenarioError('scores need scoringrules; install it with pip install "schoolflight[calibrate]"') from None
    members = np.asarray(list(ensemble), float)
    members = members[np.isfinite(members)]
    return float(crps_ensemble(float(value), members, backend="numpy")) if members.size else math.nan


def scored(calibration: Calibration, targets: Iterable[Target], predicted: Predicted) -> pd.DataFrame:
    """A row a target and rival: mean forecasts, both scores, skill. The model's draws bear the tolerance as normal noise."""
    out = []
    order = {target.name: number for number, target in enumerate(calibration.targets)}
    for target in targets:
        draws = predicted.figures[FITTED][target.name].to_numpy()
        noise = np.random.default_rng([calibration.seed, NOISE, order[target.name]]).standard_normal(draws.size)
        own = crps(target.value, draws + target.tolerance * noise)
        for rival, ensemble in rivals(target, predicted).items():
            score = crps(target.value, ensemble)
            out.append({
                "target": target.name, "value": target.value, "model": np.nanmean(draws), "crps": own, "rival": rival,
                "rival_forecast": np.nanmean(ensemble), "rival_crps": score, "skill": skill(own, score),
            })  # fmt: skip
    head = ["target", "value", "model", "crps", "rival", "rival_forecast", "rival_crps", "skill"]
    return pd.DataFrame(out, columns=head)


def rivals(target: Target, predicted: Predicted) -> dict[str, np.ndarray]:
    """The naive forecasts that there are of a target."""
    ensemble = predicted.figures[RIVAL][target.name].to_numpy()
    out = {"nearest school": ensemble[np.isfinite(ensemble)]}
    if target.persistence is not None:
        out["persistence"] = np.array([target.persistence])
    if target.copy is not None:
        out["another city"] = np.array([target.copy])
    return {name: values for name, values in out.items() if values.size}


def skill(own: float, rival: float) -> float:
    """1 less the ratio of scores; not a number against a perfect rival."""
    return 1 - own / rival if rival > 0 else math.nan


def by_school(calibration: Calibration, predicted: Predicted) -> pd.DataFrame | None:
    """Scores of the forecast minority share of each school, as means weighted by its pupils: the aggregate only.

    The model starts from nearest-school enrolment, so it has seen no school's composition, but sizes, and whatever
    targets say of all schools together. (Homes are those of the flows that were fitted to homes and schools at once, by which an
    area's pupils differ from its table by about one pupil.) None where the tables hold no compositions.
    """
    if not has_observed(calibration.config):
        return None
    minority, pupils = observed(calibration.config)
    draws = [row for row in predicted.schools[NEAREST] if row]
    nearest = [row for row in predicted.schools[RIVAL] if row]
    if not draws or not nearest:
        return None
    truth, mean = minority / np.maximum(pupils, 1), minority.sum() / pupils.sum()
    home = {key: np.mean([row[key] for row in nearest], axis=0) for key in ("area", "district")}
    forecasts = {
        MODEL: _shares(draws, mean), "nearest school": _shares(nearest, mean), "share of the city": np.full((1, truth.size), mean),
        "share at home, small area of the school": home["area"][None, : truth.size],
        "share at home, district of the school": home["district"][None, : truth.size],
    }  # fmt: skip
    score = {name: _weighted(truth, ensemble[:, : truth.size], pupils) for name, ensemble in forecasts.items()}
    return pd.DataFrame([
        {"forecast": name, "crps": value, "median_error": error, "skill_of_model": skill(score[MODEL][0], value),
         "schools": int((pupils > 0).sum())}
        for name, (value, error) in score.items()
    ])  # fmt: skip


def observed(config: Config) -> tuple[np.ndarray, np.ndarray]:
    """(school,) observed minority pupils and all pupils, of all grades."""
    heads = rows.read_schools(config.city, rows.read_areas(config.city)).heads
    return heads[:, 1:].sum(axis=1), heads.sum(axis=1)


def _shares(results: list[Mapping], mean: float) -> np.ndarray:
    """(set, school) minority share; a school without pupils is forecast to have the city's."""
    minority, pupils = (np.array([row[key] for row in results], float) for key in ("minority", "pupils"))
    return np.where(pupils > 0, minority / np.maximum(pupils, 1), mean)


def _weighted(truth: np.ndarray, ensemble: np.ndarray, pupils: np.ndarray) -> tuple[float, float]:
    """Score, and absolute error of the median, as means over pupils."""
    each = [crps(truth[s], ensemble[:, s]) for s in range(truth.size)]
    error = np.abs(np.median(ensemble, axis=0) - truth)
    return float(np.average(each, weights=pupils)), float(np.average(error, weights=pupils))
