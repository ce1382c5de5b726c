"""Who comes and goes, over many families: cohorts, siblings, late arrivals, leavers, vulnerability, detection."""

import itertools

import numpy as np
import pytest

from abm.demography import demography
from abm.households import LATE, LATE_MARK, entry_year, sibling_gap
from abm.model import SchoolChoiceModel
from abm.rules import Rules
from abm.start import start
from abm.world import new_year
from tests.builders import scenario

CITY = ("city.pupils=20000", "city.schools=20", "city.area_pupils=400", "city.private_share=0.0")
QUIET = ("demography.leave=0.0", "demography.late_arrivals=0.0")


def years(n, *overrides, rules=None):
    """(config, worlds) of ``n`` years of demography alone, on 20,000 pupils."""
    config = scenario("classroom", *CITY, *overrides)
    world = start(config, 1)
    worlds = [world]
    for year in range(1, n + 1):
        world = demography(new_year(world), rules(year) if rules else Rules.of(config))
        worlds.append(world)
    return config, worlds


def entrants(world):
    who = world.households
    return (entry_year(who.id) == world.year) & (sibling_gap(who.id) != LATE_MARK)


@pytest.fixture(scope="module")
def default():
    return years(12)


def test_cohorts_have_the_size_of_a_grade(default):
    """Each year a fifth of 20,000 enters; firsts and siblings are random by cell, so within 4 %."""
    for world in default[1][1:]:
        assert entrants(world).sum() == pytest.approx(4000, rel=0.04)


def test_the_city_s_size_and_groups_are_stationary(default):
    """Leavers (1 % of four grades a year) and late arrivals (.2 and 2 %) nearly balance; shares of groups stay."""
    _, worlds = default
    for world in worlds[6:]:
        assert world.households.id.size == pytest.approx(20_000, rel=0.05)
        assert (world.households.group > 0).mean() == pytest.approx(0.3, abs=0.03)


def test_entrants_by_area_and_group_are_those_expected():
    """Without growth each area and group sends its rate: the mean over 12 years within four standard errors (Poisson at most)."""
    _, worlds = years(12, *QUIET, "households.sibling_share=0.0")
    expected = worlds[0].city.entry_rate
    got = np.zeros_like(expected)
    for world in worlds[1:]:
        new = entrants(world)
        np.add.at(got, (world.city.place_area[world.households.place[new]], world.households.group[new]), 1)
    # whole families: floor or one more, so the variance of a year is at most 1/4 a cell
    assert np.abs(got - 12 * expected).max() < 4 * np.sqrt(12 / 4)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.38, 0.5])
def test_the_share_of_entrants_with_an_older_sibling_is_the_parameter(share):
    """Over years 1 to 12, with nobody leaving, within .02; also in the first years, when older children are of the start."""
    _, worlds = years(12, *QUIET, f"households.sibling_share={share}")
    for span in (slice(1, 5), slice(5, 13)):
        new = [entrants(w) for w in worlds[span]]
        have = [(sibling_gap(w.households.id[n]) > 0).mean() for w, n in zip(worlds[span], new, strict=True)]
        assert np.mean(have) == pytest.approx(share, abs=0.02)


def test_siblings_have_their_older_child_in_the_stage(default):
    """Whoever enters as a younger sibling finds the first child in a higher grade, unless it left this very year."""
    for world in default[1][1:]:
        who = world.households
        younger = entrants(world) & (sibling_gap(who.id) > 0)
        there = np.isin(who.family[younger], who.id)
        assert there.all()
        grade = dict(zip(who.id.tolist(), who.grade.tolist(), strict=True))
        gaps = sibling_gap(who.id[younger])
        assert all(grade[int(f)] == g for f, g in zip(who.family[younger], gaps, strict=True))


def test_siblings_share_all_but_detection(default):
    """Of a family all children have the same home, group, status, tolerance, workplace and vulnerability, in every year."""
    for world in default[1]:
        who = world.households
        first = {int(f): i for i, f in reversed(list(enumerate(who.family)))}
        at = np.array([first[int(f)] for f in who.family])
        for name in ("place", "group", "status", "information", "tolerance", "workplace", "vulnerable"):
            assert (getattr(who, name) == getattr(who, name)[at]).all(), name


