"""The utility of a school: each term by hand, the published forms, the arithmetic of its own, taste."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from abm.choice import perceive
from abm.city import PRIVATE, SUBSIDISED
from abm.compiled import kernel
from abm.floats import bell, gumbel, ln, power
from abm.households import take
from abm.looking import desk, sight
from abm.rules import Rules
from abm.schools import THEMES
from abm.scoring import score
from abm.sight import TERMS, choosers, kind_of, parts_of, peak, settings
from abm.utility import composition_value, family, terms, weigh
from tests.builders import STATE, blueprint, hand_config, table, view, with_seen, world
from tests.reference import choice as slow
from tests.reference import randomness as rnd

PLAIN = {
    "choice": {"taste": "none", "emulation_prior": 0.0}, "perception": {"noise": 0.0, "nearest": 8, "uninformed": 1.0},
    "city": {"zones": "district"},
}  # fmt: skip


def looked_at(state, rules, row=0):
    """{school: {term: value}} and {school: total} of the family in ``row``."""
    turn = perceive(state, rules).round
    who = take(state.households, turn.rows)
    scene, options = view(state, rules), settings(state, rules)
    columns = choosers(state, rules, who, turn.sibling, np.zeros(turn.rows.size))
    room = desk(turn.considered.shape[1])
    room.rows[0] = row
    with np.errstate(over="ignore"):
        score(1, turn.considered, columns, scene, options, room)
        f, w = family(row, columns), weigh(int(who.group[row]), scene.weights)
        parts, totals = {}, {}
        for slot, s in enumerate(turn.considered[row]):
            if s >= 0:
                parts[int(s)] = dict(
                    zip(TERMS, map(float, terms(f, w, s, sight(room.look, slot), options)), strict=True)
                )
                totals[int(s)] = float(room.worth[0, slot])
    return parts, totals


def town(choice=None, family=None, stock=None, **stock_columns):
    """One family at 0 km; schools at 1 km (state), 3 km (subsidised) and 2 km (private)."""
    config = hand_config(**(PLAIN | {"choice": PLAIN["choice"] | (choice or {})}))
    plan = blueprint(config, stock or [(1.0, STATE, 9), (3.0, SUBSIDISED, 9), (-2.0, PRIVATE, 9)], [0.0])
    state = world(config, plan, table([0], **(family or {})), **stock_columns)
    return state, Rules.of(config)


def test_distance_with_a_knee():
    """-.6 a km and -.3 more beyond 1.5 km: 1 km -.6; 3 km -1.8 - .45; 2 km -1.2 - .15."""
    parts, _ = looked_at(*town({"distance": -0.6, "distance_beyond": -0.3, "knee_km": 1.5}))
    assert [parts[s]["distance"] for s in range(3)] == pytest.approx([-0.6, -2.25, -1.35])


def test_reputation():
    """.5 a standard deviation, by what is believed: with full information that is the reputation itself."""
    parts, _ = looked_at(*town({"reputation": 0.5}, reputation=[1.0, -2.0, 0.0]))
    assert [parts[s]["reputation"] for s in range(3)] == pytest.approx([0.5, -1.0, 0.0])


def test_belief_errs_by_ignorance():
    """reputation + noise (1 - information) bell(bits): half informed, noise .8, so .4 times the keyed bell."""
    state, rules = town({"reputation": 1.0}, {"information": 0.5}, reputation=[1.0, -2.0, 0.0])
    rules = rules.edit("perception.noise", 0.8)
    parts, _ = looked_at(state, rules)
    key = rnd.key32(rnd.stream(1, slow.BELIEF, 1), int(state.households.id[0]))
    for s, believed in enumerate([1.0, -2.0, 0.0]):
        wanted = believed + 0.4 * slow.nearly_normal(rnd.bits(key, s))
        assert parts[s]["reputation"] == pytest.approx(wanted, abs=1e-5)
    assert parts[2]["reputation"] != 0


def test_peers_are_single_peaked_in_the_share_of_the_own_side():
    """f = .5, M = .8: V(.25) = .5, V(.5) = 1, V(1) = .8; the minority sees its own share."""
    shares = [[0.25, 0.5, 1.0], [0.75, 0.5, 0.0]]
    for group, wanted in ((0, [2.0, 4.0, 3.2]), (1, [3.6, 4.0, 0.0])):  # V(.75) = .8 + .25 .2/.5 = .9
        state, rules = town({"peers": 4.0, "peers_full": 0.8}, {"group": group, "tolerance": 0.5})
        parts, _ = looked_at(with_seen(state, own_share=shares), rules)
        assert [parts[s]["peers"] for s in range(3)] == pytest.approx(wanted)


def test_vulnerable_pupils():
    state, rules = town({"vulnerable": -0.5})
    parts, _ = looked_at(with_seen(state, vulnerable=[0.0, 0.4, 1.0]), rules)
    assert [parts[s]["vulnerable"] for s in range(3)] == pytest.approx([0, -0.2, -0.5])


def test_emulation_is_the_share_of_the_own_group_nearby():
    """Of six of the own group nearby three attend school 1 and one school 0; two are of the other group; prior 2: /(4 + 2)."""
    config = hand_config(**(PLAIN | {"choice": PLAIN["choice"] | {"emulation": 1.6, "emulation_prior": 2.0}}))
    plan = blueprint(config, [(1.0, STATE, 9), (3.0, STATE, 9)], [0.0, 50.0], area=[0, 1])
    who = table([0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 1, 0], school=[-1, 1, 1, 1, 0, 0, 0, 0])
    parts, _ = looked_at(world(config, plan, who), Rules.of(config))
    assert parts[0]["emulation"] == pytest.approx(1.6 * 1 / 6)
    assert parts[1]["emulation"] == pytest.approx(1.6 * 3 / 6)


def test_theme_taste():
    """A family's taste for a theme is one number for all schools of that theme; unseen or absent themes count nothing."""
    state, rules = town({"theme": 2.0}, theme=[1, 1, 3], theme_year=[0, 0, 0])
    state = state._replace(year=5)
    who = state.households
    state = state._replace(households=who._replace(id=who.id + (4 << 50)))
    parts, _ = looked_at(state, rules)
    key = rnd.key32(rnd.stream(1, slow.TASTE, 0, 1), int(who.family[0]))
    wanted = [2 * rnd.uniform23(rnd.bits(key, t)) for t in (1, 1, 3)]
    assert [parts[s]["theme"] for s in range(3)] == pytest.approx(wanted, rel=1e-6)
    later = state._replace(schools=state.schools._replace(theme_year=np.full(3, 6, np.int32)))
    late, _ = looked_at(later, rules)
    assert [late[s]["theme"] for s in range(3)] == [0, 0, 0]


