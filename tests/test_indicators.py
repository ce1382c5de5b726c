"""Measurements of a year against naive loops over pupils, identities, and constructed cases."""

from math import isnan, nan

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway

from abm.city import PRIVATE
from abm.indicators import observe
from abm.indicators.flight import tipping
from abm.indicators.status import between, between_by_chance
from abm.model import SchoolChoiceModel
from abm.nearest import nearest_with_places
from abm.rules import Rules
from abm.segregation import dissimilarity
from abm.world import past
from tests.builders import CLOSING, STATE, blueprint, hand_config, scenario, table, world
from tests.reference import segregation as slow
from tests.reference.indicators import SUBSIDISED, Count

CITIES = {
    "classroom": (),
    "closing": CLOSING,
    "three groups": (
        'city.groups=["majority", "south", "east"]', "city.shares=[0.6, 0.2, 0.2]", "city.subsidised_share=0.25", "run.years=3",
        'city.zones="district"', "households.detection=0.9",
    ),
    "crowded": ("demography.growth=0.15", "response.places=false", "run.years=4", "demography.leave_unhappy=0.5"),
}  # fmt: skip


@pytest.fixture(params=CITIES)
def counted(request, history):
    run = history("classroom", *CITIES[request.param])
    world_, rules = run.worlds[-1], run.rules[-1]
    return run, world_, rules, run.indicators[-1], Count(world_, rules)


def near(value):
    """The same value up to rounding; nan equals nan."""
    return pytest.approx(value, abs=1e-9, nan_ok=True)


def named(run):
    return ["all", *run.config.city.groups, run.config.city.minority]


def test_segregation_by_school(counted):
    """Each index of the minority from heads counted pupil by pupil and the textbook definitions."""
    run, _, _, seen, count = counted
    minority = run.config.city.minority
    heads = count.heads(minority, "school")
    for index in (
        "dissimilarity",
        "gorard",
        "isolation",
        "exposure",
        "eta_squared",
        "theil_h",
        "mutual_information",
        "gini",
        "hutchens",
    ):
        assert seen[index, minority, "city"] == near(getattr(slow, index)(heads)), index
    assert seen["dissimilarity_random", minority, "city"] == pytest.approx(slow.expected_dissimilarity(heads), abs=1e-6)
    homes = count.heads(minority, "area")
    assert seen["dissimilarity_residential", minority, "city"] == near(slow.dissimilarity(homes))
    assert seen["dissimilarity_residential_district", minority, "city"] == near(
        slow.dissimilarity(count.heads(minority, "home"))
    )
    entry = [p for p in count.placed if p["grade"] == 0]
    assert seen["dissimilarity_entrants", minority, "city"] == near(
        slow.dissimilarity(count.heads(minority, "school", entry))
    )


def test_segregation_of_each_group_and_type(counted):
    run, _, _, seen, count = counted
    names = ["vulnerable", "detected", *(run.config.city.groups[1:] if len(run.config.city.groups) > 2 else [])]
    for name in names:
        heads = count.heads(name, "school")
        assert seen["dissimilarity", name, "city"] == near(slow.dissimilarity(heads))
        assert seen["isolation", name, "city"] == near(slow.isolation(heads))
        assert seen["theil_h", name, "city"] == near(slow.theil_h(heads))
        assert seen["dissimilarity_residential", name, "city"] == near(slow.dissimilarity(count.heads(name, "area")))


def test_nearest_school_counterfactual(counted):
    """D with everybody at the nearest school with places, whose twin stands in tests/test_start.py."""
    run, world_, _, seen, count = counted
    places = world_.schools.places * world_.schools.open[:, None]
    found = nearest_with_places(world_.households, world_.city, places, 1)
    moved = [p | {"school": int(s)} for p, s in zip(count.pupils, found, strict=True) if s >= 0]
    minority = run.config.city.minority
    assert seen["dissimilarity_nearest", minority, "city"] == near(
        slow.dissimilarity(count.heads(minority, "school", moved))
    )


