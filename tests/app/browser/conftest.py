"""One server and one browser for all tests of this folder; a browser of one's own (tabs, store) for each test."""

import pytest

from tests.app.browser.workshop import FLAGS, Screen, Server, found


@pytest.fixture(scope="package")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not found():
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=found(), args=[*FLAGS])
        yield made
        made.close()


@pytest.fixture(scope="package")
def server(browser, tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("workshop"))
    yield made
    made.kill()
    assert not [line for line in made.said if "Traceback" in line or "Error" in line], made.said


@pytest.fixture
def screens(browser, server):
    """``screens(**how)``: a person's browser, as ``browser.new_context`` takes it; all are closed and judged at the end."""
    made = []
    if server.process.poll() is not None:  # a test that killed it failed before it was back
        server.start()

    def screen(**how):
        made.append(Screen(browser, server, **how))
        return made[-1]

    yield screen
    for one in made:
        one.close()


@pytest.fixture
def screen(screens):
    return screens()