@pytest.mark.parametrize(("status", "factor"), [(0.0, 1.0), (0.7, 0.5), (1.4, 0.25), (-0.7, 2.0), (-9.0, 8.0)])
def test_a_fee_weighs_half_as_much_at_a_status_higher_by_fee_status(status, factor):
    """-.5 a thousand euro at mean status, halved at +.7 sd, doubled at -.7 sd, at most eight times."""
    state, rules = town({"fee": -0.5, "fee_status": 0.7}, {"status": status}, fee=[0.0, 1.0, 4.0])
    parts, _ = looked_at(state, rules)
    assert [parts[s]["fee"] for s in range(3)] == pytest.approx([0, -0.5 * factor, -2 * factor])


def test_private_appeal_is_for_both_kinds_of_private_schools():
    parts, _ = looked_at(*town({"private": 1.5}))
    assert [parts[s]["private"] for s in range(3)] == pytest.approx([0, 1.5, 1.5])


def test_zone_attachment():
    """Only to schools of the own zone; none where there are no zones."""
    config = hand_config(**(PLAIN | {"choice": PLAIN["choice"] | {"zone": 1.2}}))
    stock = [(1.0, STATE, 9), (3.0, STATE, 9)]
    plan = blueprint(config, stock, [0.0], district=[0, 1])
    parts, _ = looked_at(world(config, plan, table([0])), Rules.of(config))
    assert [parts[s]["zone"] for s in range(2)] == pytest.approx([1.2, 0])
    free = hand_config(**(PLAIN | {"choice": PLAIN["choice"] | {"zone": 1.2}, "city": {"zones": "none"}}))
    parts, _ = looked_at(world(free, blueprint(free, stock, [0.0]), table([0])), Rules.of(free))
    assert [parts[s]["zone"] for s in range(2)] == [0, 0]


def test_the_total_is_beta_times_the_sum_of_the_terms():
    state, rules = town({"beta": 3.0}, {"status": -0.3}, reputation=[0.3, -0.2, 1.0], fee=[0, 1, 3.0])
    parts, totals = looked_at(state, rules)
    for s, part in parts.items():
        assert totals[s] == pytest.approx(3 * sum(part.values()), rel=1e-5)


def test_weights_by_group():
    """A table gives the majority one weight and all groups of the minority another."""
    config = hand_config(
        city={"groups": ["a", "b", "c"], "shares": [0.5, 0.25, 0.25], "minority": "others"},
        choice={"taste": "none", "distance": {"a": -1.0, "others": -2.0}},
    )
    assert Rules.of(config).by_group("choice.distance").tolist() == [-1, -2, -2]


