"""The screen in a real browser: ten years played, a policy flipped, scrubbed back, a school opened, the page loaded again."""

import json

from experiments.app.server import PAGE
from tests.app.browser.workshop import JUDGED, flip, ready, until, year

LINES = "schoolflight.futures.map((made) => made.lines.D)"
KINDS = "schoolflight.chosen.map((one) => one.kind)"
SPOTS = """import("/page/maps.js").then(({ maps: [map] }) => {
  const box = map.canvas.getBoundingClientRect(), on = (c, r) => [box.x + c / map.unit, box.y + r / map.unit];
  const dot = (i) => on(map.dots.atC[i], map.dots.atR[i]), under = ([x, y]) => map.under({ clientX: x, clientY: y });
  const lone = [...Array(map.dots.n).keys()].find((i) => under(dot(i))?.family !== undefined); // hidden by no school
  return { school: on(map.schoolC[2], map.schoolR[2]), family: dot(lone) };
})"""
LANGUAGES = ("en", "it", "ca", "es", "nb")


INKED = (  # a map that is blank has few colours; it is drawn when the browser comes to it
    "(side) => { const map = document.querySelector(`#${side} canvas`);"
    " const dots = new Uint32Array(map.getContext('2d').getImageData(0, 0, map.width, map.height).data.buffer);"
    " return new Set(dots).size > 20; }"
)


def test_ten_years_a_policy_and_back(screen):
    page = screen.tab()
    assert page.locator("#title").inner_text() == "A town"
    until(page, INKED, "left")
    page.select_option("#speed", "4")
    page.click("#play")
    until(page, "schoolflight.year === 10 && !schoolflight.playing")
    assert page.locator("#year").inner_text() == "Year 10"
    before = page.evaluate(LINES)
    assert before[0] == before[1]
    flip(page, "transport")
    after = page.evaluate(LINES)
    assert after[0] == before[0]
    assert after[1] != before[1]
    page.locator("#scrub").fill("4")
    assert year(page) == 4
    told = [page.locator(f"#{side} .told").inner_text() for side in ("left", "right")]
    assert [f"{line[4]:.3f}" in text for line, text in zip(after, told, strict=True)] == [True, True]
    until(page, JUDGED)
    assert "30" in page.locator("#verdict .answer").inner_text()
    assert page.locator("#results svg path[opacity='0.18']").count() >= 8  # bands of both futures
    page.reload()
    ready(page)
    assert (year(page), page.evaluate(KINDS), page.evaluate(LINES)) == (4, ["transport"], after)
    flip(page, "transport", on=False)
    assert page.evaluate(LINES) == before


def test_keys_play_and_open_a_school(screen):
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
    until(page, "import('/page/maps.js').then(({ maps }) => maps[0].year === 3)")
    spots = page.evaluate(SPOTS)
    page.mouse.click(*spots["school"])
    assert page.locator("#story h2").inner_text().startswith("School 3")
    page.locator("#story .close").click()
    page.mouse.click(*spots["family"])
    until(page, "!document.getElementById('story').hidden")
    assert page.locator("#story h2").inner_text() == "Why this school?"


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


def test_all_languages_and_another_city(screen):
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
    page.select_option("#scenario", "village")
    until(page, "schoolflight.scenario === 'village'")
    ready(page)
    assert page.locator("#title").inner_text() == "A village"
    assert page.locator("#scrub").get_attribute("max") == "3"
    page.reload()
    ready(page)
    assert page.evaluate("document.documentElement.lang") == LANGUAGES[-1]
    assert page.locator("#title").inner_text() == "A village"


def test_a_phone_in_the_dark(screens):
    phone = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
    page = screens(**phone, color_scheme="dark").tab()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 25, 29)"
    flip(page, "transport")
    page.locator("#step").tap()
    assert year(page) == 1
    until(page, INKED, "right")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
