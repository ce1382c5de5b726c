"""What goes wrong in a town hall: no network, a scenario with an error, a policy the city cannot have, a killed server."""

import pytest

from tests.app.browser.workshop import Screen, at_home, flip, ready, turn, until, year

NOTED = "Failed to load resource"  # the browser's own line on an answer that is an error, or on none

IN_RED = "document.getElementById('status').classList.contains('error')"
CHOOSE = "(chosen) => import('/page/state.js').then(({ state, tell }) => { state.chosen = chosen; tell('policies'); })"


def test_without_any_network(screen):
    screen.context.route(lambda url: not at_home(url), lambda route: route.abort())
    page = screen.tab()
    flip(page, "transport")
    page.locator("#scrub").fill("10")
    until(page, "schoolflight.bands?.done[0] > 3")
    assert {url.split("/")[2] for url in screen.asked if url.startswith("http")} == {f"127.0.0.1:{screen.server.port}"}


def test_a_request_elsewhere_would_be_found(browser, server):
    other = Screen(browser, server)
    page = other.tab("page/words/en.json", played=False)
    page.evaluate("fetch('http://example.org/').catch(() => {})")
    page.evaluate("Promise.reject(new Error('for nobody')); undefined")
    page.evaluate("console.error('a complaint')")
    with pytest.raises(AssertionError, match=r"example\.org.*for nobody.*a complaint"):
        other.close()


def test_errors_are_sentences(screen):
    page = screen.tab()
    with screen.expecting(NOTED):
        page.select_option("#scenario", "broken")
        until(page, IN_RED)
    said = page.locator("#status").inner_text()
    assert "broken.toml" in said and "pupil" in said and "did you mean" in said
    page.select_option("#scenario", "village")
    until(page, "schoolflight.scenario === 'village'")
    ready(page)
    assert page.locator("#status").inner_text() == ""
    page.evaluate(CHOOSE, [{"kind": "common_admission"}])  # its switch is off where it can do nothing
    until(page, IN_RED)
    assert "common_admission" in page.locator("#status").inner_text()
    assert page.locator("#right .told").inner_text() == "could not be played"
    page.click("#reset")
    ready(page)
    page.locator("#step").click()
    assert year(page) == 1


def test_a_killed_server_comes_back(screen):
    page = screen.tab()
    with screen.expecting(NOTED):
        screen.server.kill()
        turn(page, "transport")
        until(page, IN_RED)
        assert "does not answer" in page.locator("#status").inner_text()
        screen.server.start()
        until(page, f"!{IN_RED}")
        until(page, "schoolflight.futures[1].lines.D.join() !== schoolflight.futures[0].lines.D.join()")
        ready(page)
        page.locator("#scrub").fill("7")
        until(page, "document.querySelector('#right .told').textContent.includes('0.')")
