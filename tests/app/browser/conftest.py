"""One server a process for all tests of this folder, one person at it for each module."""

import pytest

from tests.app.browser.workshop import Screen, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("workshop"))
    yield made
    made.kill()
    assert "Traceback" not in made.said(), made.said()


@pytest.fixture(scope="module")
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
