"""The screen for everybody: axe-core finds nothing to mend in any of its states, light or dark."""

import pytest

from tests.app.browser.workshop import flip, until

pytestmark = pytest.mark.xdist_group("browser")

FULL, COLOURS = {}, {"runOnly": ["color-contrast"]}  # in the dark nothing but colours differs


def found(page, rules: dict) -> list[str]:
    """What axe-core finds, as lines to read."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(250)  # nothing moves any more
    told = Axe().run(page, options={"resultTypes": ["violations"], **rules}).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:160]} {node.get('failureSummary', '')}"
        for one in told
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("scheme", "rules"), [("light", FULL), ("dark", COLOURS)])
def test_every_state_is_for_everybody(screens, tmp_path, scheme, rules):
    screen = screens(color_scheme=scheme)
    page = screen.tab()
    assert found(page, rules) == []
    flip(page, "transport")
    page.locator('[data-kind="transport"] .more > summary').click()
    until(page, "document.querySelectorAll('#verdict tbody tr').length > 3")
    page.locator("#left canvas").press("ArrowRight")
    page.locator("#left canvas").press("Enter")
    assert page.locator("#story").is_visible()
    assert found(page, rules) == []
    page.locator("#story").press("Escape")
    page.click("#share")
    assert found(page, rules) == []
    with page.expect_download() as download:
        page.click('[data-act="html"]')
    file = tmp_path / "take_home.html"
    download.value.save_as(file)
    alone = screen.context.new_page()
    alone.goto(file.as_uri())
    until(alone, "document.body.dataset.ready === 'yes'")
    assert found(alone, rules) == []
    page.keyboard.press("Escape")
    page.click("#predict")
    page.locator("#guess input[value=up]").first.check()
    page.locator("#provenance button").click()
    assert found(page, rules) == []


def test_the_whole_panel_and_the_handout(screen):
    page = screen.tab()
    flip(page, "transport")
    page.evaluate("for (const area of document.querySelectorAll('#policies .area')) area.open = true")
    assert found(page, FULL) == []
    page.click("#share")
    with page.expect_popup() as waiting:
        page.click('[data-act="handout"]')
    sheet = waiting.value
    sheet.wait_for_url("**/handout/*")
    until(sheet, "document.body.dataset.ready === 'yes'")
    assert found(sheet, FULL) == []
