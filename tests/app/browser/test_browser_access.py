"""The screen for everybody: axe-core finds nothing to mend in any of its states, light or dark."""

from tests.app.browser.workshop import flip, until

COLOURS = {"runOnly": ["color-contrast"]}  # in the dark nothing but colours differs


def found(page, dark: bool = True) -> list[str]:
    """What axe-core finds, as lines to read; ``dark``: look at the colours once more in the dark."""
    from axe_playwright_python.sync_playwright import Axe

    told = []
    for scheme, rules in (("light", {}), ("dark", COLOURS))[: 1 + dark]:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(250)  # nothing moves any more
        told += Axe().run(page, options={"resultTypes": ["violations"], **rules}).response["violations"]
    page.emulate_media(color_scheme="light")
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:160]} {node.get('failureSummary', '')}"
        for one in told
        for node in one["nodes"]
    ]


def test_every_state_is_for_everybody(screen):
    page = screen.tab()
    flip(page, "transport")
    page.locator('[data-kind="transport"] .more > summary').click()
    page.evaluate("for (const area of document.querySelectorAll('#policies .area')) area.open = true")
    until(page, "document.querySelectorAll('#verdict tbody tr').length > 3")
    page.locator("#left canvas").press("ArrowRight")
    page.locator("#left canvas").press("Enter")
    assert page.locator("#story").is_visible()
    assert found(page) == []
    page.locator("#story [data-here]").click()
    page.locator("#story").press("Escape")
    page.click("#share")
    assert found(page) == []
    page.keyboard.press("Escape")
    page.click("#predict")
    page.locator("#guess input[value=up]").first.check()
    page.locator("#provenance button").click()
    assert found(page) == []
