"""Reports on A4, in a real browser: light, whole, nothing cut, the last line on one line."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from abm.page import Foot, document, section, table
from abm.report import write_report
from abm.summary import Table
from experiments.compare import league, league_page, ranking, sections
from experiments.compare.figures import draw
from experiments.compare.figures.league import draw as draw_league
from experiments.compare.plan import Arm, Plan
from experiments.lessons import two_schools
from tests.builders import scenario
from tests.pages import printed, sound
from tests.test_compare_page import SMALL, arms_policy, many
from tests.test_summary import make_run


def put(folder, html: str) -> str:
    """A page as a file; its address."""
    sound(html)
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


def test_a_run_on_paper(browser, tmp_path):
    run, config = make_run(tmp_path / "run", seeds=2)
    write_report(run, config)
    printed(browser, put(tmp_path, (run.folder / "report.html").read_text(encoding="utf-8")), 11)


def test_a_comparison_of_many_on_paper(browser, tmp_path):
    arms = tuple(
        Arm(f"a{k}", f"A policy with a rather long name, number {k} of them", arms_policy()) for k in range(30)
    )
    plan = Plan(scenario("classroom", *SMALL), "x.toml", arms, years=2, after=1, seeds=4)
    r = many(plan, np.linspace(-0.2, 0.2, 30), noise=np.linspace(0.0, 0.1, 30))
    printed(browser, put(tmp_path, sections.page(r, draw(r, tmp_path))), 25)


def test_a_league_at_three_intensities_on_paper(browser, tmp_path):
    kinds = ("detection", "mechanism", "points")
    listed = [league.Entry(kind, "admission", "region", "") for kind in kinds]
    plan = Plan(scenario("classroom", *SMALL), "x.toml", (), years=2, after=0, seeds=6)
    plan = replace(plan, arms=league.doses(listed, (0.33, 0.67, 1.0)))
    effect = np.repeat([-0.123, -0.09, 0.1], 3)
    r = many(plan, effect, noise=np.tile([0.01, 0.03, 0.001], 3))
    rows = ranking.ranked(r, None, listed)
    html = league_page.page(r, None, rows, listed, draw_league(r, None, rows))
    printed(browser, put(tmp_path, html), 9)


def test_a_table_of_many_columns_is_not_cut(browser, tmp_path):
    head = ("", *(f"a long heading of column {k}" for k in range(9)))
    rows = [(f"row {k} with some words in it", *["+0.123 (-0.123 to +0.123)"] * 9) for k in range(60)]
    html = document(
        "Wide", ["<h1>Wide</h1>", section("A", table(Table("", head, rows)), "limits")], Foot("seed 1", "a.toml", "all")
    )
    printed(browser, put(tmp_path, html), 9)


def test_the_page_of_lesson_3_on_paper(browser):
    page = Path(two_schools.__file__).with_name("tipping.html")
    printed(browser, page.as_uri(), 2)