@pytest.mark.parametrize(
    ("form", "distance_form", "wanted"),
    [
        # V(.25) = .5, D = (3 - 1)/3; V(.5) = 1, D = 0; V(1) = .8, D = 1/3; a = .4
        ("additive", "farthest", [0.4 * 0.5 + 0.6 * 2 / 3, 0.4, 0.4 * 0.8 + 0.6 / 3]),
        # D over the household's own schools: (3 - km)/(3 - 1)
        ("additive", "min_max", [0.4 * 0.5 + 0.6, 0.4, 0.4 * 0.8 + 0.6 * 0.5]),
        # 1/(1 + (km/2)^3)
        ("additive", "ratio", [0.2 + 0.6 / 1.125, 0.4 + 0.6 / 4.375, 0.32 + 0.6 / 2]),
        ("cobb_douglas", "farthest", [0.5**0.4 * (2 / 3) ** 0.6, 0.0, 0.8**0.4 * (1 / 3) ** 0.6]),
        ("cobb_douglas", "min_max", [0.5**0.4, 0.0, 0.8**0.4 * 0.5**0.6]),
        ("cobb_douglas", "ratio", [0.5**0.4 / 1.125**0.6, 1 / 4.375**0.6, 0.8**0.4 / 2**0.6]),
    ],
)
def test_published_forms(form, distance_form, wanted):
    """a V + (1 - a) D (Dignum et al. 2022) and V^a D^(1-a) (Sage & Flache 2021) with the three normalisations."""
    options = {
        "form": form,
        "distance_form": distance_form,
        "alpha": 0.4,
        "peers_full": 0.8,
        "ratio_p": 2.0,
        "ratio_q": 3.0,
    }
    state, rules = town(options, {"tolerance": 0.5})
    _, totals = looked_at(with_seen(state, own_share=[[0.25, 0.5, 1.0], [0.75, 0.5, 0.0]]), rules)
    assert [totals[s] for s in range(3)] == pytest.approx(wanted, abs=1e-5)


def test_with_cobb_douglas_a_school_without_the_own_side_is_worth_nothing_however_near():
    state, rules = town({"form": "cobb_douglas", "alpha": 0.4}, {"tolerance": 0.5})
    state = with_seen(state, own_share=[[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]])
    assert looked_at(state, rules)[1][0] == 0
    assert looked_at(state, rules.edit("choice.form", "additive"))[1][0] > 0


def test_one_school_is_next_door_to_itself():
    """min_max with a single distance: D = 1, not 0/0."""
    state, rules = town(
        {"form": "additive", "distance_form": "min_max", "alpha": 0.0}, stock=[(1.0, STATE, 9), (-1.0, STATE, 9)]
    )
    assert looked_at(state, rules)[1] == {0: 1.0, 1: 1.0}


def v(x, f, full):
    return float(composition_value(np.float32(x), *(np.float32(part[0]) for part in peak(np.array([f]), full))))


@given(st.floats(0.05, 0.99), st.floats(0, 1))
def test_v_at_its_fixed_points(f, full):
    """V(0) = 0, V(f) = 1, V(1) = M (Stoica & Flache 2014). Float32: near f = 1 the falling line is steep."""
    assert v(0, f, full) == 0
    assert v(f, f, full) == pytest.approx(1, abs=1e-5)
    assert v(1, f, full) == pytest.approx(full, abs=1e-6)


@given(st.floats(0.05, 0.99), st.floats(0, 1), st.floats(0, 1))
def test_v_is_the_equation(f, full, x):
    assert v(x, f, full) == pytest.approx(slow.value(x, f, full), abs=1e-5)
    assert v(x, f, full) <= 1 + 1e-5


def test_v_without_a_falling_part():
    """f = 1: V(x) = x up to 1, whatever M."""
    assert [v(x, 1.0, 0.3) for x in (0, 0.25, 0.5, 1)] == [0, 0.25, 0.5, 1]


@kernel
def _ln(x):
    out = np.empty(x.size, np.float32)
    for i in range(x.size):
        out[i] = ln(x[i])
    return out


@kernel
def _power(x, y):
    out = np.empty(x.size, np.float32)
    for i in range(x.size):
        out[i] = power(x[i], y)
    return out


@kernel
def _bell(words):
    out = np.empty(words.size, np.float32)
    for i in range(words.size):
        out[i] = bell(words[i])
    return out


@kernel
def _gumbel(words):
    out = np.empty(words.size, np.float32)
    for i in range(words.size):
        out[i] = gumbel(words[i])
    return out


def test_logarithm_against_numpy():
    """Over nine decades the error is below 1e-6 of 1 or of the value, whichever is larger; exact at 1."""
    x = np.exp(np.linspace(-20, 20, 400_001)).astype(np.float32)
    exact = np.log(x.astype(float))
    assert (np.abs(_ln(x) - exact) / np.maximum(np.abs(exact), 1)).max() < 1e-6
    assert _ln(np.ones(1, np.float32))[0] == 0


