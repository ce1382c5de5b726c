"""Compare and league: pairs share everything but the policy, tables say what the runs say, any interruption is harmless."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from abm.config.declare import ScenarioError
from abm.indicators import headlines, observe
from abm.model import SchoolChoiceModel
from abm.scenario import configure, load, to_tree
from abm.start import start
from abm.world import past
from experiments import posterior
from experiments import statistics as stats
from experiments.compare import conduct, effects, league, page, sets, text, trial
from experiments.compare.measures import MEASURES, elsewhere, seats
from experiments.compare.plan import Arm, Plan, arms_of, from_plain, to_plain
from experiments.compare.store import Store
from tests.builders import ROOT, scenario

SMALL = ("city.pupils=200", "city.schools=4", "run.years=3")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("policies")
    (folder / "both.toml").write_text(
        'title = "Both"\n[[policies]]\nkind = "detection"\nrate = 1.0\ncost_fixed = 1000.0\ncost_pupil = 0.0\n'
        '[[policies]]\nkind = "reserved_places"\nshare = 0.3\ncost_pupil = 0.0\n'
    )
    (folder / "nothing.toml").write_text('title = "Nothing"\n[[policies]]\nkind = "detection"\nintensity = 0.0\n')
    return [folder / "both.toml", folder / "nothing.toml"]


@pytest.fixture(scope="module")
def plan(files):
    base = scenario("classroom", *SMALL)
    return Plan(base, "configs/classroom.toml", arms_of(files, base), burn_in=2, years=3, after=1, seeds=3)


@pytest.fixture(scope="module")
def done(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare") / "run"
    conduct.conduct(plan, folder, 1, "test", bar=False)
    return Store(folder)


def test_arms_are_bundles_and_their_parts(plan):
    assert [(a.name, a.bundle, len(a.policies)) for a in plan.arms] == [
        ("both", "", 2), ("both--1-detection", "both", 1), ("both--2-reserved_places", "both", 1), ("nothing", "", 1),
    ]  # fmt: skip


def test_parts_of_one_kind_are_told_apart_by_their_years_in_the_terminal_too(tmp_path):
    years = ("start = 1\nend = 3", "start = 4", "start = 2\nend = 2")
    path = tmp_path / "p.toml"
    path.write_text("".join(f'[[policies]]\nkind = "balanced_late_arrivals"\n{when}\n' for when in years))
    parts = arms_of([path], scenario("classroom", *SMALL))[1:]
    assert [part.title.partition(", ")[2] for part in parts] == ["years 1-3", "from year 4", "year 2"]
    labels = [text.label(part) for part in parts]
    assert len(set(labels)) == 3 and max(map(len, labels)) <= text.WIDEST
    assert labels[0] == "  balanced late ..., years 1-3"


def test_years_of_policies_count_from_the_burn_in_and_end_with_the_years(plan):
    arm = Arm("x", "x", tuple(configure({"policies": [
        {"kind": "detection"}, {"kind": "detection", "start": 2, "end": 9}, {"kind": "detection", "start": 4},
    ]}).policies))  # fmt: skip
    assert [(p.start, p.end) for p in plan.policies(arm)] == [(3, 5), (4, 5)]
    assert plan.milestones == (1, 3, 4)


def test_a_plan_survives_json(plan):
    assert from_plain(json.loads(json.dumps(to_plain(plan)))) == plan
    assert replace(plan, seeds=9).identity() == plan.identity() != replace(plan, burn_in=3).identity()


def test_a_policy_of_no_intensity_is_the_baseline_in_every_figure(done):
    runs = done.runs().set_index(["arm", "seed", "year"]).drop(columns=["elsewhere_majority", "elsewhere_minority"])
    pd.testing.assert_frame_equal(runs.loc["nothing"], runs.loc["baseline"])


def test_an_arm_is_the_run_of_its_scenario(plan, done):
    """The future that shares its burn-in with others ends as the whole scenario run alone, with the policies from year 3 on."""
    tree = to_tree(plan.base) | {"policies": [
        {"kind": "detection", "rate": 1.0, "start": 3, "end": 5}, {"kind": "reserved_places", "share": 0.3, "start": 3, "end": 5},
    ]}  # fmt: skip
    tree["run"]["years"] = 6
    model = SchoolChoiceModel(configure(tree), 2, collect=False).run()
    row = done.runs().set_index(["arm", "seed", "year"]).loc[("both", 2, 4)]
    for name in ("D", "H", "flight", "distance", "first_choice_minority"):
        m = MEASURES[name]
        group = {"majority": "majority", "minority": "minority"}.get(m.group, m.group)
        assert row[name] == pytest.approx(model.indicators[m.indicator, group, "city"], rel=1e-9)


def test_headlines_are_rows_of_the_whole_observation(classroom):
    world, before = classroom.worlds[3], past(classroom.worlds[2])
    rules, first = classroom.rules[3], classroom.model.first
    known = {row[:3]: str(row[3]) for row in observe(world, rules, before, first).rows}
    rows = headlines(world, rules, before, first).rows
    assert len(rows) > 60
    for row in rows:
        assert known[row[:3]] == str(row[3])


def test_effects_are_means_of_differences_by_seed(plan, done):
    runs = done.runs()
    table = effects.effects(effects.Runs(plan, runs), False).set_index(["arm", "measure", "year"])
    wide = runs[runs.year == 3].pivot(index="seed", columns="arm", values="D")
    gap = (wide["both"] - wide["baseline"]).to_numpy()
    row = table.loc[("both", "D", 3)]
    assert row.effect == pytest.approx(gap.mean())
    half = 4.302652729911275 * gap.std(ddof=1) / np.sqrt(3)  # Student's t, two degrees of freedom, 97.5 %
    assert (row.low, row.high) == pytest.approx((gap.mean() - half, gap.mean() + half))
    assert row.baseline == pytest.approx(wide["baseline"].mean()) and row.seeds == 3


def test_costs_and_interaction_add_up(plan, done):
    """1,000 euro in each of three years, none after; the bundle's effect is the parts' plus the interaction."""
    runs = done.runs()
    assert set(runs[(runs.arm == "both") & runs.year.between(1, 3)].cost) == {1000.0}
    assert set(runs[(runs.arm == "both") & (runs.year == 4)].cost) == {0.0}
    table = effects.summary(effects.Runs(plan, runs), False).set_index("arm")
    assert table.cost["both"] == 1000.0 and table.cost["nothing"] == 0.0
    parts = table.D_effect["both--1-detection"] + table.D_effect["both--2-reserved_places"]
    assert table.interaction["both"] == pytest.approx(table.D_effect["both"] - parts)
    assert np.isnan(table.interaction["nothing"])
    assert table.D_verdict["nothing"] == "not known" and "never in force" in table.D_words["nothing"]
    assert table.correlation["nothing"] == pytest.approx(1)


def test_who_sits_elsewhere_is_counted_by_hand(classroom):
    world = classroom.worlds[2]
    table = world.households
    base = seats(table)
    school = table.school.copy()
    majority, minority = np.flatnonzero(table.group == 0)[:3], np.flatnonzero(table.group > 0)[:2]
    school[majority] = (school[majority] + 1) % 8
    school[minority[:1]] = (school[minority[:1]] + 1) % 8
    assert elsewhere(table._replace(school=school), base) == {"elsewhere_majority": 3.0, "elsewhere_minority": 1.0}
    gone = table._replace(school=school, id=table.id + (np.arange(table.id.size) == majority[0]))
    assert elsewhere(gone, base)["elsewhere_majority"] == 2.0


def test_districts_add_up_to_the_city(done):
    districts, runs = done.districts(), done.runs()
    last = districts[(districts.year == 4) & (districts.arm == "both") & (districts.seed == 1)]
    row = runs[(runs.year == 4) & (runs.arm == "both") & (runs.seed == 1)].iloc[0]
    assert last.pupils.sum() == row.pupils
    assert (last.pupils * last.km.fillna(0)).sum() / row.pupils == pytest.approx(row.distance, abs=1e-3)
    assert last[last.side == 0].elsewhere.sum() == row.elsewhere_majority


def test_a_stopped_comparison_goes_on_and_ends_the_same(plan, done, tmp_path, monkeypatch):
    """Stopped in the middle of the second seed: what is finished stays, is usable, and only the rest is run."""
    real, calls = trial._follow, []

    def stop(model, made, there):
        calls.append(model.seed_number)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return real(model, made, there)

    monkeypatch.setattr(trial, "_follow", stop)
    with pytest.raises(KeyboardInterrupt):
        conduct.conduct(plan, tmp_path / "run", 1, "test", bar=False)
    store = Store(tmp_path / "run")
    assert store.manifest()["trials"] == [[0, 1]]
    assert set(store.runs().seed) == {1}
    page.write_comparison(plan, tmp_path / "run")
    conduct.conduct(plan, tmp_path / "run", 1, "test", bar=False)
    # 5 futures x 3 seeds, one stopped; the second seed's baseline is walked again, since the others are counted against it
    assert len(calls) == 15 + 1 + 1
    for file in ("runs.csv", "districts.csv"):
        assert (store.folder / file).read_bytes() == (done.folder / file).read_bytes()


def test_two_processes_give_the_same_bytes(plan, done, tmp_path, monkeypatch):
    from experiments import processes

    monkeypatch.setattr(processes, "WORTH_PROCESSES", 0.0)
    conduct.conduct(plan, tmp_path / "two", 2, "test", bar=False)
    assert (tmp_path / "two" / "runs.csv").read_bytes() == (done.folder / "runs.csv").read_bytes()


def test_a_folder_that_holds_something_else_is_left_alone(plan, done, tmp_path):
    with pytest.raises(ScenarioError, match="another comparison"):
        conduct.conduct(replace(plan, burn_in=1), done.folder, 1, "test", bar=False)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ScenarioError):
        conduct.conduct(plan, tmp_path, 1, "test", bar=False)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_seeds_are_added_until_the_interval_is_narrow(files, tmp_path):
    base = scenario("classroom", *SMALL)
    plan = Plan(base, "x", arms_of(files[:1], base, split=False), burn_in=1, years=2, after=0, seeds=4)
    more = effects.precise_enough(0.08, 60)
    end = conduct.conduct(plan, tmp_path / "run", 1, "test", more, bar=False)
    assert stats.FEWEST <= end.seeds <= 60
    gap = effects.Runs(end, Store(tmp_path / "run").runs()).differences("D", 2)[0, 0]
    assert gap.size == end.seeds and (end.seeds == 60 or stats.precise(gap, 0.08))
    assert Store(tmp_path / "run").manifest()["seeds"] == end.seeds
    store = Store(tmp_path / "run")
    assert "1 of 1 intervals of D in year 2 are not yet narrower than 1e-06" in effects.how_precise(end, store, 1e-6)
    assert "every interval of D in year 2 is narrower than 0.9" in effects.how_precise(end, store, 0.9)


def test_sets_of_parameters_stay_within_their_spreads():
    base = scenario("classroom")
    drawn = sets.drawn(base, 6)
    spreads = sets.uncertain()
    assert len(spreads) >= 10 and all(set(values) == set(spreads) for values in drawn)
    factors = np.array([values["choice.zone"] / base.choice.zone for values in drawn])
    low, high = spreads["choice.zone"]
    assert ((factors >= low - 1e-6) & (factors <= high + 1e-6)).all()
    assert sorted(np.floor(6 * (factors - low) / (high - low))) == list(range(6)), (
        "one in each sixth: a Latin hypercube"
    )
    for values in drawn:
        made = posterior.with_values(base, values)
        by = {name: made.choice.peers[name] / base.choice.peers[name] for name in base.choice.peers}
        assert max(by.values()) == pytest.approx(min(by.values()), rel=1e-4)


def test_a_posterior_is_read_and_checked(tmp_path):
    base, path = scenario("classroom"), tmp_path / "posterior.csv"
    path.write_text("choice.zone,perception.noise\n1.0,0.5\n1.1,0.6\n1.2,0.7\n")
    assert sets.posterior(base, path, 2) == (
        {"choice.zone": 1.0, "perception.noise": 0.5}, {"choice.zone": 1.2, "perception.noise": 0.7},
    )  # fmt: skip
    for text_, words in (("choice.zone\n1.0\n", "has 1 rows"), ("choice.zone,weight\n1,1\n2,0\n", "has 1 rows"), ("choice.zonne\n1\n2\n", "no parameter 'choice.zonne'"),
                         ("perception.noise\n-1\n2\n", "out of bounds")):  # fmt: skip
        path.write_text(text_)
        with pytest.raises(ScenarioError, match=words):
            sets.posterior(base, path, 2)


def test_with_sets_the_verdict_rests_on_them(files, tmp_path):
    base = scenario("classroom", *SMALL)
    further = sets.drawn(base, 3)
    plan = Plan(base, "x", arms_of(files[:1], base, split=False), 1, 2, 0, 2, 1, ({}, *further), 2)
    assert len({seed for _, seed in plan.units()}) == 8, "each set has seeds of its own"
    conduct.conduct(plan, tmp_path / "run", 1, "test", bar=False)
    runs = effects.Runs(plan, Store(tmp_path / "run").runs())
    assert np.isfinite(runs.values[:, 1:, :2, -1, 0]).all() and np.isnan(runs.values[:, 1:, 2:]).all()
    table = effects.summary(runs, False)
    assert table.D_sets_effect[0] == pytest.approx(np.nanmean(runs.differences("D", 2)[0, 1:, :2].mean(axis=1)))
    assert "parameter sets" in table.D_words[0] or table.D_verdict[0] == "not known"
    assert "3 sets of parameters" in text.text(plan, effects.effects(runs, False), table, effects.paths(runs, False))


def test_bad_policy_files_are_refused(tmp_path):
    base = scenario("classroom")
    path = tmp_path / "a.toml"
    path.write_text('title = "none"\n')
    with pytest.raises(ScenarioError, match="has no policies"):
        arms_of([path], base)
    path.write_text('[[policies]]\nkind = "detection"\n')
    with pytest.raises(ScenarioError, match="rename one"):
        arms_of([path, path], base)
    path.write_text('[[policies]]\nkind = "mechanism"\nschools = ["Atlantis"]\n')
    plan = Plan(base, "x", arms_of([path], base), 0, 1, 0, 2)
    with pytest.raises(ScenarioError, match=r"a.toml: .*Atlantis"):
        conduct.conduct(plan, tmp_path / "run", 1, "test", bar=False)
    assert not (tmp_path / "run").exists()


def test_the_league_has_an_arm_for_each_policy_and_intensity():
    base = scenario("classroom", *SMALL)
    plan = Plan(base, "x", (), 1, 2, 0, 2)
    listed = league.entries(plan, ("detection", "campaign"))
    assert [e.kind for e in listed] == ["campaign", "detection"] and not any(e.idle for e in listed)
    assert [(a.name, a.policies[0].intensity) for a in league.doses(listed, (0.5, 1.0))] == [
        ("campaign--50", 0.5), ("campaign--100", 1.0), ("detection--50", 0.5), ("detection--100", 1.0),
    ]  # fmt: skip
    equal = league.at_budget(listed, {"campaign": 400.0, "detection": 50.0}, 100.0)
    assert [(a.name, a.policies[0].intensity) for a in equal] == [
        ("campaign--budget", 0.25),
        ("detection--budget", 1.0),
    ]
    assert {e.decided_by for e in league.entries(plan, (), "region")} == {"region"}
    decides = replace(plan, base=load(ROOT / "configs/classroom.toml", ['authority.decides={campaign="state"}']))
    assert [e.kind for e in league.entries(decides, ("campaign", "detection"), "state")] == ["campaign"]


def test_a_policy_that_finds_nothing_to_do_is_left_out_with_its_reason():
    base = scenario("classroom", *SMALL, "households.detection=0.9")
    plan = Plan(base, "x", (), 1, 2, 0, 2)
    arm = Arm("d", "d", tuple(configure({"policies": [{"kind": "detection", "rate": 0.9}]}).policies))
    assert "nothing to treat" in conduct.idle(plan, arm, start(base, 1))


@pytest.mark.parametrize("damage", ["", "0,1,both,0,abc\n", "0,1,baseline,0,1.0\n"])
def test_a_damaged_part_is_run_again(plan, done, tmp_path, damage):
    """Empty, not a number, another arm's rows: the part counts as missing, and the tables come out as before."""
    shutil.copytree(done.folder, tmp_path / "run")
    store = Store(tmp_path / "run")
    years = plan.years + plan.after + 1
    assert store.whole((0, 1), "both", years)
    store.part((0, 1), "both").write_text(damage)
    assert not store.whole((0, 1), "both", years)
    conduct.conduct(plan, store.folder, 1, "test", bar=False)
    assert (store.folder / "runs.csv").read_bytes() == (done.folder / "runs.csv").read_bytes()