def test_where_pupils_are(counted):
    """Shares outside the local school, private, subsidised, at another state school; pupils and unplaced; by status."""
    run, _, _, seen, count = counted
    for name in [*named(run), "vulnerable"]:
        of = [p for p in count.pupils if count.members[name](p)]
        assert seen["pupils", name, "city"] == sum(p["school"] >= 0 for p in of)
        assert seen["unplaced", name, "city"] == sum(p["school"] < 0 for p in of)
        assert seen["outside_local_school", name, "city"] == near(
            count.share(name, lambda p: p["school"] != p["local"])
        )
        assert seen["private", name, "city"] == near(count.share(name, lambda p: p["sector"] == PRIVATE))
        assert seen["subsidised", name, "city"] == near(count.share(name, lambda p: p["sector"] == SUBSIDISED))
        other = count.share(name, lambda p: p["sector"] == STATE and p["school"] != p["local"])
        assert seen["other_state", name, "city"] == near(other)
    for name in ("all", run.config.city.groups[0], run.config.city.minority):
        for word, high in (("high", True), ("low", False)):
            of = [p for p in count.placed if count.members[name](p) and p["high"] == high]
            assert seen["pupils", f"{name}, {word} status", "city"] == len(of)
            share = sum(p["sector"] == PRIVATE for p in of) / len(of) if of else nan
            assert seen["private", f"{name}, {word} status", "city"] == near(share)


def test_way_to_school(counted):
    """Mean kilometres; summed in whole metres, so within half a metre."""
    run, _, _, seen, count = counted
    for name in [*named(run), "vulnerable"]:
        of = [p["km"] for p in count.placed if count.members[name](p)]
        assert seen["distance_km", name, "city"] == pytest.approx(np.mean(of), abs=0.0005)


def test_exits_and_leavers(counted):
    run, world_, _, seen, count = counted
    moved, left = set(world_.events.moved_id.tolist()), world_.events.left_group
    for g, name in enumerate(run.config.city.groups):
        assert seen["exits", name, "city"] == near(count.share(name, lambda p: p["id"] in moved))
        assert seen["left_city", name, "city"] == (left == g).sum()
    assert seen["left_city", "all", "city"] == left.size
    assert seen["left_unhappy", "all", "city"] == world_.events.left_unhappy.sum()
    assert seen["late_arrivals"] == world_.events.late


def test_choices_met(counted):
    """First choices, top three and true first choices, of all entrants, those who left included."""
    run, world_, _, seen, _ = counted
    turn = world_.round
    for name, inside in (
        ("all", lambda h: True),
        (run.config.city.groups[0], lambda h: turn.families.group[h] == 0),
        ("vulnerable", lambda h: turn.families.vulnerable[h]),
    ):
        rows = [h for h in range(turn.id.size) if inside(h)]
        first = [turn.offer[h] >= 0 and turn.lists[h, 0] == turn.offer[h] for h in rows]
        three = [turn.offer[h] >= 0 and turn.offer[h] in turn.lists[h, :3] for h in rows]
        true = [turn.offer[h] >= 0 and turn.favourite[h] == turn.offer[h] for h in rows]
        assert seen["first_choice", name, "city"] == near(np.mean(first))
        assert seen["top_three", name, "city"] == near(np.mean(three))
        assert seen["first_choice_true", name, "city"] == near(np.mean(true))
    off_list = sum(turn.offer < 0) - world_.events.left_unhappy.sum()
    assert seen["ex_officio", "all", "city"] == near(off_list / turn.id.size)


def test_sectors_and_districts(counted):
    run, world_, _, seen, count = counted
    minority, district = run.config.city.minority, world_.schools.district
    for k, word in enumerate(("state", "subsidised", "private")):
        here = [p for p in count.placed if p["sector"] == k]
        if here:
            assert seen["pupils", "all", f"sector:{word}"] == len(here)
            assert seen["dissimilarity", minority, f"sector:{word}"] == near(
                dissimilarity(np.array(count.heads(minority, "school", here)))
            )
        else:
            assert ("pupils", "all", f"sector:{word}") not in {row[:3] for row in seen.rows}
    for d, name in enumerate(world_.city.district_names):
        here = [p for p in count.placed if district[p["school"]] == d]
        if here:
            assert seen["pupils", "all", f"district:{name}"] == len(here)
            assert seen["isolation", minority, f"district:{name}"] == near(
                slow.isolation(count.heads(minority, "school", here))
            )


def test_identities(counted):
    """GS = (1 - P) D; residence + choice + random = D; isolation + exposure = 1; M within + between = M."""
    run, _, _, seen, count = counted
    minority = run.config.city.minority
    share = count.share("all", lambda p: p["group"] > 0)
    assert seen["gorard"] == near((1 - share) * seen["dissimilarity"])
    parts = seen["residence_part"] + seen["choice_part"] + seen["dissimilarity_random"]
    assert parts == near(seen["dissimilarity", minority, "city"])
    assert seen["isolation"] + seen["exposure"] == near(1)
    if len(run.config.city.groups) == 2:
        for word in ("districts", "sectors"):
            between = seen[f"mutual_information_between_{word}", "all", "city"]
            within = seen[f"mutual_information_within_{word}", "all", "city"]
            assert between + within == near(seen["mutual_information"])
            assert min(between, within) >= -1e-12


