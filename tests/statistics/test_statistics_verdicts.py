"""Verdicts: the table of cases, no direction without an effect, false discoveries in tables of many policies."""

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import (
    SEQUENTIAL,
    STUDENT,
    VERDICTS,
    Estimate,
    discoveries,
    judge,
    paired,
    selected_level,
    sentence,
    verdict,
)

EXPERIMENTS = 1000
LOWERS, RAISES, SMALL, UNKNOWN = VERDICTS
MARGIN = 3 * np.sqrt(0.05 * 0.95 / EXPERIMENTS)  # three standard errors of a share of 5 %


def table(rng, effects, seeds=30, noise=0.02, experiments=EXPERIMENTS):
    """(experiments, policies, seeds) differences of policies with ``effects`` (policies,) from one baseline they share."""
    effects = np.asarray(effects, dtype=float)
    base = rng.normal(size=(experiments, 1, seeds))
    own = rng.normal(size=(experiments, effects.size, seeds))
    return effects[:, None] + noise * (own - base) / np.sqrt(2)


def judged(differences, **options):
    """(experiments, policies) verdicts, each experiment a table of its own."""
    estimates = paired(differences)
    rows = (Estimate(*(part[k] for part in estimates)) for k in range(len(differences)))
    return np.array([judge(row, **options).verdict for row in rows])


@pytest.mark.parametrize(
    ("mean", "low", "high", "said"),
    [
        (-0.02, -0.03, -0.005, LOWERS),
        (0.02, 0.015, 0.025, RAISES),
        (0.02, -0.001, 0.041, UNKNOWN),  # far off, but may be nothing
        (0.008, 0.002, 0.014, UNKNOWN),  # an effect, but does it matter?
        (0.005, 0.002, 0.008, SMALL),  # an effect, surely too small
        (0.0, -0.009, 0.009, SMALL),
        (0.0, -0.01, 0.01, UNKNOWN),  # within is strict
        (0.01, 0.01, 0.01, RAISES),  # at least is not
        (0.0, 0.0, 0.0, SMALL),  # a policy that changes nothing
        (0.02, 0.0, 0.04, UNKNOWN),  # an end at zero includes it
        (0.0, -0.03, 0.03, UNKNOWN),
        (np.nan, np.nan, np.nan, UNKNOWN),
        (0.0, -np.inf, np.inf, UNKNOWN),
    ],
)
def test_verdict_cases(mean, low, high, said):
    assert verdict(mean, low, high, smallest=0.01) == said


def test_nothing_is_too_small_where_everything_matters():
    assert verdict(0.0, 0.0, 0.0, smallest=0.0) == UNKNOWN
    assert verdict(-1e-9, -2e-9, -1e-10, smallest=0.0) == LOWERS


def test_benjamini_hochberg_agrees_with_scipy():
    rng = np.random.default_rng(1)
    for _ in range(200):
        p = np.round(rng.beta(0.4, 1.0, size=rng.integers(1, 30)), 2)  # rounded: with ties
        np.testing.assert_array_equal(discoveries(p, 0.1), stats.false_discovery_control(p) <= 0.1 + 1e-12)
        by = stats.false_discovery_control(p, method="by") <= 0.1 + 1e-12
        np.testing.assert_array_equal(discoveries(p, 0.1, any_dependence=True), by)


def test_step_up_by_hand():
    """m 4, rate .05: bounds .0125, .025, .0375, .05; the third p passes and takes the second, above its own bound, along."""
    p = np.array([0.9, 0.03, 0.01, 0.035])
    assert discoveries(p).tolist() == [False, True, True, True]
    assert selected_level(p) == pytest.approx(1 - 3 * 0.05 / 4)
    assert not discoveries(np.array([np.nan, 0.04])).any()  # what could not be compared still counts
    assert selected_level(np.array([0.9, 0.8])) == pytest.approx(0.975)
    assert discoveries(np.array([])).size == 0


def test_adjusted_intervals_leave_out_zero_for_what_is_selected_and_only_that():
    x = table(np.random.default_rng(2), np.linspace(-0.02, 0.02, 20), experiments=200)
    for one in x:
        p = paired(one).p
        found = paired(one, selected_level(p))
        np.testing.assert_array_equal((found.low > 0) | (found.high < 0), discoveries(p))


