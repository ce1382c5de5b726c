"""Households: stable ids, attributes as declared, siblings alike, pupils of year 0."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from abm import columns, residents
from abm.households import entry_year, join, pack, sibling_gap, take, vulnerability
from abm.model import SchoolChoiceModel
from abm.rules import Rules
from abm.sight import TOP, choosers
from abm.start import start
from tests.builders import scenario, table

CITY = ("city.pupils=20000", "city.schools=40", "city.area_pupils=200", "city.residential_dissimilarity=0.3")


@pytest.fixture(scope="module")
def pupils():
    """The 20,000 pupils of year 0."""
    config = scenario("classroom", *CITY)
    return config, start(config, 1)


@given(
    st.integers(-20, 1000), st.integers(0, 2**20 - 1), st.integers(0, 15), st.integers(0, 63), st.integers(0, 2**20 - 1)
)
def test_ids_hold_their_parts(year, area, gap, group, serial):
    """Year and gap read back; ids of different parts differ, below 2^62."""
    identity = int(pack(year, area, gap, group, serial))
    assert 0 < identity < 2**62
    assert (entry_year(identity), sibling_gap(identity)) == (year, gap)
    assert identity >> 30 & (2**20 - 1) == area
    assert identity >> 20 & 63 == group
    assert identity & (2**20 - 1) == serial


def test_ids_of_year_0_are_unique_and_entry_years_fit_the_grades(pupils):
    _, world = pupils
    who = world.households
    assert np.unique(who.id).size == who.id.size == 20_000
    assert (entry_year(who.id) == -who.grade).all()
    assert (sibling_gap(who.id) == 0).all()
    assert (who.family == who.id).all()


def test_pupils_live_in_their_area_and_places_share_them_out(pupils):
    """Heads by area and group are the blueprint's; places of an area differ by one pupil at most; so do grades."""
    from abm import cities

    config, world = pupils
    who, plan = world.households, cities.make(config, 1)
    area = world.city.place_area[who.place]
    heads = np.zeros_like(plan.pupils)
    np.add.at(heads, (area, who.group), 1)
    assert (heads == plan.pupils).all()
    live = np.bincount(who.place, minlength=world.city.place_area.size)
    for a in range(len(world.city.area_names)):
        here = live[world.city.place_area == a]
        assert here.max() - here.min() <= 1
    grades = np.bincount(who.grade)
    assert grades.max() - grades.min() <= len(world.city.area_names)


def test_status_has_its_gap_and_variance(pupils):
    """Minority minus majority -.7; variance 1 within a group: .8 within areas and .2 between them.

    Four standard errors for the gap; with 100 areas the variance between them is good to 15 %.
    """
    config, world = pupils
    who = world.households
    status = who.status.astype(float)
    gap = status[who.group > 0].mean() - status[who.group == 0].mean()
    areas = len(world.city.area_names)
    assert gap == pytest.approx(config.households.status_gap, abs=0.06 + 4 * np.sqrt(0.2 / areas) * 0.3)
    within = status - world.city.area_status[world.city.place_area[who.place]]
    for g in (0, 1):
        assert within[who.group == g].var() == pytest.approx(0.8, rel=0.06)
    assert world.city.area_status.var() == pytest.approx(0.2, rel=0.45)


def test_vulnerability_has_its_share_over_a_normal_population():
    """The logistic falls with status; its mean over N(0, 1) is the parameter, to 1e-4 (a 41-point rule)."""
    status = np.random.default_rng(1).normal(size=2_000_000)
    for share, slope in ((0.2, 1.5), (0.05, 3.0), (0.5, 0.0), (0.9, 1.0)):
        config = Rules.of(
            scenario("classroom", f"households.vulnerable_share={share}", f"households.vulnerable_slope={slope}")
        )
        p = vulnerability(status, config.households)
        assert p.mean() == pytest.approx(share, abs=0.001)
        if slope:
            assert (np.diff(vulnerability(np.linspace(-3, 3, 20), config.households)) < 0).all()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nobody_or_everybody_vulnerable(share):
    config = Rules.of(scenario("classroom", f"households.vulnerable_share={share}"))
    assert (vulnerability(np.array([-3.0, 3.0]), config.households) == share).all()


def test_the_vulnerable_and_the_detected_have_their_shares(pupils):
    """Share vulnerable near .2 (the mixture of groups is not quite normal: within .03); .35 of them detected, nobody else."""
    _, world = pupils
    who = world.households
    assert who.vulnerable.mean() == pytest.approx(0.2, abs=0.03)
    assert who.detected[who.vulnerable].mean() == pytest.approx(0.35, abs=4 * np.sqrt(0.23 / who.vulnerable.sum()))
    assert not who.detected[~who.vulnerable].any()