def test_changes_of_m_since_the_start_add_up(history):
    """Structure + composition = M of now minus M of year 0 (Elbers 2021); nothing has changed in year 0."""
    run = history("classroom")
    last, first = run.indicators[-1], run.indicators[0]
    total = last["mutual_information_structure"] + last["mutual_information_composition"]
    assert total == pytest.approx(last["mutual_information"] - first["mutual_information"], abs=1e-6)
    assert first["mutual_information_structure"] == pytest.approx(0, abs=1e-9)


def hand(minority_by_school, size=20):
    """Schools of ``size`` pupils with these numbers of the minority."""
    groups = np.concatenate([[1] * m + [0] * (size - m) for m in minority_by_school])
    school = np.repeat(np.arange(len(minority_by_school)), size)
    config = hand_config()
    stock = [(float(s), STATE, size) for s in range(len(minority_by_school))]
    plan = blueprint(config, stock, [0.0, 1.0])
    state = world(config, plan, table(np.zeros(groups.size, int), groups, school=school))
    return state, observe(state, Rules.of(config), past(state), state.seen.heads.sum(axis=1))


def test_segregated_and_balanced_schools():
    """Shares .1, .4, .5, .6 and 1 round a mean of .52: two are 20 points above or more (1), balanced are .5 and .6."""
    _, seen = hand([2, 8, 10, 12, 20])
    assert seen["segregated_schools", "all", "city"] == pytest.approx(1 / 5)  # 1.0 >= .72
    assert seen["balanced_schools", "all", "city"] == pytest.approx(2 / 5)  # .42 to .62


def test_the_ends_of_the_scale():
    """All alike: D = 0, half balanced... all balanced; wholly apart: D = 1."""
    _, even = hand([5, 5, 5])
    assert even["dissimilarity"] == 0 and even["balanced_schools", "all", "city"] == 1
    _, apart = hand([20, 0])
    assert apart["dissimilarity"] == 1 and apart["isolation"] == 1


def test_one_group_has_no_segregation():
    _, seen = hand([0, 0])
    assert isnan(seen["dissimilarity", "minority", "city"])
    assert seen["pupils"] == 40


def test_tipping_by_hand():
    """School 0 falls from .8 to .7 while its catchment stays: tips. School 1 falls by .1 with its catchment: does not.

    School 2 falls by 4 points only. Ten of each; local schools are by place.
    """
    config = hand_config()
    sites = [0.0, 10.0, 20.0]
    plan = blueprint(config, [(x, STATE, 200) for x in sites], sites)

    def state(shares, catchments):
        """100 pupils a school with these majority shares at school and at home."""
        place, group, school = [], [], []
        for s, (share, home) in enumerate(zip(shares, catchments, strict=True)):
            majority, at_home = round(100 * share), round(100 * home)
            # majority pupils of this catchment sit here as far as they can, the rest come from elsewhere (place kept)
            group += [0] * majority + [1] * (100 - majority)
            school += [s] * 100
            place += [s] * 100
            del at_home
        return world(config, plan, table(place, group, school=school))

    before = state([0.8, 0.8, 0.8], [0.8] * 3)
    after = state([0.7, 0.7, 0.76], [0.7] * 3)
    # with pupils at their local school, school and catchment fall alike: nothing tips
    assert tipping(after, past(before)).tolist() == [False] * 3
    # the same schools, but the families of school 0 live as they did a year ago: its catchment did not change
    swapped = after.households.place.copy()
    new_minority = np.flatnonzero((after.households.school == 0) & (after.households.group == 1))[:10]
    majority_elsewhere = np.flatnonzero((after.households.school == 1) & (after.households.group == 0))[:10]
    swapped[new_minority], swapped[majority_elsewhere] = 1, 0
    lives = after._replace(households=after.households._replace(place=swapped))
    assert tipping(lives, past(before)).tolist() == [True, False, False]


def test_headlines_and_mapping(classroom):
    """``indicators[name]`` is the minority's for segregation, everybody's otherwise; a row's key works too."""
    seen = classroom.indicators[-1]
    assert seen["dissimilarity"] == seen["dissimilarity", "minority", "city"] == seen["dissimilarity", "minority"]
    assert seen["pupils"] == seen["pupils", "all", "city"]
    assert seen["private"] == seen["private", "all", "city"]
    assert len(seen) == len(list(seen)) > 30
    with pytest.raises(KeyError):
        seen["happiness"]
    keys = [row[:3] for row in seen.rows]
    assert len(keys) == len(set(keys))