@pytest.mark.parametrize("y", [0.05, 0.3, 0.5, 0.7, 1.0, 2.0, 3.5])
def test_power_against_numpy(y):
    """Relative error below 1e-5 over the range of V and D, as its docstring says, and hardly any step backwards.

    A step backwards at a power of two would rank a better school lower; 4e-6 is what float32 of this length allows.
    """
    x = np.linspace(0.001, 1, 200_001).astype(np.float32)
    got, exact = _power(x, np.float32(y)).astype(float), x.astype(float) ** float(np.float32(y))
    assert np.abs(got / exact - 1).max() < 1e-5
    assert (np.diff(got) / exact[1:]).min() > -1e-5


def test_power_at_its_ends():
    """0^0 = 1, 0^y = 0, x^0 = 1, 1^y = 1."""
    zero, one = np.zeros(1, np.float32), np.ones(1, np.float32)
    assert [_power(zero, np.float32(0))[0], _power(zero, np.float32(0.5))[0]] == [1, 0]
    assert [_power(one * 3, np.float32(0))[0], _power(one, np.float32(0.3))[0]] == [1, 1]


WORDS = np.random.default_rng(1).integers(0, 2**32, 400_000, dtype=np.uint32)


def test_the_bell_has_mean_0_and_variance_1():
    """Sum of four bytes: mean and variance within four standard errors, exactly symmetric at the ends (Irwin-Hall)."""
    z = _bell(WORDS).astype(float)
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / z.size)
    ends = _bell(np.array([0, 2**32 - 1], np.uint32))
    assert ends[0] == -ends[1]
    bytes_ = np.arange(256)
    assert 4 * bytes_.var() == pytest.approx(147.80053**2, rel=1e-6)


def test_gumbel_numbers_are_gumbel():
    """Kolmogorov-Smirnov against exp(-exp(-x)), and each within 2e-6 of the exact inversion."""
    assert kstest(_gumbel(WORDS[:100_000]).astype(float), "gumbel_r").pvalue > 0.001
    some = WORDS[:2000]
    exact = [slow.gumbel(int(w)) for w in some]
    assert np.abs(_gumbel(some) - exact).max() < 2e-6 * 17  # float32 of numbers up to 17
    ends = _gumbel(np.array([0, 2**32 - 1], np.uint32))
    assert np.isfinite(ends).all() and ends[0] < -2.8 and ends[1] > 16


def keys(state, rules, who):
    return choosers(state, rules, who, np.full(who.id.size, -1), np.zeros(who.id.size)).key


def test_taste_is_for_good_and_shared_by_siblings():
    """Keyed by (seed, family, school), without the year; belief is drawn anew each year and for each child."""
    state, rules = town({"taste": "persistent"})
    who = table([0, 0, 0], id=[100, 200, 300], family=[100, 100, 300])
    now, later = (keys(state._replace(year=y), rules, who) for y in (1, 7))
    assert (now[:, 1:] == later[:, 1:]).all()
    assert (now[:, 0] != later[:, 0]).all()
    assert (now[0, 1:] == now[1, 1:]).all()
    assert now[0, 0] != now[1, 0]
    assert (now[0, 1:] != now[2, 1:]).all()


def test_redrawn_taste_differs_by_year_but_taste_for_themes_does_not():
    state, rules = town({"taste": "redrawn"})
    who = table([0, 0], id=[100, 200])
    now, later = (keys(state._replace(year=y), rules, who) for y in (1, 2))
    assert (now[:, 2] != later[:, 2]).all()
    assert (now[:, 1] == later[:, 1]).all()


def test_taste_is_a_gumbel_number_of_family_and_school():
    state, rules = town({"taste": "persistent", "distance": 0.0})
    with_it, without = looked_at(state, rules)[1], looked_at(state, rules.edit("choice.taste", "none"))[1]
    key = rnd.key32(rnd.stream(1, slow.TASTE, 0), int(state.households.family[0]))
    for s in range(3):
        assert with_it[s] - without[s] == pytest.approx(slow.gumbel(rnd.bits(key, s)), abs=1e-5)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("zone", [-1, 0, 1, 39_999, 999_999])
def test_what_a_school_is_comes_out_of_its_number_as_it_went_in(private, zone):
    """A float32 holds it exactly: every theme there is, and as many zones as a city may have schools."""
    for theme in range(-1, len(THEMES)):
        assert parts_of(np.float32(kind_of(theme, private, zone))) == (private, theme, zone)
    assert len(THEMES) <= 7