def test_tolerance_and_information(pupils):
    """Preferred shares .9 and .5 with a spread of .08, cut at 1; information .5 + .2 status, cut to [0, 1]."""
    _, world = pupils
    who = world.households
    assert who.tolerance[who.group > 0].mean() == pytest.approx(0.5, abs=0.01)
    assert who.tolerance[who.group > 0].std() == pytest.approx(0.08, abs=0.005)
    assert who.tolerance[who.group == 0].max() == 1.0
    assert who.information.min() >= 0 and who.information.max() <= 1
    inner = (who.information > 0.05) & (who.information < 0.95)
    noise = who.information[inner] - 0.5 - 0.2 * who.status[inner]
    assert kstest(noise[:2000] / 0.15, "norm").statistic < 0.06
    assert np.corrcoef(who.information, who.status)[0, 1] > 0.5


def test_a_share_of_families_is_of_the_tolerant_kind():
    """30 % of 20,000 within four standard errors, in both groups alike: f = .4 without spread, M = .2; the others as before."""
    options = ("households.tolerant=0.3", "households.tolerant_prefers=0.4", "households.tolerant_full=0.2")
    config = scenario("classroom", *CITY, *options, "choice.peers_full=0.7")
    state, rules = start(config, 1), Rules.of(config)
    who = state.households
    for group in (0, 1):
        kind = who.tolerant[who.group == group]
        assert kind.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / kind.size))
    assert np.unique(who.tolerance[who.tolerant]) == pytest.approx([0.4])
    assert who.tolerance[~who.tolerant].std() > 0.05
    alone, nothing = np.full(who.id.size, -1, np.int32), np.zeros(who.id.size, np.float32)
    full = choosers(state, rules, who, alone, nothing).real[:, TOP]  # but for those who like their own side alone best
    assert np.unique(full[who.tolerant]) == pytest.approx([0.2])
    assert np.unique(full[~who.tolerant & (who.tolerance < 1)]) == pytest.approx([0.7])
    usual = start(scenario("classroom", *CITY), 1).households
    assert not usual.tolerant.any()
    assert (usual.tolerance[~who.tolerant] == who.tolerance[~who.tolerant]).all()


def test_siblings_are_of_the_same_kind():
    """Being tolerant is drawn from the family, not from the child."""
    config = scenario("classroom", "households.tolerant=0.5", "households.sibling_share=0.5", "run.years=6")
    who = SchoolChoiceModel(config, 1).run().world.households
    younger = np.flatnonzero(who.family != who.id)
    kind = dict(zip(who.id.tolist(), who.tolerant.tolist(), strict=True))
    pairs = [(kind[int(who.family[h])], bool(who.tolerant[h])) for h in younger if int(who.family[h]) in kind]
    assert len(pairs) > 10
    assert all(older == own for older, own in pairs)


def test_workplaces(pupils):
    _, world = pupils
    works = world.households.workplace
    districts = len(world.city.district_names)
    assert (works >= 0).mean() == pytest.approx(0.5, abs=0.02)
    share = np.bincount(works[works >= 0], minlength=districts) / (works >= 0).sum()
    assert share == pytest.approx(np.full(districts, 1 / districts), abs=0.02)


def test_take_and_join():
    a, b = table([0, 1, 2]), table([3, 4], year=2)
    both = join(a, b)
    assert both.place.tolist() == [0, 1, 2, 3, 4]
    assert take(both, np.array([4, 0])).place.tolist() == [4, 0]
    assert take(both, both.place > 2).place.tolist() == [3, 4]
    assert take(both, np.zeros(5, bool)).id.size == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 40)), min_size=1, max_size=8), st.integers(1, 50))
def test_rows_copied_run_by_run_are_those_rows(runs, long):
    """Of every type of column, whether runs are long, short, out of order or overlap."""
    rows = np.concatenate([np.arange(begin, begin + length) for begin, length in runs])
    everyone = table(list(range(100)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_MANY", 0)
        patch.setattr(columns, "_LONG", long)
        some = take(everyone, rows)
    for column, wanted in zip(some, everyone, strict=True):
        assert column.dtype == wanted.dtype and (column == wanted[rows]).all()


@pytest.mark.parametrize("together", [1, 7, 450, 5_000])
def test_pupils_made_in_parts_are_the_same_pupils(together, monkeypatch):
    config = scenario("classroom", *CITY, "city.pupils=2000")
    whole = start(config, 2).households
    monkeypatch.setattr(residents, "_TOGETHER", together)
    for column, wanted in zip(start(config, 2).households, whole, strict=True):
        assert column.dtype == wanted.dtype and (column == wanted).all()