def test_outcomes_only_when_switched_on(history):
    run = history("classroom", "run.years=1")
    assert "achievement_gap" not in run.indicators[-1]
    on = history("classroom", "run.years=1", "outcomes.on=true")
    seen, world_ = on.indicators[-1], on.worlds[-1]
    assert 0 < seen["early_leaving", "all", "city"] < 1
    # by hand: achievement of the minority is lower by the status gap's part at least
    w, who = on.config.outcomes, world_.households
    has = who.school >= 0
    area = world_.city.place_area[who.place]
    score = [
        w.status * who.status[h] + w.quality * world_.schools.quality[who.school[h]] + w.peers * world_.seen.status[who.school[h]]
        + w.neighbourhood * who.status[area == area[h]].mean()
        for h in range(who.id.size)
    ]  # fmt: skip
    score = np.array(score)
    gap = score[has & (who.group == 0)].mean() - score[has & (who.group > 0)].mean()
    assert seen["achievement_gap"] == pytest.approx(gap, abs=1e-5)


def test_who_leaves_with_its_siblings_is_no_entrant_placed_ex_officio():
    """All whose list fails leave, with the children they have inside: nobody is left to be placed (not fewer than nobody)."""
    crowded = ["city.slack=0.0", "choice.length=1", "demography.leave_unhappy=1.0", "demography.leave_status=0.0"]
    model = SchoolChoiceModel(scenario("classroom", *crowded, "run.years=6"), 1, collect=False)
    left = 0
    for _ in range(6):
        model.step()
        left += model.indicators["left_unhappy"]
        assert model.indicators["ex_officio"] == 0
    assert left > 0


def test_variance_of_status_between_schools_by_hand():
    """Statuses 0, 2 | 4, 6: mean 3, schools at 1 and 5, so 4 x 2^2 = 16 of 20 lies between them. By chance (2 - 1)/(4 - 1)."""
    assert between(np.array([0.0, 2, 4, 6]), np.array([0, 0, 3, 3])) == pytest.approx(16 / 20)
    assert between_by_chance(np.array([0.0, 2, 4, 6]), np.array([0, 0, 3, 3])) == pytest.approx(1 / 3)
    assert between(np.array([0.0, 2, 0, 2]), np.array([0, 0, 1, 1])) == 0
    for values in (np.ones(4), np.empty(0)):
        assert isnan(between(values, np.zeros(values.size, int)))
        assert isnan(between_by_chance(values, np.zeros(values.size, int)))


def test_variance_of_status_against_an_analysis_of_variance():
    """eta^2 = F (k - 1)/(F (k - 1) + N - k), with F from scipy's one-way ANOVA; and its mean over shuffled pupils."""
    rng = np.random.default_rng(5)
    unit = rng.integers(0, 12, 300)
    status = rng.normal(size=300) + 0.3 * rng.normal(size=12)[unit]
    f = f_oneway(*(status[unit == u] for u in range(12))).statistic
    assert between(status, unit) == pytest.approx(f * 11 / (f * 11 + 300 - 12), rel=1e-4)
    dealt = [between(rng.permutation(status), unit) for _ in range(2000)]
    assert np.mean(dealt) == pytest.approx(between_by_chance(status, unit), abs=4 * np.std(dealt) / np.sqrt(2000))


def test_variance_of_status_in_a_year(counted):
    """Pupil by pupil, from the table, with pandas; of all and of the entry grade, over schools and over areas."""
    _, world_, _, seen, _ = counted
    who = world_.households
    frame = pd.DataFrame({
        "status": who.status.astype(float), "school": who.school, "grade": who.grade, "area": world_.city.place_area[who.place],
    })  # fmt: skip
    inside = frame[frame.school >= 0]

    def eta(rows, unit):
        means = rows.groupby(unit).status.transform("mean")
        return ((means - rows.status.mean()) ** 2).sum() / ((rows.status - rows.status.mean()) ** 2).sum()

    for name, rows in (("", inside), ("_entrants", inside[inside.grade == 0])):
        assert seen[f"status_between_schools{name}"] == pytest.approx(eta(rows, "school"), rel=1e-4)
        chance = (rows.school.nunique() - 1) / (len(rows) - 1)
        assert seen[f"status_between_schools{name}_random"] == pytest.approx(chance)
    assert seen["status_between_areas"] == pytest.approx(eta(inside, "area"), rel=1e-4)
