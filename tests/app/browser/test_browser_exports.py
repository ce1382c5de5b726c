"""What people take home, as a real browser saves it."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree

import pytest
from PIL import Image

from tests.app.browser.test_browser_access import found as violations
from tests.app.browser.workshop import Screen, flip, ready, until, year

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def page(browser, server):
    """Both futures in year 5, and the menu."""
    screen = Screen(browser, server)
    page = screen.tab()
    flip(page, "transport")
    page.locator("#scrub").fill("5")
    page.click("#share")
    yield page
    screen.close()


def saved(page, act: str) -> tuple[str, bytes]:
    """Name and content of the file that a button of the menu makes."""
    with page.expect_download() as waiting:
        page.click(f'[data-act="{act}"]')
    until(page, "document.getElementById('making').textContent.startsWith('Done')")
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def test_pictures(page):
    name, png = saved(page, "png")
    assert name == "schoolflight_town_transport_seed1_maps_year5.png"
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.width > 1000
    assert len(image.getcolors(10**7)) > 100
    name, svg = saved(page, "svg")
    assert name == "schoolflight_town_transport_seed1_maps_year5.svg"
    root = ElementTree.fromstring(svg)
    assert len(list(root.iter(f"{SVG}path"))) + len(list(root.iter(f"{SVG}circle"))) > 20
    assert b"<image" not in svg
    page.select_option("#which", "0")
    name, svg = saved(page, "svg")
    assert name.startswith("schoolflight_town_transport_seed1_") and name.endswith(".svg")
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    text = " ".join(root.itertext())
    assert "A town" in text and "With policies" in text and "seed 1" in text
    assert len(list(root.iter(f"{SVG}path"))) >= 2
    assert b"var(--" not in svg
    name, png = saved(page, "png")
    assert Image.open(io.BytesIO(png)).width > 600


def test_the_table(page):
    name, content = saved(page, "csv")
    assert name == "schoolflight_town_transport_seed1.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    shown = page.evaluate("schoolflight.futures.map((made) => made.lines.D)")
    for future, line in zip(("baseline", "policies"), shown, strict=True):
        found = [float(row["value"]) for row in rows if row["future"] == future and row["figure"] == "D"]
        assert found == pytest.approx(line, abs=1e-6)


def test_a_session_goes_to_another_machine(page, screens, tmp_path):
    name, content = saved(page, "save")
    tree = json.loads(content)
    assert (tree["scenario"], tree["year"], [one["kind"] for one in tree["policies"]]) == ("town", 5, ["transport"])
    file = tmp_path / name
    file.write_bytes(content)
    lines = page.evaluate("schoolflight.futures[1].lines.D")
    other = screens().tab()
    other.click("#share")
    other.set_input_files("#session-file", file)
    until(other, "schoolflight.chosen.length === 1")
    ready(other)
    assert year(other) == 5
    assert other.evaluate("schoolflight.futures[1].lines.D") == lines
    file.write_text("no session")
    other.click("#share")
    other.set_input_files("#session-file", file)
    until(other, "document.getElementById('making').classList.contains('error')")
    assert name in other.locator("#making").inner_text()


def test_the_page_that_plays_without_a_server(page, browser, server, tmp_path):
    name, content = saved(page, "html")
    assert name == "schoolflight_town_transport_seed1.html"
    file = tmp_path / name
    file.write_bytes(content)
    away = Screen(browser, server, offline=True)
    alone = away.context.new_page()
    alone.goto(file.as_uri())
    until(alone, "document.body.dataset.ready === 'yes'")
    ready(alone)
    assert violations(alone) == []
    assert alone.evaluate("schoolflight.futures.map((made) => made.lines.D)") == page.evaluate(
        "schoolflight.futures.map((made) => made.lines.D)"
    )
    alone.select_option("#speed", "4")
    alone.click("#play")
    until(alone, "schoolflight.year === 10 && !schoolflight.playing")
    alone.select_option("#language", "it")
    until(alone, "document.getElementById('year').textContent === 'Anno 10'")
    alone.locator("#left canvas").press("ArrowRight")
    alone.locator("#left canvas").press("Enter")
    assert alone.locator("#story svg").count() == 4
    assert [url for url in away.asked if not url.startswith("data:")] == [file.as_uri()]
    away.close()


def test_the_handout(page):
    with page.context.expect_page() as waiting:
        page.click('[data-act="handout"]')
    sheet = waiting.value
    sheet.wait_for_url("**/handout/*")
    until(sheet, "document.body.dataset.ready === 'yes'")
    assert sheet.locator("h1").inner_text() == "A town"
    assert sheet.locator("#sheets img").count() == 3
    assert sheet.locator("#numbers tbody tr").count() >= 5
    assert violations(sheet, dark=False) == []
    assert sheet.pdf(prefer_css_page_size=True).startswith(b"%PDF")
