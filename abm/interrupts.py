"""Work that must not be broken off: whoever stops the program is heard when it is done."""

import contextlib
import signal
import threading
from collections.abc import Iterator

STOPS = signal.SIGINT, signal.SIGTERM


@contextlib.contextmanager
def postponed() -> Iterator[list[int]]:
    """Within, Ctrl-C and SIGTERM are only noted, in the list that is given; its first is raised at the end.

    Outside of the main thread, which alone ever hears of them, nothing changes; nor for a signal that Python does not handle.
    """
    ours = [number for number in STOPS if callable(signal.getsignal(number))]
    if not ours or threading.current_thread() is not threading.main_thread():
        yield []
        return
    heard: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: heard.append(number)) for number in ours}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if heard:
            signal.raise_signal(heard[0])
