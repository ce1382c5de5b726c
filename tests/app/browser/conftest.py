"""One server and one browser for all tests of this folder.

Processes of pytest-xdist get the first tests in long pieces, so that one of them has this whole folder; with ``--dist
loadgroup`` the mark ``browser`` sees to it.
"""

import pytest

from tests.app.browser.workshop import FLAGS, Screen, Server
from tests.pages import chromium


@pytest.fixture(scope="package")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not chromium():
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        yield made
        made.close()


@pytest.fixture(scope="package")
def server(browser, tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("workshop"))
    yield made
    made.kill()
    assert "Traceback" not in made.said(), made.said()


@pytest.fixture(scope="package")
def person(browser, server):
    made = Screen(browser, server)
    yield made
    made.close()


@pytest.fixture
def screen(person, running):
    """A person's browser that has never shown the page."""
    yield person
    person.forget()
    person.judge()


@pytest.fixture
def screens(browser, running):
    """``screens(**how)``: another person's, as ``browser.new_context`` takes it; all are closed and judged at the end."""
    made = []

    def other(**how):
        made.append(Screen(browser, running, **how))
        return made[-1]

    yield other
    for one in made:
        one.close()


@pytest.fixture
def running(server):
    """The server, started anew where a test that killed it has failed."""
    if server.process.poll() is not None:
        server.start()
    return server
