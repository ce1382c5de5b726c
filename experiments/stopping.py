"""How a command is stopped: by Ctrl-C, or by SIGTERM, the order to end of ``kill``, ``timeout``, systemd and SLURM.

Within a command both are raised as KeyboardInterrupt, so that what is finished is kept and told; before and after it
there is nothing to keep, and the process ends at once. Whoever has Ctrl-C ignored (``nohup``, a shell's background) is not
stopped by it.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}  # exit codes, as shells count them
_heard: list[int] = []


def heed() -> None:
    """From here on the process ends at once, with a word and its exit code."""
    for number in CODES:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


@contextlib.contextmanager
def raised() -> Iterator[None]:
    """Within, KeyboardInterrupt is raised where ``heed`` was called; where it was not, nothing is changed."""
    ours = [number for number in CODES if signal.getsignal(number) is _end]
    for number in ours:
        signal.signal(number, _raise)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, _end)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Whoever stops the command waits until what is begun here is done; once stopped, it is not stopped again."""
    ours = [number for number in CODES if callable(signal.getsignal(number))]
    if threading.current_thread() is not threading.main_thread() or not ours:
        yield
        return
    stopped, heard = sys.exc_info()[0] is not None, []
    before = {number: signal.signal(number, lambda number, frame: heard.append(number)) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if heard and not stopped:
            signal.raise_signal(heard[0])


def code() -> int:
    """The exit code of a command that was stopped."""
    return CODES[_heard[0]] if _heard else CODES[signal.SIGINT]


def end_processes() -> None:
    """End all processes that this one has started and that are still at work."""
    import multiprocessing

    for process in multiprocessing.active_children():
        process.kill()


def _raise(number: int, frame: FrameType | None) -> None:
    _heard.append(number)
    raise KeyboardInterrupt


def _end(number: int, frame: FrameType | None) -> None:
    with contextlib.suppress(OSError, RuntimeError, ValueError, AttributeError):
        if not _heard:
            os.write(2, b"\nstopped\n")
        sys.stdout.flush()
    os._exit(CODES[_heard[0] if _heard else number])
