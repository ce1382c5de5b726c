"""The books of every year of every shipped scenario: who came, who left, who sits where. Nobody twice, nobody lost."""

import numpy as np
import pytest

from abm.households import LATE_MARK, entry_year, sibling_gap
from abm.rows import flow_rows
from abm.schools import official
from tests.builders import CONFIGS

STRESS = {
    "stress": (
        "classroom", "moving.rate=0.2", "demography.growth=-0.2", "transfers.reconsider=0.6", "demography.late_arrivals=0.1", "response.close_below=6", "response.patience=1",
    ),
    "crowded": ("classroom", "demography.growth=0.15", "response.places=false", "demography.late_arrivals=0.1",
                "transfers.reconsider=0.0", "demography.leave_unhappy=0.5"),
    "zone assignment": ("classroom", 'admission.mechanism="zone_assignment"', "admission.private=\"inside\""),
    "random start": ("classroom", 'city.start="random"', 'admission.mechanism="top_trading_cycles"'),
    "one grade": ("classroom", "city.grades=1", 'admission.mechanism="serial_dictatorship"'),
    "reserves": ("classroom", "admission.reserved=0.3", "admission.maximum=0.5", 'admission.order="open_first"'),
}  # fmt: skip


@pytest.fixture(params=[*CONFIGS, *STRESS])
def run(request, history):
    """Each shipped scenario, the cities for three years; and the classroom under hard conditions."""
    if request.param in STRESS:
        return history(*STRESS[request.param])
    return history(request.param) if request.param == "classroom" else history(request.param, "run.years=3")


def years(run):
    """(year, world a year ago, world) of each year."""
    return [(y, run.worlds[y - 1], run.worlds[y]) for y in range(1, len(run.worlds))]


def by_group(groups, world):
    return np.bincount(groups, minlength=world.groups)


def test_ids_are_unique_in_every_year(run):
    for world in run.worlds:
        assert np.unique(world.households.id).size == world.households.id.size


def test_heads_are_the_households_with_a_school(run):
    """Counted one by one from the table, the heads that families see are those who sit there."""
    for world in run.worlds:
        table = world.households
        heads = np.zeros((world.schools.open.size, world.grades, world.groups), int)
        np.add.at(heads, tuple(c[table.school >= 0] for c in (table.school, table.grade, table.group)), 1)
        assert (heads == world.seen.heads).all()
        assert heads.sum() == (table.school >= 0).sum()


def test_no_school_is_above_its_places_in_any_grade_and_closed_ones_are_empty(run):
    for world in run.worlds:
        heads = world.seen.heads.sum(axis=2)
        assert (heads <= world.schools.places)[world.schools.open].all()
        assert heads[~world.schools.open].sum() == 0
        assert world.households.school.max() < world.schools.open.size


def test_groups_are_conserved(run):
    """Last year's pupils, less graduates and leavers, plus entrants and late arrivals, are this year's, by group."""
    for year, before, after in years(run):
        was, now, events = before.households, after.households, after.events
        late = (entry_year(now.id) == year) & (sibling_gap(now.id) == LATE_MARK)
        assert late.sum() == events.late
        expected = (
            by_group(was.group, after)
            - by_group(was.group[was.grade == after.grades - 1], after)
            - by_group(events.left_group, after)
            + by_group(after.round.families.group, after)
            + by_group(now.group[late], after)
        )
        assert (by_group(now.group, after) == expected).all()


def test_who_stays_moves_up_one_grade_and_keeps_what_does_not_change(run):
    for _, before, after in years(run):
        was, now = before.households, after.households
        _, old, new = np.intersect1d(was.id, now.id, return_indices=True)
        assert (now.grade[new] == was.grade[old] + 1).all()
        for name in ("family", "group", "status", "information", "tolerance", "workplace"):
            assert (getattr(now, name)[new] == getattr(was, name)[old]).all()


def test_everybody_this_year_was_there_or_entered_or_arrived_late(run):
    for year, before, after in years(run):
        now = after.households
        new = ~np.isin(now.id, before.households.id)
        assert (entry_year(now.id[new]) == year).all()
        late = sibling_gap(now.id[new]) == LATE_MARK
        assert np.isin(now.id[new][~late], after.round.id).all()
        assert (now.grade[new][~late] == 0).all()


