"""The page: whole in itself, well formed, escaped, and without names of schools."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from abm.cities import MAKERS
from abm.page import escape
from abm.report import WHERE_FROM, policies, write_report
from abm.scenario import load
from abm.summary import Numbers, summarise
from tests.pages import sound
from tests.test_summary import CLASSROOM, make_run

VOID = {"meta", "img", "br", "hr", "input", "link"}
EVIL = "<script>alert('1')</script>"


class Balance(HTMLParser):
    """Notes tags that are not closed in order, ids used twice, and the addresses a page asks for."""

    def __init__(self):
        super().__init__()
        self.stack, self.faults, self.tags, self.addresses, self.ids = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "xlink:href", "action")]
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.faults.append((tag, self.getpos()))


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    run, config = make_run(
        tmp_path_factory.mktemp("report") / "run", f'title="{EVIL}"', f'city.name="{EVIL}"',
        'policies=[{ kind = "campaign", start = 1, end = 2, cost_fixed = 1000.0 }]', seeds=2,
    )  # fmt: skip
    text = write_report(run, config)
    return run, config, text, (run.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def parsed(report):
    parser = Balance()
    parser.feed(report[3])
    return parser


def test_the_page_is_well_formed(parsed):
    assert parsed.faults == [] and parsed.stack == []
    assert len(parsed.ids) == len(set(parsed.ids))
    assert parsed.tags.count("h1") == 1 and parsed.tags.count("main") == 1


def test_the_page_asks_for_nothing_outside(report, parsed):
    page = report[3]
    sound(page)
    assert all(address.startswith(("#", "data:")) for address in parsed.addresses)
    assert not re.search(r"url\(\s*['\"]?(?!#)", page)
    assert "@import" not in page and "script" not in parsed.tags and "link" not in parsed.tags


def test_what_the_scenario_says_is_no_markup(report):
    assert EVIL not in report[3]
    assert report[3].count("&lt;script&gt;") >= 3


def test_every_figure_has_its_text(report, parsed):
    page = report[3]
    alts = re.findall(r"(?:aria-label|alt)='([^']*)'", page)
    assert len(alts) == parsed.tags.count("figure") == 7
    assert all(len(alt) > 60 for alt in alts)
    assert page.count("<figcaption>") == 7


def test_tables_name_their_rows_and_columns(report, parsed):
    assert parsed.tags.count("th") == report[3].count("scope='col'") + report[3].count("scope='row'")


def test_schools_have_numbers_and_no_names(report):
    run, _, _, page = report
    assert "School 1<" in page
    assert not any(f">{name}<" in page for name in set(run.table("schools").name))


def test_the_page_says_how_to_repeat_the_run(report):
    run, _, _, page = report
    about = run.manifest()
    for word in (about["run_id"], about["code"], about["schoolflight"], about["libraries"]["numpy"], "--seeds 2"):
        assert word in page


def test_policies_with_their_years(report):
    _, config, _, page = report
    assert "campaign, from year 1 to year 2" in page and "1,000 euro a year" in page
    assert "None" in policies(load(CLASSROOM))
    assert EVIL not in policies(config)


def test_the_summary_is_returned_and_on_the_page(report):
    run, config, text, page = report
    assert text.startswith(str(summarise(run, config))) and "report.html" in text
    n = Numbers(run, config)
    assert f"{n.range('dissimilarity').median:.3f}" in page
    for sentence in summarise(run, config).answer:
        assert escape(sentence) in page


def test_a_stopped_run_of_one_seed_and_no_years_has_a_page(tmp_path):
    run, config = make_run(tmp_path / "run", "run.years=0", seeds=2, done=1)
    write_report(run, config)
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "the run was stopped" in page
    assert not re.search(r"\bnan\b", re.sub(r"data:image[^\"']*", "", page))


def test_matplotlib_waits_until_it_is_needed():
    code = "import sys, abm, abm.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_page_says_of_every_kind_of_city_where_it_comes_from():
    assert set(WHERE_FROM) == set(MAKERS)
