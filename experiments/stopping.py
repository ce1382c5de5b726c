"""How a command is stopped: by Ctrl-C, or by SIGTERM, the order to end of ``kill``, ``timeout``, systemd and SLURM.

Within a command both are raised as KeyboardInterrupt, so that what is finished is kept and told; before and after it, and
while libraries are imported, the process ends at once: what is finished is on disk. Whoever has Ctrl-C ignored (``nohup``,
a shell's background) is not stopped by it.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from abm.interrupts import postponed

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}  # exit codes, as shells count them
MOMENT = 0.01  # seconds
_heard: list[int] = []


def heed() -> None:
    """From here on the process ends at once, with a word and its exit code."""
    for number in CODES:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


@contextlib.contextmanager
def raised() -> Iterator[None]:
    """Within, KeyboardInterrupt is raised where ``heed`` was called; where it was not, nothing is changed.

    Whatever libraries make of it, it is KeyboardInterrupt again in the end.
    """
    with _instead(_end, _raise), _insisting():
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException:
            if _heard:
                raise KeyboardInterrupt from None
            raise


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """Within, a stop ends the process as before a command: for libraries that do not bear to be broken off."""
    with _instead(_raise, _end):
        yield


@contextlib.contextmanager
def _instead(usual: Callable, other: Callable) -> Iterator[None]:
    """Signals that are handled in the ``usual`` way are handled in the ``other``."""
    ours = [number for number in CODES if signal.getsignal(number) is usual]
    for number in ours:
        signal.signal(number, other)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, usual)


@contextlib.contextmanager
def _insisting() -> Iterator[None]:
    """A KeyboardInterrupt that Python ignores, as in what it calls when objects end, is raised again a moment later."""
    if not hasattr(signal, "setitimer") or _raise not in map(signal.getsignal, CODES):
        yield
        return
    hook = sys.unraisablehook

    def ignored(lost) -> None:
        if lost.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, MOMENT)
        else:
            hook(lost)

    before, sys.unraisablehook = signal.signal(signal.SIGALRM, _raise), ignored
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = hook


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Whoever stops the command waits until what is begun here is done; once stopped, it is not stopped again."""
    stopped = sys.exc_info()[0] is not None
    with postponed() as heard:
        try:
            yield
        finally:
            if stopped:
                heard.clear()


def end() -> int:
    """End all processes that this one has started and that are still at work; the exit code of the stopped command."""
    import multiprocessing

    for process in multiprocessing.active_children():
        process.kill()
    # CPython would die of SIGINT at its end if KeyboardInterrupt ever left a text that was executed, such as a namedtuple's
    exec("")
    return CODES[_heard[0]] if _heard else CODES[signal.SIGINT]


def _raise(number: int, frame: FrameType | None) -> None:
    if _importing(frame):
        _end(number, frame)
    _heard.append(number)
    raise KeyboardInterrupt


def _importing(frame: FrameType | None) -> bool:
    """Whether a library is being imported: some of them catch whatever is raised then, and go on."""
    while frame is not None and frame.f_code.co_name != "exec_module":
        frame = frame.f_back
    return frame is not None


def _end(number: int, frame: FrameType | None) -> None:
    with contextlib.suppress(OSError, RuntimeError, ValueError, AttributeError):
        if not _heard:
            os.write(2, b"\nstopped\n")
        sys.stdout.flush()
    os._exit(CODES[_heard[0] if _heard else number])