def test_ids_are_unique_at_all_times(default):
    seen = set()
    for before, world in zip(default[1], default[1][1:], strict=False):
        ids = world.households.id
        assert np.unique(ids).size == ids.size
        new = set(ids.tolist()) - set(before.households.id.tolist())
        assert not new & seen
        seen |= set(before.households.id.tolist()) | new


def test_growth():
    """5 % a year for the minority, none for the majority: without siblings 1.63 times the cohort after ten years.

    With siblings, who follow the smaller cohorts of years before, the level is some 4 % lower, and grows as fast.
    """
    growth = "demography.growth={majority = 0.0, minority = 0.05}"
    _, alone = years(10, *QUIET, growth, "households.sibling_share=0.0")
    heads = [np.bincount(w.households.group[entrants(w)], minlength=2) for w in alone]
    assert heads[10] == pytest.approx([2800, 1200 * 1.05**10], rel=0.02)
    _, together = years(10, *QUIET, growth)
    heads = [np.bincount(w.households.group[entrants(w)], minlength=2) for w in together]
    assert heads[10][1] / heads[6][1] == pytest.approx(1.05**4, rel=0.06)
    assert heads[10][0] == pytest.approx(2800, rel=0.05)


def test_late_arrivals_have_their_rates_and_any_grade():
    """2 % of the minority's pupils and .2 % of the majority's, spread evenly over grades."""
    _, worlds = years(10, "demography.leave=0.0")
    counts, grades = np.zeros(2), np.zeros(5)
    for world in worlds[1:]:
        who = world.households
        late = (entry_year(who.id) == world.year) & (sibling_gap(who.id) == LATE_MARK)
        assert late.sum() == world.events.late
        assert (who.way[late] == LATE).all() and (who.school[late] == -1).all()
        counts += np.bincount(who.group[late], minlength=2)
        grades += np.bincount(who.grade[late], minlength=5)
    assert counts / 10 == pytest.approx([14_000 * 0.002, 6_000 * 0.02], rel=0.12)
    assert grades / grades.sum() == pytest.approx(np.full(5, 0.2), abs=4 * np.sqrt(0.16 / grades.sum()))


def test_leavers_have_their_rate():
    """5 % a year of those who do not graduate, within four standard errors over five years."""
    _, worlds = years(5, "demography.leave=0.05", "demography.late_arrivals=0.0")
    could = sum((w.households.grade < 4).sum() for w in worlds[:-1])
    left = sum(w.events.left_group.size for w in worlds[1:])
    assert left / could == pytest.approx(0.05, abs=4 * np.sqrt(0.0475 / could))
    assert not any(w.events.left_unhappy.any() for w in worlds[1:])


def test_vulnerability_is_stationary_though_families_change(default):
    """A tenth leaves vulnerability each year and as many enter it: the share stays within .02 of the start's."""
    _, worlds = default
    start_share = worlds[0].households.vulnerable.mean()
    for world in worlds[1:]:
        assert world.households.vulnerable.mean() == pytest.approx(start_share, abs=0.02)
    was, now = worlds[3].households, worlds[4].households
    _, i, j = np.intersect1d(was.id, now.id, return_indices=True)
    ceased = was.vulnerable[i] & ~now.vulnerable[j]
    assert ceased.sum() / was.vulnerable[i].sum() == pytest.approx(0.1, abs=0.025)


def detected(world):
    who = world.households
    return who.detected[who.vulnerable].mean()


@pytest.mark.parametrize("lag", [0.0, 1.0, 3.0])
def test_detection_moves_to_its_new_rate_with_a_lag(lag):
    """Raised from .35 to .9 in year 2: at once without a lag, otherwise within .03 after many lags, never back.

    Those who become vulnerable wait to be detected, so with a tenth changing a year the share stays a little below.
    """
    config = scenario("classroom", *CITY)

    def rules(year):
        base = Rules.of(config).edit("households.detection_lag", lag).edit("households.vulnerable_exit", 0.0)
        return base.edit("households.detection", 0.9) if year >= 2 else base

    _, worlds = years(24, *QUIET, f"households.detection_lag={lag}", "households.vulnerable_exit=0.0", rules=rules)
    share = [detected(w) for w in worlds]
    assert share[1] == pytest.approx(0.35, abs=0.03)
    assert share[-1] == pytest.approx(0.9, abs=0.03)
    if lag == 0:
        assert share[2] == pytest.approx(0.9, abs=0.03)
    else:
        assert share[2] < 0.9 - 0.05
        assert (np.diff(share[1:]) > -0.02).all()


