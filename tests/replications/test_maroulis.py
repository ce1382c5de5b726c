"""The achievement paradox: its parts on a few runs, and the whole replication."""

import pandas as pd

from experiments.replications.lab import Lab
from experiments.replications.maroulis import (
    CITIES,
    HIGH,
    KNOWN,
    LOW,
    NO_CLOSING,
    PAPER,
    change,
    play,
    weighed,
)

SHORT = ("run.years=8", "city.grades=2", "city.pupils=1200")


def run(tmp_path, city, a):
    """Means of four seeds of a shorter and smaller city."""
    config = Lab(tmp_path).scenario("maroulis", *SHORT, *weighed(a), *CITIES[city])
    return pd.DataFrame([play(config, seed) for seed in range(1, 5)]).mean()


def test_the_two_weights_add_up():
    assert weighed(0.25) == ("choice.reputation=2.0", "choice.distance=-6.0")


def test_schools_that_may_not_close_all_live_and_known_ones_are_chosen(tmp_path):
    """Where value added is known more pupils come to the new schools than where only a record counts; some of these close."""
    assert run(tmp_path, NO_CLOSING, HIGH)["survive"] == 1
    known, unknown = run(tmp_path, KNOWN, HIGH), run(tmp_path, PAPER, HIGH)
    assert known["at_new"] > unknown["at_new"] + 0.05
    assert known["achievement"] > unknown["achievement"] + 0.05
    assert unknown["survive"] < 1


def test_changes_are_paired_within_seeds():
    """Two seeds of level 1 and 5 that both lose 0.5; a third without the second weight does not count."""
    rows = [(1, LOW, 1.0), (1, HIGH, 0.5), (2, LOW, 5.0), (2, HIGH, 4.5), (3, LOW, 9.0)]
    table = pd.DataFrame(rows, columns=["seed", "weight", "achievement"]).assign(city=PAPER)
    assert change(table, PAPER, "achievement").tolist() == [-0.5, -0.5]
