"""Pattern 8: a magnet theme in a stigmatised school can turn flight there; city-wide the effect can be zero or worse.

A small synthetic city; themes for good at the schools of greatest minority share from year 1, seen from year 3; the state
of year 10 against the same seed without a policy. ``python -m tests.test_pattern_magnet`` prints the table of ODD.md.
"""

from functools import cache

import numpy as np

from abm.model import SchoolChoiceModel
from abm.policies.magnet import Magnet
from abm.rules import Rules
from abm.scenario import configure

SEEDS = (1, 2, 3, 4, 5)
CITY = {
    "pupils": 3000, "schools": 15, "residential_dissimilarity": 0.4, "shares": [0.65, 0.35], "grades": 5,
    "district_count": 4, "side_km": 6.0, "area_pupils": 60, "place_pupils": 10, "slack": 0.15,
}  # fmt: skip
TASTES = {
    "weak, all": 0.5,
    "middling, all": 2.0,
    "strong, all": 4.0,
    "strong, majority only": {"majority": 4.0, "minority": 0.0},
    "strong, minority only": {"majority": 0.0, "minority": 4.0},
}


def town(*policies):
    """The city for ten years; no school closes, so that the same schools are compared."""
    return configure({"city": CITY, "run": {"years": 10}, "response": {"close_below": 0}, "policies": list(policies)})


def majority(world, schools):
    """Majority share of the pupils of ``schools`` taken together."""
    heads = world.seen.heads[list(schools)].sum(axis=(0, 1))
    return float(heads[0] / heads.sum())


@cache
def baseline(seed):
    """The world of year 0, and world and indicators of year 10, without a policy."""
    model = SchoolChoiceModel(town(), seed, collect=False)
    start = model.world
    model.run()
    return start, model.world, model.indicators


def effect(count, quality, taste, seed):
    """(change at the themed schools without a policy, effect there on the majority share, effect on the city's D)."""
    start, without, indicators = baseline(seed)
    policy = {"kind": "magnet", "themes": 100, "life": 0, "lag": 2, "quality": quality, "taste": taste}
    candidates = int(Magnet().candidates(Rules.of(town()), start).sum())
    policy |= {"intensity": min(1.0, count / candidates)}
    model = SchoolChoiceModel(town(policy), seed, collect=False).run()
    themed = model.world.ledger["authority"].targets[0].schools
    assert len(themed) == min(count, candidates)
    there = majority(without, themed)
    change = model.indicators["dissimilarity"] - indicators["dissimilarity"]
    return there - majority(start, themed), majority(model.world, themed) - there, change


def effects(count, quality, taste, seeds=SEEDS):
    """(mean (3,), standard error (3,)) of :func:`effect` over seeds."""
    drawn = np.array([effect(count, quality, TASTES[taste], seed) for seed in seeds])
    return drawn.mean(axis=0), drawn.std(axis=0, ddof=1) / len(seeds) ** 0.5


def test_a_strong_theme_takes_back_most_of_the_flight_and_the_city_gains_nothing():
    """The most stigmatised school loses .20 of its majority share in ten years. A theme that all families with a taste for
    it value strongly gives .17 back (standard error .01); D of the city moves by .000 (.004), for the majority comes
    from its neighbours. Measured over ten seeds, as all figures here; the margins are four standard errors and more."""
    mean, _ = effects(1, 0.3, "strong, all")
    assert mean[0] < -0.1
    assert mean[1] > 0.08
    assert abs(mean[2]) < 0.02


def test_a_weak_theme_turns_nothing():
    """+.00 (.01) at the school, +.001 (.002) in the city."""
    mean, _ = effects(1, 0.3, "weak, all")
    assert abs(mean[1]) < 0.04
    assert abs(mean[2]) < 0.01


def test_themes_that_the_majority_alone_values_turn_flight_and_lower_segregation():
    """Three schools: from -.15 without to +.13 with a theme (effect +.28, .01); D of the city -.095 (.008)."""
    mean, _ = effects(3, 0.3, "strong, majority only")
    assert mean[0] < -0.05
    assert mean[0] + mean[1] > 0.05
    assert mean[2] < -0.05


def test_themes_that_the_minority_alone_values_make_the_city_worse():
    """Three schools: -.115 (.005) at the schools, D of the city +.135 (.008)."""
    mean, _ = effects(3, 0.3, "strong, minority only")
    assert mean[1] < -0.06
    assert mean[2] > 0.08


if __name__ == "__main__":
    for quality in (0.3, 2.0):
        for taste in TASTES:
            cells = [effects(count, quality, taste, range(1, 11)) for count in (1, 3, 99)]
            print(f"| {quality} | {taste} |", " | ".join(
                f"{m[1]:+.2f} ± {e[1]:.2f}; {m[2]:+.3f} ± {e[2]:.3f}" for m, e in cells), "|", flush=True)  # fmt: skip
            print("   without:", [f"{m[0]:+.3f} ± {e[0]:.3f}" for m, e in cells])
