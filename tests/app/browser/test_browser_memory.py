"""Playing for long: neither the page nor the server grows."""

import time
from typing import NamedTuple

import pytest

from tests.app.browser.workshop import Screen, Server, another_future, flip, until
from tests.builders import ROOT

MINUTES = 30
POLICIES = ("transport", "mediators", "reserved_places", "class_size", "detection")  # one turned on or off each minute


class Held(NamedTuple):
    """What page and server hold, after all that can be thrown away was."""

    minute: float
    heap: float  # MB of the page's JavaScript
    nodes: int
    listeners: int
    server: float  # MB resident

    def line(self) -> str:
        return (
            f"{self.minute:5.1f} min: page {self.heap:.2f} MB, {self.nodes} nodes, {self.listeners} listeners; "
            f"server {self.server:.0f} MB"
        )


class Gauge:
    """Reads what a page and its server hold."""

    def __init__(self, page, server):
        self.session, self.server, self.began = page.context.new_cdp_session(page), server, time.monotonic()

    def read(self) -> Held:
        for _ in range(3):  # what finalizers let go of goes with the next round
            self.session.send("HeapProfiler.collectGarbage")
        used = self.session.send("Runtime.getHeapUsage")
        counts = self.session.send("Memory.getDOMCounters")
        heap = (used["usedSize"] + used.get("backingStorageSize", 0)) / 2**20
        minute = (time.monotonic() - self.began) / 60
        return Held(minute, heap, counts["nodes"], counts["jsEventListeners"], self.server.resident())


def play(page) -> None:
    """From the first year to the last."""
    page.evaluate("if (schoolflight.playing) document.getElementById('play').click()")
    page.click("#back")
    page.click("#play")
    until(page, "schoolflight.year === schoolflight.years && !schoolflight.playing")


def flat(first: Held, last: Held, server: float) -> bool:
    """Whether nothing grew from ``first`` to ``last``; server: megabytes that its allocator may hold on to."""
    return (
        last.heap < first.heap * 1.05 + 0.5
        and last.nodes < first.nodes * 1.05 + 20
        and last.listeners <= first.listeners + 5
        and last.server < first.server + server
    )


def test_playing_again_and_again_holds_no_more(screen):
    page = screen.tab()
    flip(page, "transport")
    until(page, "schoolflight.bands?.done.every((done) => done === schoolflight.bands.total)")
    page.evaluate("schoolflight.speed = 16")
    gauge, held = Gauge(page, screen.server), []
    for _ in range(3):
        for _ in range(2):
            play(page)
        held.append(gauge.read())
    assert flat(held[-2], held[-1], server=20), [one.line() for one in held]


@pytest.mark.slow
def test_half_an_hour_of_playing_holds_no_more(browser, tmp_path):
    server = Server(tmp_path, ROOT / "configs" / "milan.toml")
    screen = Screen(browser, server)
    page = screen.tab()
    page.select_option("#speed", "4")
    gauge, held = Gauge(page, server), []
    for minute in range(MINUTES + 1):
        play(page)
        while time.monotonic() - gauge.began < 60 * minute:
            play(page)
        if minute % (MINUTES // 3) == 0:
            with another_future(page):
                page.click("#reset")  # the same is shown at each reading
            page.wait_for_timeout(2000)
            held.append(gauge.read())
            print(held[-1].line(), flush=True)
        kind = POLICIES[minute % len(POLICIES)]
        flip(page, kind, on=not page.evaluate("(kind) => schoolflight.chosen.some((one) => one.kind === kind)", kind))
    screen.close()
    server.kill()
    assert flat(held[1], held[-1], server=100), [one.line() for one in held]