@pytest.mark.parametrize("suffix", [".csv", ".homes"])
@pytest.mark.parametrize("harm", [lambda t: t[: t.index("\n") + 1], lambda t: t.replace("1", "2"), lambda t: t[:-20]])
def test_a_part_that_still_looks_right_is_run_again_too(plan, done, tmp_path, suffix, harm):
    """Rows that are left out, other figures, a figure cut short: of either file of an arm."""
    shutil.copytree(done.folder, tmp_path / "run")
    store = Store(tmp_path / "run")
    path = store.part((0, 1), "both").with_suffix(suffix)
    path.write_text(harm(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert not store.whole((0, 1), "both", plan.years + plan.after + 1)
    conduct.conduct(plan, store.folder, 1, "test", bar=False)
    for table in ("runs.csv", "districts.csv"):
        assert (store.folder / table).read_bytes() == (done.folder / table).read_bytes()


def test_more_seeds_after_a_look_give_intervals_that_allow_for_it(plan, done, tmp_path):
    shutil.copytree(done.folder, tmp_path / "run")
    store = Store(tmp_path / "run")
    conduct.conduct(plan, store.folder, 1, "test", bar=False)
    assert "seeds_added" not in store.manifest()
    more = conduct.conduct(replace(plan, seeds=4), store.folder, 1, "test", bar=False)
    assert store.manifest()["seeds_added"] is True
    page.write_comparison(more, store.folder)
    table = pd.read_csv(store.folder / "effects.csv").set_index(["arm", "measure", "year"]).loc[("both", "D", 3)]
    gap = effects.Runs(more, store.runs()).differences("D", 3)[0, 0]
    assert table.high - table.low == pytest.approx(float(np.diff(stats.sequence(gap)[1:3])[0]))


def test_a_plain_shift_is_no_second_basin(plan):
    rng = np.random.default_rng(4)
    base = rng.normal(0.42, 0.01, (1, 40))
    assert effects._basins(base, base - 0.08) == ([False], [0.0])
    mixed = np.where(np.arange(40) % 2, 0.2, 0.42) + rng.normal(0, 0.01, (1, 40))
    assert effects._basins(base, mixed) == ([True], [0.5])


@pytest.mark.parametrize(
    ("name", "text_", "words"),
    [
        ("baseline.toml", '[[policies]]\nkind = "detection"\n', "rename it"),
        ('a,b".toml', '[[policies]]\nkind = "detection"\n', "rename it"),
        ("a.toml", '[authority]\nbudget = 1.0\n[[policies]]\nkind = "detection"\n', "authority: only title"),
        ("a.toml", 'title = 5\n[[policies]]\nkind = "detection"\n', "title: must be a text"),
    ],
)
def test_policy_files_that_would_mislead_are_refused(tmp_path, name, text_, words):
    (tmp_path / name).write_text(text_)
    with pytest.raises(ScenarioError, match=words):
        arms_of([tmp_path / name], scenario("classroom"))


def test_what_cannot_act_is_told_before_anything_is_written(tmp_path):
    base, path = scenario("classroom"), tmp_path / "late.toml"
    for entry, words in (
        ("start = 9", "starts after year 2"),
        ('when = { indicator = "foo", above = 0.4 }', "no figure 'foo'"),
    ):
        path.write_text(f'[[policies]]\nkind = "detection"\n{entry}\n')
        with pytest.raises(ScenarioError, match=words):
            conduct.conduct(Plan(base, "x", arms_of([path], base), 1, 2, 0, 2), tmp_path / "run", 1, "t", bar=False)
    assert not (tmp_path / "run").exists()


def test_costs_are_means_of_the_years_in_force(tmp_path):
    """1,000 euro in year 3 of 4 alone: 1,000 a year in force, not 250."""
    base, path = scenario("classroom", *SMALL), tmp_path / "one.toml"
    path.write_text('[[policies]]\nkind = "detection"\nstart = 3\nend = 3\ncost_fixed = 1000.0\ncost_pupil = 0.0\n')
    plan = Plan(base, "x", arms_of([path], base), 1, 4, 0, 2)
    conduct.conduct(plan, tmp_path / "run", 1, "t", bar=False)
    table = effects.summary(effects.Runs(plan, Store(tmp_path / "run").runs()), False)
    assert table.cost[0] == 1000.0
    assert not table.efficient[0], "doing nothing costs less and does as much"


def test_policies_of_the_baseline_do_not_make_others_idle():
    entry = 'policies=[{kind="magnet"}]'
    plan = Plan(scenario("classroom", *SMALL, entry), "x", (), 3, 2, 0, 2)
    assert not any(e.idle for e in league.entries(plan, ("campaign", "cut_places")))


def test_a_posterior_with_weights_and_groups_end_to_end(files, tmp_path):
    """From the file to the page: sets by weight, each group's value its own, and the file is named."""
    base, path = scenario("classroom", *SMALL, "choice.emulation=0.5"), tmp_path / "posterior.csv"
    path.write_text(
        "# weights\nchoice.peers.majority,choice.emulation.minority,weight\n1.0,0.1,0.5\n9.0,0.9,0.0\n2.0,0.2,0.25\n3.0,0.3,0.25\n"
    )
    further = sets.posterior(base, path, 3)
    assert [values["choice.peers.majority"] for values in further] == [1.0, 1.0, 3.0]
    plan = Plan(base, "x", arms_of(files[:1], base, split=False), 1, 2, 0, 2, 1, ({}, *further), 2, sets_from=str(path))
    assert from_plain(json.loads(json.dumps(to_plain(plan)))) == plan
    assert replace(plan, sets_from="elsewhere.csv").identity() == plan.identity()
    assert replace(plan, sets=plan.sets[:-1]).identity() != plan.identity()
    conduct.conduct(plan, tmp_path / "run", 1, "test", bar=False)
    told = page.write_comparison(plan, tmp_path / "run")
    words = f"3 sets of parameters, drawn by weight from {path}"
    assert words in told
    assert f"3 other sets of parameters, drawn by weight from {path}" in (tmp_path / "run" / "index.html").read_text()
    rows = Store(tmp_path / "run").runs()
    rows = rows[(rows.set == 3) & (rows.arm == "baseline")].set_index(["seed", "year"])
    made = posterior.with_values(base, further[2])
    assert made.choice.peers["majority"] == 3.0 and made.choice.emulation == {"majority": 0.5, "minority": 0.3}
    seed = plan.units()[-1][1]
    model = SchoolChoiceModel(made, seed, measure=headlines)
    for _ in range(3):
        model.step()
    assert rows.D[seed, 2] == pytest.approx(model.indicators["dissimilarity"], abs=1e-9)
