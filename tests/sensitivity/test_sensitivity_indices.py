"""Indices against functions whose answers are known: Ishigami, a linear function, a factor that does nothing."""

import numpy as np
import pandas as pd
import pytest

from abm.config.declare import ScenarioError
from experiments.sensitivity.indices import indices, prefixes
from experiments.sweep.design import sample
from experiments.sweep.factors import Factor
from experiments.sweep.spec import Sweep

KEYS = ("x1", "x2", "x3", "nothing")
PROBLEM = {"num_vars": 4, "names": list(KEYS), "bounds": [[0.0, 1.0]] * 4}


def plan(design, samples):
    factors = tuple(Factor(key, low=0.0, high=1.0) for key in KEYS)
    return Sweep("t", {}, {}, factors, design, samples, 4, 1, 1, 1, (0,), ("dissimilarity",))


def ishigami(shares, a=7.0, b=0.1):
    """sin x1 + a sin^2 x2 + b x3^4 sin x1 on [-pi, pi]^3 (Ishigami & Homma 1990)."""
    x = -np.pi + 2 * np.pi * shares[:, :3]
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def by_key(table):
    return table.set_index("key")


def test_sobol_finds_ishigamis_indices():
    """Exact, a = 7, b = .1: S1 .3139, .4424, 0; ST .5576, .4424, .2437; within the bootstrap intervals times two."""
    shares = sample(plan("sobol", 4096))
    found = by_key(indices("sobol", PROBLEM, shares, ishigami(shares)))
    exact = pd.DataFrame({"S1": [0.3139, 0.4424, 0, 0], "ST": [0.5576, 0.4424, 0.2437, 0]}, index=KEYS)
    for order in ("S1", "ST"):
        assert found[order].to_numpy() == pytest.approx(exact[order].to_numpy(), abs=0.03)
        assert (np.abs(found[order] - exact[order]) <= 2 * found[f"{order}_conf"] + 1e-9).all()
    assert found.ST["nothing"] == pytest.approx(0, abs=1e-12)


def test_morris_ranks_a_linear_function_exactly():
    """y = 5 x1 - 2 x2: mu* is 5 and 2 (over the range 0 to 1), sigma 0; the sign of mu is the factor's."""
    shares = sample(plan("morris", 12))
    found = by_key(indices("morris", PROBLEM, shares, 5 * shares[:, 0] - 2 * shares[:, 1]))
    assert found.mu_star.tolist() == pytest.approx([5, 2, 0, 0], abs=1e-9)
    assert found.mu.tolist() == pytest.approx([5, -2, 0, 0], abs=1e-9)
    assert found.sigma.tolist() == pytest.approx([0] * 4, abs=1e-9)


def test_morris_sees_interactions():
    shares = sample(plan("morris", 12))
    found = by_key(indices("morris", PROBLEM, shares, shares[:, 0] * shares[:, 1]))
    assert found.sigma["x1"] > 0.1
    assert found.mu_star["nothing"] == 0


def test_pawn_tells_what_matters_from_a_dummy():
    shares = sample(plan("latin_hypercube", 2000))
    found = by_key(indices("latin_hypercube", PROBLEM, shares, ishigami(shares)))
    assert (found["median"][["x1", "x2"]] > 2 * found.noise.iloc[0]).all()
    assert found["median"]["nothing"] < 1.5 * found.noise.iloc[0]


@pytest.mark.parametrize("design", ["sobol", "morris"])
def test_a_constant_result_depends_on_nothing(design):
    shares = sample(plan(design, 8))
    found = indices(design, PROBLEM, shares, np.ones(len(shares)))
    assert (found.drop(columns="key").to_numpy() == 0).all()


def test_a_missing_result_is_told():
    shares = sample(plan("sobol", 8))
    y = ishigami(shares)
    y[3] = np.nan
    with pytest.raises(ScenarioError, match="1 of 48 points have no result"):
        indices("sobol", PROBLEM, shares, y)
    with pytest.raises(ScenarioError, match="no sensitivity indices"):
        indices("grid", PROBLEM, shares, ishigami(shares))


def test_prefixes_are_designs_of_the_same_kind():
    """Morris with 4 factors: 5 points a trajectory; Sobol: 6 a sample; at least four of each."""
    assert prefixes("morris", 4, 5 * 32) == [20, 40, 80, 160]
    assert prefixes("sobol", 4, 6 * 8) == [24, 48]
    assert prefixes("latin_hypercube", 4, 64) == [8, 16, 32, 64]
