"""The pages of compare and league: whole in themselves, true to the tables, honest in their words, sound with many rows."""

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest

from abm import page as html_page
from abm.results import provenance
from experiments.compare import (
    about,
    conduct,
    effects,
    league,
    league_page,
    page,
    ranking,
    result,
    rows,
    sections,
    tables,
    text,
)
from experiments.compare.figures import draw, standalone
from experiments.compare.figures.look import limits, signed
from experiments.compare.plan import Arm, Plan, arms_of
from experiments.compare.store import Store
from tests.builders import scenario
from tests.pages import sound
from tests.test_report import Balance

SMALL = ("city.pupils=200", "city.schools=4", "run.years=3")
POLICY = """title = "{title}"
[[policies]]
kind = "detection"
rate = 1.0
cost_fixed = 1000.0
[[policies]]
kind = "mechanism"
mechanism = "top_trading_cycles"
schools = ["State school 2"]
"""


def parse(text_: str) -> Balance:
    """A page with its tags."""
    found = Balance()
    found.feed(text_)
    found.close()
    return found


def plain(html: str) -> str:
    """What a page says, without tags."""
    return unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    """A bundle with its parts, and a policy that does nothing; three seeds."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "both.toml").write_text(POLICY.format(title="Both <b>at once</b>"))
    (folder / "nothing.toml").write_text('title = "Nothing"\n[[policies]]\nkind = "detection"\nintensity = 0.0\n')
    base = scenario("classroom", *SMALL)
    files = [folder / "both.toml", folder / "nothing.toml"]
    plan = Plan(base, "x.toml", arms_of(files, base), burn_in=1, years=2, after=1, seeds=3)
    conduct.conduct(plan, folder / "run", 1, "schoolflight compare x.toml", bar=False)
    told = page.write_comparison(plan, folder / "run")
    return plan, folder / "run", told, (folder / "run" / "index.html").read_text(encoding="utf-8")


def test_one_future_is_not_told_as_many(compared):
    plan, folder, _, _ = compared
    whole = page.read(plan, folder)
    both = replace(whole, summary=whole.summary[whole.summary.arm != "nothing"])
    assert len(whole.heads) == 2 and "2 futures of" in sections.compared(whole)
    assert "one future of" in sections.compared(both) and "each" not in sections.compared(both)
    assert sections.came_out(both)[0].startswith("What came out: 1 ")


def test_marked_words_are_code_and_nothing_else_is_markup(compared):
    *_, html = compared
    assert "<code>compare --parameters K</code>" in html and "`" not in plain(html)
    assert html_page.prose("``a_b`` <b> `c`") == "<code>a_b</code> &lt;b&gt; <code>c</code>"


def test_a_league_of_one_policy_is_told_as_one(leagued):
    plan, listed, folder, _, html = leagued
    doses = page.read(plan, folder / "intensities")
    rows_ = ranking.ranked(doses, None, listed)
    assert f"{len(rows_)} policies of the shelf" in plain(html)
    one = " ".join(league_page.opening(doses, rows_[:1]))
    assert "one policy of the shelf" in one and "of the other" not in one


@pytest.fixture(scope="session")
def leagued(tmp_path_factory):
    """Two policies at two intensities and at an equal budget, and one that takes no part."""
    folder = tmp_path_factory.mktemp("league")
    plan = Plan(scenario("classroom", *SMALL), "x.toml", (), burn_in=1, years=2, after=1, seeds=3)
    listed = league.entries(plan, ("detection", "mechanism", "no_fees"))
    plan = replace(plan, arms=league.doses(listed, (0.5, 1.0)))
    equal = replace(plan, arms=league.at_budget(listed, {"detection": 1000.0, "mechanism": 50000.0}, 1000.0))
    for made, name in ((plan, "intensities"), (equal, f"equal-budget-{equal.identity()}")):
        conduct.conduct(made, folder / name, 1, "schoolflight league x.toml", bar=False)
        page.write_comparison(made, folder / name)
    told = page.write_league(plan, equal, listed, folder)
    return plan, listed, folder, told, (folder / "index.html").read_text(encoding="utf-8")


def check(html: str) -> Balance:
    """What holds for every page."""
    sound(html)
    found = parse(html)
    assert not found.faults and not found.stack and found.tags.count("h1") == found.tags.count("main") == 1
    assert len(found.ids) == len(set(found.ids))
    assert all(address.startswith(("#", "data:")) for address in found.addresses)
    assert not re.search(r"url\(\s*['\"]?(?!#)", html) and "@import" not in html
    assert "script" not in found.tags and "link" not in found.tags and "http" not in html
    assert found.tags.count("th") == html.count("scope='col'") + html.count("scope='row'")
    alts = re.findall(r"(?:aria-label|alt)='([^']*)'", html)
    assert len(alts) == found.tags.count("figure") == html.count("<figcaption>") > 0
    assert all(len(alt) > 100 for alt in alts)
    assert not re.search(r"\b(nan|NaN|inf)\b", re.sub(r"data:image[^\"']*", "", html))
    return found


def test_pages_are_whole_in_themselves_and_accessible(compared, leagued):
    check(compared[3])
    check(leagued[4])


def test_titles_are_no_markup(compared):
    assert "<b>at once" not in compared[3] and "Both &lt;b&gt;at once" in compared[3]


def test_the_numbers_are_those_of_the_csv_files(compared):
    plan, folder, _, html = compared
    said = plain(html)
    table = pd.read_csv(folder / "effects.csv").set_index(["arm", "measure", "year"])
    for year in plan.milestones:
        e = table.loc[("both", "D", year)]
        assert f"{signed(e.effect)} ({signed(e.low)} to {signed(e.high)})" in said
    e = table.loc[("both", "first_choice", plan.years)]
    assert f"{signed(100 * e.effect, 1)} ({signed(100 * e.low, 1)} to {signed(100 * e.high, 1)})" in said
    for row in pd.read_csv(folder / "summary.csv").itertuples():
        assert row.D_words.replace(" %", " %") in said and row.D_verdict in said
    assert "1,000" in said and "interaction" in said
    base = pd.read_csv(folder / "paths.csv").query("arm == 'baseline' and measure == 'D'").set_index("year")["mean"]
    assert f"{base[0]:.3f} to {base[plan.years]:.3f}" in said


def test_assumptions_carry_that_word(compared):
    plan, folder, _, _html = compared
    r = page.read(plan, folder)
    named = [tables.costs(r), *tables.themes(r, plan.years)]
    for t in named:
        for head in t.head:
            if re.search(r"euro|cost|gap", head, re.I):
                assert "assumption" in head, head
    svg = (folder / "figures" / "frontier.svg").read_text(encoding="utf-8")
    assert "(assumption)" in re.sub(r"<[^>]+>", "", svg)


def test_a_price_is_undefined_where_the_effect_may_be_zero(compared):
    plan, folder, _, _html = compared
    r = page.read(plan, folder)
    shown = {row[0].strip(): row[2] for row in tables.costs(r).rows}
    for row in r.rows:
        assert (shown[row.title] == "undefined") == (not np.isfinite(row.euro_per_point))
    assert shown["Nothing"] == "undefined"


def test_schools_bear_pseudonyms_unless_names_are_wanted(compared):
    plan, _folder, _, html = compared
    assert "State school" not in html and re.search(r"schools School \d", html)
    named = result.hiding(plan, names=True)
    assert named("State school 2") == "State school 2"
    hide = result.pseudonyms(["Via Roma", "Via Roma 2", "B"])
    out = [hide(name) for name in ("Via Roma", "Via Roma 2", "B")]
    assert sorted(out) == ["School 1", "School 2", "School 3"] and hide("aB Via Romana") == "aB Via Romana"


def test_it_warns_where_detection_changes(compared):
    plan, folder, _, html = compared
    assert "Warning: detection changes" in html
    r = page.read(plan, folder)
    assert not replace(r, plan=replace(plan, arms=())).detection_changes


def test_policies_are_told_with_evidence_and_what_can_go_wrong(compared):
    plan = compared[0]
    parts = about.told(plan.arms[0].policies[0])
    assert parts["Evidence"].startswith("Barcelona") and parts["What can go wrong"].startswith("dissimilarity")
    assert "Evidence" not in parts[""] and parts["Expected sign"]
    said = plain(compared[3])
    assert parts["What can go wrong"] in said and "rate 1.0" in said


def test_the_page_says_how_to_repeat(compared):
    store = Store(compared[1]).manifest()
    for word in (store["id"], store["code"], store["schoolflight"], "schoolflight compare x.toml"):
        assert word in compared[3]


def test_bundles_stand_with_their_parts_and_the_largest_lowering_first():
    frame = pd.DataFrame({"arm": ["a", "b", "c", "c1", "c2", "d"], "bundle": [np.nan, "", "", "c", "c", ""],
                          "D_effect": [0.1, -0.1, -0.3, 0.5, -0.9, np.nan]})  # fmt: skip
    assert [row.arm for row in rows.ordered(frame)] == ["c", "c1", "c2", "b", "a", "d"]
    assert [row.arm for row in rows.strongest(rows.ordered(frame), 2)] == ["c1", "c2"]


def test_drawings_are_the_same_bytes_again_and_whole_files(compared, tmp_path):
    plan, folder, _, _html = compared
    r = replace(page.read(plan, folder), districts=Store(folder).districts())
    again = draw(r, tmp_path)
    for pictures in again.values():
        for picture in pictures:
            path = folder / "figures" / f"{picture.name}.svg"
            assert path.read_text(encoding="utf-8") == standalone(picture)
            assert "<title>" in standalone(picture) and "var(--" not in standalone(picture)
    assert {k for k, v in again.items() if v} == {"forest", "trajectories", "frontier", "gains", "peaks"}


def test_the_terminal_text_fits(compared):
    told = compared[2]
    assert max(map(len, told.splitlines()[:-1])) <= 130
    assert "  detection alone" in told and not re.search(r"\bnan\b", told)


def test_a_league_ranks_by_effect_and_says_what_cannot_be_told_apart(leagued):
    plan, _listed, folder, told, html = leagued
    table = pd.read_csv(folder / "league.csv")
    assert list(table["D_100"]) == sorted(table["D_100"]) and list(table["rank"]) == [1, 2]
    assert table.told_apart_from_first.tolist()[0] is False or not table.told_apart_from_first[0]
    said = plain(html)
    in_table = [row[-1] for row in league_page.effects(page.read(plan, folder / "intensities"), _ranked(leagued)).rows]
    assert in_table == ["first", "behind the first" if table.told_apart_from_first[1] else "not\u00a0told\u00a0apart"]
    for row in table.itertuples():
        assert f"{signed(row.D_100)} ({signed(row.D_100_low)} to {signed(row.D_100_high)})" in said
        assert f"{row.cost_assumption:,.0f}" in said and row.decided_by in said
    assert "no fees: " in said and "no subsidised school here asks a fee" in told
    assert (folder / "league.txt").read_text(encoding="utf-8").strip() in told


def _ranked(leagued) -> list:
    return ranking.ranked(page.read(leagued[0], leagued[2] / "intensities"), None, leagued[1])


def test_a_league_without_equal_budget_has_a_page(leagued, tmp_path):
    plan, listed, folder, _, _ = leagued
    (tmp_path / "intensities").symlink_to(folder / "intensities")
    page.write_league(plan, None, listed, tmp_path)
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    check(html)
    assert "No round at an equal budget was run." in html
    assert not (tmp_path / "figures" / "equal-budget.svg").exists()


def test_told_apart_needs_an_interval_above_zero():
    """Three policies: the second differs from the first by noise, the third by .2 in every seed."""
    base = scenario("classroom", *SMALL)
    kinds = ("detection", "mechanism", "points")
    listed = [league.Entry(kind, "admission", "region", "") for kind in kinds]
    plan = Plan(base, "x", league.doses(listed, (1.0,)), years=2, after=0, seeds=6)
    r = many(plan, np.array([-0.1, -0.09, 0.1]), noise=(0.0, 0.03, 0.001))
    found = ranking.ranked(r, None, listed)
    assert [row.apart for row in found] == [False, False, True]


def many(plan: Plan, effect: np.ndarray, noise) -> result.Result:
    """A comparison made up: D of .4, and by arm an effect and its noise, alternately up and down over seeds."""
    table = []
    sign = np.where(np.arange(plan.seeds) % 2, 1.0, -1.0)
    for a, name in enumerate(["baseline", *(arm.name for arm in plan.arms)]):
        for seed in range(plan.seeds):
            for year in range(plan.years + plan.after + 1):
                shift = effect[a - 1] + np.broadcast_to(noise, effect.shape)[a - 1] * sign[seed] if a and year else 0.0
                values = dict.fromkeys(effects.NAMES, 0.4) | {
                    "D": 0.4 + 0.01 * seed + shift,
                    "cost": 1000.0 * a,
                    "gap": np.nan,
                }
                table.append({"set": 0, "seed": 1 + seed, "arm": name, "year": year} | values)
    runs = effects.Runs(plan, pd.DataFrame(table))
    made = (effects.effects(runs, False), effects.summary(runs, False), effects.paths(runs, False))
    return result.Result(plan, *made, runs, pd.DataFrame(), provenance())


def test_a_hundred_rows_break_nothing(tmp_path):
    from experiments.compare import sections

    base = scenario("classroom", *SMALL)
    policy = arms_policy()
    arms = tuple(Arm(f"a{k}", f"A policy with a rather long name, number {k} of them", policy) for k in range(100))
    plan = Plan(base, "x", arms, years=2, after=1, seeds=4)
    r = many(plan, np.linspace(-0.2, 0.2, 100), noise=np.linspace(0.0, 0.1, 100))
    pictures = draw(r, tmp_path)
    assert len(pictures["forest"]) == 3 and len(pictures["trajectories"]) <= 2 and not pictures["gains"]
    html = sections.page(r, pictures)
    check(html)
    assert all(f"number {k} of them" in html for k in range(100))
    told = text.text(plan, r.effects, r.summary, r.paths)
    assert max(map(len, told.splitlines())) <= 130


def arms_policy() -> tuple:
    """One policy that is on the shelf."""
    from abm.policies import SHELF

    return (SHELF["mechanism"](kind="mechanism"),)


def test_an_axis_holds_all_effects_but_not_every_wide_bar():
    low, high = limits([-0.2, 0.0], [-0.25, 0.02, 30.0], 0.01)
    assert low < -0.25 and 0.02 < high < 30.0
    assert limits([np.nan], [np.nan], 0.01)[0] < -0.02