def test_nobody_changes_school_without_a_record(run):
    """A pupil sits where it sat a year ago unless it transferred or its school closed."""
    for _, before, after in years(run):
        was, now, events = before.households, after.households, after.events
        _, old, new = np.intersect1d(was.id, now.id, return_indices=True)
        moved = (was.school[old] != now.school[new]) & (was.school[old] >= 0)
        known = np.isin(now.id[new], events.moved_id) | np.isin(was.school[old], events.closed)
        at_closed = np.isin(now.id[new], events.moved_id) & np.isin(now.school[new], events.closed)
        assert known[moved].all() and not at_closed.any()


def test_offers_keep_to_the_entry_places(run):
    for year in range(1, len(run.worlds)):
        world = run.choices[year]
        offer = world.round.offer
        got = np.bincount(offer[offer >= 0], minlength=world.schools.open.size)
        assert (got <= world.schools.places[:, 0]).all()
        assert world.schools.open[offer[offer >= 0]].all()
        listed = (world.round.lists == offer[:, None]).any(axis=1)
        assert listed[offer >= 0].all()
        assert np.unique(world.round.id).size == offer.size


def test_pupils_and_unplaced_add_up(run):
    """Pupils by group sum to all; pupils and unplaced are everybody; the flows count each of them once."""
    for world, indicators in zip(run.worlds, run.indicators, strict=True):
        groups = [indicators["pupils", g, "city"] for g in run.config.city.groups]
        everybody = indicators["pupils", "all", "city"]
        assert sum(groups) == everybody == (world.households.school >= 0).sum()
        assert indicators["pupils", run.config.city.minority, "city"] == sum(groups[1:])
        assert indicators["unplaced", "all", "city"] == (world.households.school < 0).sum()
        assert everybody + indicators["unplaced", "all", "city"] == world.households.id.size
        status = [indicators["pupils", f"all, {word} status", "city"] for word in ("high", "low")]
        assert sum(status) == everybody
        sectors = [v for n, g, scope, v in indicators.rows if (n, g) == ("pupils", "all") and scope[:7] == "sector:"]
        districts = [v for n, g, scope, v in indicators.rows if (n, g) == ("pupils", "all") and scope[:8] == "district"]
        assert sum(sectors) == sum(districts) == everybody
    flows = [int(line.rsplit(",", 1)[1]) for line in flow_rows(run.model)]
    assert sum(flows) == run.worlds[-1].households.id.size


def test_nobody_is_left_without_a_school_while_an_official_one_has_room_in_the_grade(run):
    """Unplaced after the year's placements means no school that takes pupils ex officio had a place in that grade.

    Transfers and closures come after the placement and may free a place, so only years without either are looked at.
    """
    for year, _, after in years(run):
        if after.events.moved_id.size or after.events.closed:
            continue
        waiting = after.households.school < 0
        room = np.where(after.schools.open[:, None], after.schools.places - after.seen.heads.sum(axis=2), 0)
        room[~official(after.schools, run.rules[year])] = 0
        assert (room.sum(axis=0)[after.households.grade[waiting]] == 0).all()


def test_hard_conditions_are_hard(history):
    """The stressed runs do what they are there for: schools close, families move and leave; the crowded lack places."""
    stressed, crowded = history(*STRESS["stress"]), history(*STRESS["crowded"])
    assert sum(len(w.events.closed) for w in stressed.worlds) > 0
    assert sum(w.events.rehomed for w in stressed.worlds) > 0
    assert sum(w.events.left_unhappy.sum() for w in crowded.worlds) > 0
    assert min(w.events.moved_id.size for w in stressed.worlds[1:]) > 0
    assert min((w.households.school < 0).sum() for w in crowded.worlds[4:]) > 0
    assert max(w.events.moved_id.size for w in crowded.worlds) == 0


def test_money_and_moves_are_recorded(run):
    """No policy, no cost; families moved home only where moves are on."""
    for indicators in run.indicators[1:]:
        assert indicators["cost"] == 0
        assert (indicators["rehomed"] > 0) <= (run.config.moving.rate > 0)