@pytest.mark.parametrize("method", [STUDENT, SEQUENTIAL])
def test_a_table_of_one_is_the_single_verdict(method):
    x = table(np.random.default_rng(3), [-0.02, -0.01, -0.006, 0.0, 0.006, 0.01], seeds=40, experiments=300)
    estimate = paired(x.reshape(-1, 1, 40), method=method)
    seen = set()
    for row in zip(*estimate, strict=True):
        e = Estimate(*row)
        one = verdict(float(e.mean[0]), float(e.low[0]), float(e.high[0]))
        found = judge(e, method=method)
        assert found.verdict[0] == one
        assert (found.low[0], found.high[0]) == (pytest.approx(e.low[0]), pytest.approx(e.high[0]))
        seen.add(one)
    assert seen == set(VERDICTS)


def test_every_row_of_a_table_follows_from_its_own_interval():
    x = table(np.random.default_rng(4), [-0.03, -0.02, -0.01, -0.004, 0.0, 0.0, 0.004, 0.01, 0.02], experiments=200)
    for one in x:
        estimate = paired(one)
        found = judge(estimate)
        again = [verdict(*row) for row in zip(estimate.mean, found.low, found.high, strict=True)]
        assert found.verdict.tolist() == again
        assert (found.level >= 0.95 - 1e-12).all()


@pytest.mark.parametrize("smallest", [0.0, 0.002])
@pytest.mark.parametrize("seeds", [10, 50])
def test_no_direction_without_an_effect_single(seeds, smallest):
    """In 10,000 comparisons without an effect at most 5 %, up to the error of that count."""
    x = table(np.random.default_rng(5), [0.0], seeds=seeds, experiments=10_000)[:, 0]
    estimate = paired(x)
    said = np.array([verdict(*row, smallest) for row in zip(estimate.mean, estimate.low, estimate.high, strict=True)])
    claimed = np.isin(said, [LOWERS, RAISES]).mean()
    assert 0.01 < claimed <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 10_000)


def test_no_direction_without_an_effect_in_a_table_of_thirty():
    """Any direction at all in at most 5 % of tables; row by row three tables in four would have had one or more."""
    x = table(np.random.default_rng(6), np.zeros(30))
    some = np.isin(judged(x, smallest=0.0), [LOWERS, RAISES]).any(axis=1).mean()
    naive = (paired(x).p <= 0.05).any(axis=1).mean()
    assert some <= 0.05 + MARGIN
    assert naive > 0.5


def test_no_direction_after_stopping_in_a_table():
    """The same where each policy stopped at the moment that looked most like an effect, with the sequential method."""
    rng = np.random.default_rng(7)
    x = table(rng, np.zeros(10), seeds=60, experiments=300)
    worst = [paired(x[..., :n], method=SEQUENTIAL) for n in range(12, 61, 4)]
    at = np.argmin([e.p for e in worst], axis=0)
    picked = Estimate(*(np.take_along_axis(np.stack(part), at[None], axis=0)[0] for part in zip(*worst, strict=True)))
    tables = (Estimate(*(part[k] for part in picked)) for k in range(300))
    said = np.array([judge(row, smallest=0.0, method=SEQUENTIAL).verdict for row in tables])
    assert np.isin(said, [LOWERS, RAISES]).any(axis=1).mean() <= 0.05


@pytest.mark.parametrize("smallest", [0.0, 0.01])
def test_false_discoveries_in_a_mixed_table(smallest):
    """20 policies without effect, 5 that lower, 5 that raise: of the directions claimed at most 5 % are false, on average."""
    effects = np.repeat([0.0, -0.02, 0.025], [20, 5, 5])
    said = judged(table(np.random.default_rng(8), effects), smallest=smallest)
    claimed = np.isin(said, [LOWERS, RAISES])
    right = np.where(effects < 0, LOWERS, RAISES)
    false = claimed & ((effects == 0) | (said != right))
    shares = false.sum(axis=1) / np.maximum(claimed.sum(axis=1), 1)
    assert shares.mean() <= 0.05 + 3 * shares.std() / np.sqrt(EXPERIMENTS)
    assert claimed[:, 20:].mean() > 0.9  # and it finds what is there


