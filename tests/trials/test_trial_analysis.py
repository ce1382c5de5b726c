"""Changes, causes and verdicts against tables worked by hand."""

import dataclasses

import numpy as np
import pytest

from experiments.trials.analysis import CAUSES, Found, causes, change, changes, found, orders, percent, told, verdict
from experiments.trials.measures import COUNTS, Cell, cells, indices
from experiments.trials.simulation import FUTURES

HERE = Cell("entry", "detected", "dissimilarity")
# D of the detected at entry in 2016 to 2019, two draws; before is the mean of 2016 and 2017, after is 2019.
TABLE = {
    "neither": ([0.4, 0.6, 0.5, 0.51], [0.5, 0.5, 0.5, 0.50]),
    "detection": ([0.4, 0.6, 0.5, 0.41], [0.5, 0.5, 0.5, 0.42]),
    "demography": ([0.4, 0.6, 0.5, 0.53], [0.5, 0.5, 0.5, 0.54]),
    "undetected": ([0.4, 0.6, 0.5, 0.45], [0.5, 0.5, 0.5, 0.45]),
    "plan": ([0.4, 0.6, 0.5, 0.36], [0.5, 0.5, 0.5, 0.35]),
    "both": ([0.4, 0.6, 0.5, 0.38], [0.5, 0.5, 0.5, 0.37]),
}


@pytest.fixture
def made(trial):
    values = np.full((2, len(FUTURES), 4, len(cells(trial.grades))), 0.5)
    for k, name in enumerate(FUTURES):
        values[:, k, :, cells(trial.grades).index(HERE)] = TABLE[name]
    return Found(trial, values, np.zeros((2, len(FUTURES), 4, len(COUNTS))))


def test_change(made):
    c = change(made, "both", HERE)
    assert c.before == pytest.approx([0.5, 0.5])
    assert c.after == pytest.approx([0.38, 0.37])
    assert c.share == pytest.approx([-0.24, -0.26])
    row = changes(made).query(
        "future == 'both' and type == 'detected' and grades == 'entry' and index == 'dissimilarity'"
    )
    assert row[["before", "after", "change", "published"]].to_numpy()[0] == pytest.approx([0.5, 0.375, -0.25, -0.2])


def test_causes_add_up(made):
    """First draw, over .5: drift .01, artefact .41 - .51, demography .53 - .51, plan .36 - .41; all -.12, so the rest 0."""
    parts = causes(made, HERE)
    wanted = {"drift": 0.02, "artefact": -0.2, "demography": 0.04, "plan": -0.1, "rest": 0.0}
    assert list(parts) == list(CAUSES)
    assert {name: float(part[0]) for name, part in parts.items()} == pytest.approx(wanted, abs=1e-12)
    assert sum(parts.values()) == pytest.approx(change(made, "both", HERE).share)


def test_either_order_adds_up(made):
    """First draw over .5, as_before .5 in 2019: counted first -.05 and -.1; moved first .5 - .51 and .36 - .5."""
    told_in = orders(made, "entry")
    assert [float(part[0]) for part in told_in["counted first"]] == pytest.approx([-0.1, -0.2])
    assert [float(part[0]) for part in told_in["moved first"]] == pytest.approx([-0.02, -0.28])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-0.25, "plausible by dissimilarity D of detected pupils: the published \N{MINUS SIGN}25.0 % lies among"),
        (-0.2, "the model's change lies below the published \N{MINUS SIGN}20.0 %: \N{MINUS SIGN}25.0 % on average"),
        (-0.3, "the model's change lies above the published"),
    ],
)
def test_verdicts(made, value, words):
    assert words in verdict(made, dataclasses.replace(made.trial.published[0], value=value))


def test_what_is_told(made):
    text = "\n".join(told(made))
    assert "another stage: published \N{MINUS SIGN}30.0 %; nothing to compare, it is not in the model." in text
    assert "an artefact of counting \N{MINUS SIGN}18.0 %" in text
    assert "D of the truly vulnerable goes from 0.500 to 0.500 (0.0 %)" in text
    assert percent(-0.231) == "\N{MINUS SIGN}23.1 %"


def test_indices_of_a_table():
    """10 of 20 pupils at one school, none of 20 at the other: D = (|1 - 1/3| + |0 - 2/3|)/2; eta^2 = 1/3."""
    d, above, hutchens, gini, eta, chance = indices(np.array([[10, 10], [0, 20]]))
    assert d == pytest.approx(2 / 3)
    assert 0 < chance < d
    assert above == pytest.approx((d - chance) / (1 - chance))
    assert hutchens == pytest.approx(1 - np.sqrt(1 / 3))
    assert gini == pytest.approx(2 / 3)
    assert eta == pytest.approx(1 / 3)


def test_results_as_arrays(trial, one):
    f = found(trial, [one, one])
    assert f.series("plan", HERE).shape == (2, 4)
    assert f.series("plan", HERE)[0].tolist() == [row[0] for row in one["plan"]]
    assert f.count("plan", "proposed")[1].tolist() == [row[-2] for row in one["plan"]]
