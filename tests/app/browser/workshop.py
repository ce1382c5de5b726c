"""The workshop as people have it: ``schoolflight app`` in a process of its own, and its page in a real browser."""

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests import pages
from tests.builders import ROOT

FLAGS = (  # a browser that asks nobody on its own account; no name but this machine's is ever found
    *pages.FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-features=" + ",".join((  # pages of its own behind each window, which cost more than ours; all that asks around
        "PreloadTopChromeWebUI", "WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup", "AimEnabled",
        "LensOverlay", "MediaRouter", "OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch", "PaintHolding",
    )),
)  # fmt: skip
HERE = "127.0.0.1"
INSIDE = ("data", "blob", "about", "file")  # addresses that leave no browser
ONE = (  # the server on one processor: it starts a process for each, and a test needs no more than one
    "import os; hasattr(os, 'sched_setaffinity') and os.sched_setaffinity(0, [max(os.sched_getaffinity(0))]);"
    "from experiments.__main__ import main; main()"
)
PATIENCE = 300_000  # milliseconds: kernels may have to be compiled first, on a machine with much else to do
JUDGED = (
    "schoolflight.bands?.done.every((done) => done === 30) && document.querySelectorAll('#verdict tbody tr').length > 3"
)
SCENARIOS = {
    "town": 'base = "{base}"\ntitle = "A town"\n[city]\npupils = 300\n',
    "village": 'base = "{base}"\ntitle = "A village"\n[run]\nyears = 3\n[city]\npupils = 200\nschools = 4\n',
    "broken": 'base = "{base}"\n[city]\npupil = 3\n',
}


class Server:
    """``schoolflight app`` on a free port, which it keeps when it is started anew."""

    def __init__(self, folder: Path, scenario: Path | None = None):
        for name, text in SCENARIOS.items():
            (folder / f"{name}.toml").write_text(text.format(base=(ROOT / "configs" / "classroom.toml").as_posix()))
        self.scenario, self.port, self.log = scenario or folder / "town.toml", 0, folder / "said.txt"
        self.start()

    def start(self) -> None:
        """Start the process and wait for the sentence that names its address."""
        command = [sys.executable, "-c", ONE, "app", str(self.scenario), "--no-browser", "--port", str(self.port)]
        before = len(self.said())
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        end = time.monotonic() + PATIENCE / 1000
        while not (told := re.search(rf"http://{HERE}:(\d+)/", self.said()[before:])):
            assert self.process.poll() is None and time.monotonic() < end, self.said()
            time.sleep(0.02)
        self.port = int(told[1])

    def said(self) -> str:
        """All it has printed so far."""
        return self.log.read_text() if self.log.exists() else ""

    @property
    def address(self) -> str:
        return f"http://{HERE}:{self.port}/"

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()

    def resident(self) -> float:
        """Megabytes that the process holds, without those that run the bands."""
        import psutil

        return psutil.Process(self.process.pid).memory_info().rss / 2**20


class Screen:
    """One person's browser: its tabs, all they asked of the network, and all they complained of."""

    def __init__(self, browser, server: Server, **how):
        self.server, self.faults, self.asked = server, [], []
        self.context = browser.new_context(**({"locale": "en-GB", "viewport": {"width": 1200, "height": 800}} | how))
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("page", self._listen)

    def _listen(self, page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"not caught: {error}"))
        page.on("console", self._heard)
        page.on("crash", lambda _: self.faults.append("the tab crashed"))
        page.on("websocket", lambda socket: self.asked.append(socket.url))

    def _heard(self, message) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def tab(self, path: str = "", played: bool = True):
        """A new tab with the page, both futures played to the end."""
        page = self.context.new_page()
        page.goto(self.server.address + path)
        if played:
            ready(page)
        return page

    def forget(self) -> None:
        """Close all tabs, drop what the page keeps in the browser, and let the network be."""
        self.context.unroute_all()
        for page in self.context.pages:
            page.close()
        page = self.context.new_page()
        empty = '<link rel="icon" href="data:,">'  # of the same address as the page, so that it has its store
        page.route("**/empty", lambda route: route.fulfill(body=empty, content_type="text/html"))
        page.goto(f"{self.server.address}empty")
        page.evaluate("localStorage.clear()")
        page.close()

    def judge(self) -> None:
        """What went wrong in any tab since the last time, or left the machine, fails the test."""
        wrong = [url for url in self.asked if not at_home(url)] + self.faults
        self.asked.clear()
        self.faults.clear()
        assert not wrong, wrong

    def close(self) -> None:
        """Close all tabs, and judge."""
        self.context.close()
        self.judge()

    @contextlib.contextmanager
    def expecting(self, pattern: str) -> Iterator[None]:
        """A fault that the test provokes: the browser's own note of it is no fault of the page."""
        before = len(self.faults)
        yield
        self.faults[before:] = [fault for fault in self.faults[before:] if not re.search(pattern, fault)]


def at_home(url: str) -> bool:
    """Whether an address is on this machine."""
    parts = urlsplit(url)
    return parts.scheme in INSIDE or parts.hostname == HERE


def until(page, what: str, told=None) -> None:
    """Wait until ``what`` (JavaScript) is true. The browser's own wait would need more than the page's rules allow scripts."""
    end, pause = time.monotonic() + PATIENCE / 1000, 20.0
    while not page.evaluate(what, told):
        assert time.monotonic() < end, f"waited in vain: {what}; the page says {page.locator('#status').inner_text()!r}"
        page.wait_for_timeout(pause)
        pause = min(1.3 * pause, 250.0)  # to ask costs, in four processes


def ready(page) -> None:
    """Wait until both futures of the page are played and drawn."""
    until(page, "window.schoolflight?.futures.every((made) => made && made.played > schoolflight.years)")


def year(page) -> int:
    return page.evaluate("schoolflight.year")


def turn(page, kind: str, on: bool = True) -> None:
    """Turn the switch of a policy as a hand does."""
    area = page.evaluate("(kind) => schoolflight.shelf.find((one) => one.kind === kind).area", kind)
    group = page.locator(f'details[data-open="{area}"]')
    if group.get_attribute("open") is None:
        group.locator("summary").first.click()
    page.locator(f'[data-kind="{kind}"] input[role=switch]').first.set_checked(on)


@contextlib.contextmanager
def another_future(page) -> Iterator[None]:
    """Do what changes the policies, and wait until their future is played."""
    before = page.evaluate_handle("schoolflight.futures[1]")
    yield
    until(page, "(before) => schoolflight.futures[1] !== before", before)
    before.dispose()  # else the page could not let go of it
    ready(page)


def flip(page, kind: str, on: bool = True) -> None:
    """Turn the switch of a policy and wait for its future."""
    with another_future(page):
        turn(page, kind, on)