def test_true_but_small_effects_do_not_pay_for_false_large_ones():
    """The trap: 25 sure effects below the smallest of interest and 5 noisy policies without any.

    To select by p first and drop the small ones later would leave tables whose claims are mostly false.
    """
    rng = np.random.default_rng(9)
    sure, noisy = table(rng, np.full(25, 0.005), noise=0.002), table(rng, np.zeros(5), noise=0.08)
    x = np.concatenate([sure, noisy], axis=1)
    claimed = np.isin(judged(x, smallest=0.01), [LOWERS, RAISES])
    assert not claimed[:, :25].any()
    assert claimed.any(axis=1).mean() <= 0.05 + MARGIN
    p, mean = paired(x).p, paired(x).mean
    trap = [(discoveries(p[k]) & (np.abs(mean[k]) >= 0.01)).any() for k in range(EXPERIMENTS)]
    assert np.mean(trap) > 0.1


def test_false_claims_of_smallness():
    """20 effects just as large as matters, 10 of none: of what is called too small at most 5 % is not."""
    effects = np.repeat([0.01, -0.01, 0.0], [10, 10, 10])
    small = judged(table(np.random.default_rng(10), effects, noise=0.012), smallest=0.01) == SMALL
    shares = small[:, :20].sum(axis=1) / np.maximum(small.sum(axis=1), 1)
    assert shares.mean() <= 0.05 + 3 * shares.std() / np.sqrt(EXPERIMENTS)
    assert small[:, 20:].mean() > 0.5


def test_coverage_of_the_intervals_that_support_a_direction():
    """Of selected intervals at most 5 % miss their effect, where 95 % intervals of the selected would miss more often."""
    effects = np.repeat([0.0, 0.012], [20, 10])
    x = table(np.random.default_rng(11), effects, noise=0.03)
    missed, naive = [], []
    for one in x:
        estimate = paired(one)
        found = judge(estimate, smallest=0.0)
        chosen = np.isin(found.verdict, [LOWERS, RAISES])
        count = max(chosen.sum(), 1)
        missed.append((chosen & ((found.low > effects) | (found.high < effects))).sum() / count)
        naive.append((chosen & ((estimate.low > effects) | (estimate.high < effects))).sum() / count)
    assert np.mean(missed) <= 0.05 + 3 * np.std(missed) / np.sqrt(EXPERIMENTS)
    assert np.mean(naive) > np.mean(missed)


def test_parameter_sets_can_only_take_claims_back():
    """Sure means over many sets: no direction if too many sets are against it, not small if further sets may be large."""

    def rows(opposite):
        return Estimate(*(np.array(part) for part in (
            [-0.03, 0.001], [-0.04, -0.001], [-0.02, 0.003], [0.05, 0.01], [100, 100], opposite, [1e-8, 0.3])))  # fmt: skip

    narrow, wide = (
        (np.array([-0.13, -0.009]), np.array([0.07, 0.009])),
        (np.array([-0.13, -0.02]), np.array([0.07, 0.02])),
    )
    assert judge(rows([0.1, 0.4]), reach=narrow).verdict.tolist() == [LOWERS, SMALL]
    assert judge(rows([0.3, 0.4]), reach=narrow).verdict.tolist() == [UNKNOWN, SMALL]
    assert judge(rows([0.1, 0.4]), reach=wide).verdict.tolist() == [LOWERS, UNKNOWN]
    with pytest.raises(ValueError, match="negative"):
        judge(rows([0.1, 0.4]), smallest=-0.01)


def test_sentences_say_the_verdict_and_its_reason():
    def say(said, mean, low, high, opposite=0.1):
        return sentence(said, Estimate(mean, low, high, 0.01, 50, opposite, 0.01), 0.01, level=0.983)

    assert say(LOWERS, -0.023, -0.028, -0.018) == (
        "Lowers D by 0.023 (98.3 % interval -0.028 to -0.018, 50 seeds; 10 % of seeds point the other way)."
    )
    assert say(SMALL, 0.001, -0.002, 0.004).startswith(
        "Too small to matter: the effect on D is nearer to zero than 0.01"
    )
    assert "either way" in say(UNKNOWN, 0.02, -0.01, 0.05)
    assert "is open" in say(UNKNOWN, 0.008, 0.002, 0.014)
    assert "assumptions" in say(UNKNOWN, 0.03, 0.02, 0.04, 0.4)
    assert "too few seeds" in say(UNKNOWN, np.nan, np.nan, np.nan)
