"""Interleaved rounds: every task once a round beside the floor kernel, so that what slows the machine slows both."""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from experiments.benchmark import yardstick

SHORTEST = 0.01  # seconds that a task is repeated for within a round, at least

Task = Callable[[], object]
Tick = Callable[[str], None]


class Times(NamedTuple):
    """CPU seconds of each round."""

    floor: tuple[float, ...]  # (round,) of one evaluation: F
    task: dict[str, tuple[float, ...]]  # by name, (round,) of one call

    def ratio(self, name: str, other: str) -> tuple[float, ...]:
        """(round,) time of one task over that of another."""
        return tuple(a / b for a, b in zip(self.task[name], self.task[other], strict=True))

    def in_floors(self, name: str, pieces: float) -> tuple[float, ...]:
        """(round,) time of one piece of a task over F."""
        return tuple(a / pieces / f for a, f in zip(self.task[name], self.floor, strict=True))


def clock(task: Task, repeats: int = 1) -> float:
    """CPU seconds of this thread for one call: of ``repeats``, and of as many again while a coarse clock stands still."""
    began, calls, seconds = time.thread_time(), 0, 0.0
    while seconds <= 0:
        for _ in range(repeats):
            task()
        calls += repeats
        seconds = time.thread_time() - began
    return seconds / calls


def interleave(tasks: dict[str, Task], rounds: int, tick: Tick) -> Times:
    """Measure all tasks in each round, short ones several times over; a first round, which may compile, does not count."""
    yardstick.seconds()
    repeats = {}
    for name, task in tasks.items():
        tick(name)
        task()
        repeats[name] = max(1, math.ceil(SHORTEST / max(clock(task), 1e-6)))
    floors, times = [], {name: [] for name in tasks}
    for turn in range(1, rounds + 1):
        floors.append(yardstick.seconds())
        for name, task in tasks.items():
            tick(f"round {turn} of {rounds}: {name}")
            times[name].append(clock(task, repeats[name]))
    return Times(tuple(floors), {name: tuple(part) for name, part in times.items()})
