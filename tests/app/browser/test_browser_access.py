"""The screen for everybody: axe-core finds nothing to mend in any of its states, light or dark."""

import pytest

from tests.app.browser.workshop import flip, ready, until

SCHEMES = ["light", "dark"]


def found(page) -> list[str]:
    """What axe-core finds, as lines to read."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(250)  # nothing moves any more
    told = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:160]} {node.get('failureSummary', '')}"
        for one in told
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_screen(screens, scheme):
    page = screens(color_scheme=scheme).tab()
    assert found(page) == []
    flip(page, "transport")
    for summary in page.locator("#policies details:not([open]) > summary").all():
        if summary.is_visible():
            summary.click()
    until(page, "document.querySelectorAll('#verdict tbody tr').length > 3")
    assert found(page) == []
    page.locator("#left canvas").press("ArrowRight")
    page.locator("#left canvas").press("Enter")
    assert page.locator("#story").is_visible()
    assert found(page) == []
    page.locator("#story").press("Escape")
    page.click("#predict")
    page.locator("#guess input[value=up]").first.check()
    assert found(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_people_take_home(screens, tmp_path, scheme):
    screen = screens(color_scheme=scheme)
    page = screen.tab()
    flip(page, "transport")
    until(page, "document.querySelectorAll('#verdict tbody tr').length > 3")
    page.click("#share")
    assert found(page) == []
    with screen.context.expect_page() as waiting:
        page.click('[data-act="handout"]')
    sheet = waiting.value
    sheet.wait_for_url("**/handout/*")
    until(sheet, "document.body.dataset.ready === 'yes'")
    assert found(sheet) == []
    with page.expect_download() as download:
        page.click('[data-act="html"]')
    file = tmp_path / "take_home.html"
    download.value.save_as(file)
    alone = screen.context.new_page()
    alone.goto(file.as_uri())
    until(alone, "document.body.dataset.ready === 'yes'")
    ready(alone)
    assert found(alone) == []
    page.keyboard.press("Escape")
    page.locator("#provenance button").click()
    assert found(page) == []