@pytest.mark.parametrize("lag", [1.0, 3.0])
def test_detection_of_older_pupils_waits_for_the_lag_once(lag):
    """A mean time of ``detection_lag`` until a family is detected: what lacks shrinks by lag/(1 + lag) a year.

    Rate .35 to .9 from year 2 on, nobody's vulnerability changes: .9 - .55 (lag/(1 + lag))^(year - 1), within .03.
    """
    config = scenario("classroom", *CITY)

    def rules(year):
        base = Rules.of(config).edit("households.detection_lag", lag).edit("households.vulnerable_exit", 0.0)
        return base.edit("households.detection", 0.9) if year >= 2 else base

    _, worlds = years(8, *QUIET, f"households.detection_lag={lag}", "households.vulnerable_exit=0.0", rules=rules)
    for year in (2, 4, 6):
        who = worlds[year].households
        older = who.vulnerable & (entry_year(who.id) < 2) & (who.grade > 0)
        if older.any():
            wanted = 0.9 - 0.55 * (lag / (1 + lag)) ** (year - 1)
            assert who.detected[older].mean() == pytest.approx(wanted, abs=0.03), year


def test_a_family_leaves_the_city_with_all_its_children():
    """Of two siblings in the stage neither stays when the other leaves for reasons of the family's own."""
    _, worlds = years(8, "demography.leave=0.1", "demography.late_arrivals=0.0")
    torn = 0
    for before, after in itertools.pairwise(worlds):
        was, now = before.households, after.households
        could = was.grade < before.grades - 1
        gone = was.family[could & ~np.isin(was.id, now.id)]
        stayed = was.family[could & np.isin(was.id, now.id)]
        torn += np.intersect1d(gone, stayed).size
    assert torn == 0


def test_detected_by_error_only_at_the_rate_of_errors():
    _, worlds = years(6, "households.false_detection=0.1", "households.detection_lag=0.0")
    who = worlds[-1].households
    assert who.detected[~who.vulnerable].mean() == pytest.approx(0.1, abs=0.02)


def test_places_move_up_with_their_cohort():
    """The places of a grade are those its cohort was admitted to; the entry grade has this year's intake."""
    model = SchoolChoiceModel(scenario("classroom"), 1, collect=False)
    world = model.world._replace(schools=model.world.schools._replace(intake=np.arange(8, dtype=np.int32) + 50))
    after = demography(new_year(world), model.rules)
    assert (after.schools.places[:, 0] == np.arange(8) + 50).all()
    assert (after.schools.places[:, 1:] == world.schools.places[:, :-1]).all()


def test_with_one_grade_everybody_is_new_each_year():
    _, worlds = years(2, "city.grades=1", *QUIET)
    assert not np.isin(worlds[1].households.id, worlds[0].households.id).any()
    assert (sibling_gap(worlds[1].households.id) == 0).all()
    assert worlds[1].households.id.size == pytest.approx(20_000, rel=0.01)


def test_what_a_family_does_does_not_depend_on_the_others():
    """Cut out half of the families: the other half leaves, changes and has siblings exactly as before."""
    config = scenario("classroom", *CITY)
    world, rules = start(config, 1), Rules.of(config)
    half = world.households.id % 2 == 0
    from abm.households import take

    whole = demography(new_year(world), rules).households
    part = demography(new_year(world._replace(households=take(world.households, half))), rules).households
    kept = np.isin(part.family, world.households.id[half])
    i = np.isin(whole.family, world.households.id[half])
    order, other = np.argsort(whole.id[i]), np.argsort(part.id[kept])
    for name in whole._fields:
        assert (getattr(whole, name)[i][order] == getattr(part, name)[kept][other]).all(), name
