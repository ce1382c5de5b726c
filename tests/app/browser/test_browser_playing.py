"""The screen in a real browser: ten years played, a policy flipped, scrubbed back, a school opened, the page loaded again."""

import json

import pytest

from experiments.app.server import PAGE
from tests.app.browser.workshop import flip, ready, until, year

BEGAN = "schoolflight.futures.map((made) => made.lines.D)"
KINDS = "schoolflight.chosen.map((one) => one.kind)"
LANGUAGES = ("en", "it", "ca", "es", "nb")


def ink(page, side: str) -> int:
    """Colours on a map: one that is blank has few."""
    return page.evaluate(
        "(side) => { const map = document.querySelector(`#${side} canvas`);"
        " const dots = new Uint32Array(map.getContext('2d').getImageData(0, 0, map.width, map.height).data.buffer);"
        " return new Set(dots).size; }",
        side,
    )


def test_ten_years_a_policy_and_back(screen):
    page = screen.tab()
    assert page.locator("#title").inner_text() == "A town"
    assert ink(page, "left") > 20
    page.select_option("#speed", "4")
    page.click("#play")
    until(page, "schoolflight.year === 10 && !schoolflight.playing")
    assert page.locator("#year").inner_text() == "Year 10"
    before = page.evaluate(BEGAN)
    assert before[0] == before[1]
    flip(page, "transport")
    after = page.evaluate(BEGAN)
    assert after[0] == before[0]
    assert after[1] != before[1]
    page.locator("#scrub").fill("4")
    assert year(page) == 4
    told = [page.locator(f"#{side} .told").inner_text() for side in ("left", "right")]
    assert [f"{line[4]:.3f}" in text for line, text in zip(after, told, strict=True)] == [True, True]
    flip(page, "transport", on=False)
    assert page.evaluate(BEGAN) == before


def test_a_policy_is_judged(screen):
    page = screen.tab()
    flip(page, "transport")
    until(page, "schoolflight.bands?.done.every((done) => done === schoolflight.bands.total)")
    until(page, "document.querySelectorAll('#verdict tbody tr').length > 3")
    assert "30" in page.locator("#verdict .answer").inner_text()
    assert page.locator("#results svg path[opacity='0.18']").count() >= 8  # bands of both futures


def test_keys_play_and_walk_to_a_school(screen):
    page = screen.tab()
    page.locator("body").press("ArrowRight")
    assert year(page) == 1
    page.locator("body").press("Space")
    until(page, "schoolflight.year >= 2")
    page.locator("body").press("Space")
    assert not page.evaluate("schoolflight.playing")
    page.locator("body").press("End")
    assert year(page) == 10
    canvas = page.locator("#left canvas")
    canvas.focus()
    canvas.press("ArrowRight")
    assert page.locator("#left .tip").is_visible()
    canvas.press("Enter")
    story = page.locator("#story")
    assert "School" in story.locator("h2").inner_text()
    assert story.locator("svg").count() == 4
    assert "In year 10" in story.inner_text()
    story.press("Escape")
    assert story.is_hidden()
    assert page.evaluate("document.activeElement === document.querySelector('#left canvas')")


def test_a_click_opens_a_school_and_a_family(screen):
    page = screen.tab()
    page.locator("#scrub").fill("3")
    until(page, "document.querySelector('#left .told').textContent.includes('0.')")
    spots = page.evaluate(
        "import('/page/maps.js').then(({ maps: [map] }) => { const box = map.canvas.getBoundingClientRect(); const at = (c, r) =>"
        " [box.x + c / map.unit, box.y + r / map.unit]; const lone = [...Array(map.dots.n).keys()].find((i) => map.under("
        "{ clientX: at(map.dots.atC[i], 0)[0], clientY: at(0, map.dots.atR[i])[1] })?.family !== undefined);"
        " return [at(map.schoolC[2], map.schoolR[2]), at(map.dots.atC[lone], map.dots.atR[lone])]; })"
    )
    page.mouse.click(*spots[0])
    assert page.locator("#story h2").inner_text().startswith("School 3")
    page.locator("#story .close").click()
    page.mouse.click(*spots[1])
    until(page, "!document.getElementById('story').hidden")
    assert page.locator("#story h2").inner_text() == "Why this school?"


def test_what_was_shown_comes_back(screen):
    page = screen.tab()
    flip(page, "transport")
    page.locator("#scrub").fill("6")
    lines = page.evaluate(BEGAN)
    page.reload()
    ready(page)
    assert year(page) == 6
    assert page.evaluate(KINDS) == ["transport"]
    assert page.evaluate(BEGAN) == lines


def test_two_tabs_have_switches_of_their_own(screen):
    one = screen.tab()
    flip(one, "transport")
    one.wait_for_timeout(400)  # the page keeps what was chosen after a rest
    two = screen.tab()
    assert two.evaluate(KINDS) == ["transport"]
    assert "last session" in two.locator("#status").inner_text()
    flip(two, "transport", on=False)
    flip(two, "mediators")
    for tab, kinds in ((one, ["transport"]), (two, ["mediators"])):
        tab.reload()
        ready(tab)
        assert tab.evaluate(KINDS) == kinds


def test_all_languages(screen):
    page = screen.tab()
    page.locator("#scrub").fill("3")
    flip(page, "transport")
    for code in LANGUAGES:
        words = json.loads((PAGE / "words" / f"{code}.json").read_text(encoding="utf-8"))
        page.select_option("#language", code)
        until(page, "(text) => document.getElementById('year').textContent === text", words["year"].format(year=3))
        assert page.locator("#play").inner_text() == words["play"]
        assert page.evaluate("document.documentElement.lang") == code
        assert "{" not in page.locator("body").inner_text()
    page.reload()
    ready(page)
    assert page.evaluate("document.documentElement.lang") == "nb"


def test_another_city(screen):
    page = screen.tab()
    page.select_option("#scenario", "village")
    until(page, "schoolflight.scenario === 'village'")
    ready(page)
    assert page.locator("#title").inner_text() == "A village"
    assert page.locator("#scrub").get_attribute("max") == "3"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_and_dark(screens, scheme):
    phone = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
    page = screens(**phone, color_scheme=scheme).tab()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(22, 25, 29)" if scheme == "dark" else "rgb(255, 255, 254)"
    )
    flip(page, "transport")
    page.locator("#step").tap()
    assert year(page) == 1
    assert ink(page, "right") > 20
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
