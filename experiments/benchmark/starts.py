"""How soon a fresh process has run a year, with kernels in the cache and without; and what a second processor brings."""

import functools
import tempfile
from pathlib import Path

from abm.model import SchoolChoiceModel
from experiments.benchmark import towns
from experiments.benchmark.apart import python, timed
from experiments.benchmark.figures import Reading
from experiments.benchmark.rounds import Tick
from experiments.engine import forget
from experiments.processes import crew

ROUNDS = {"small": 3, "city": 5, "metropolis": 5, "continent": 5}
OTHERS = "import numpy, numba, mesa"
FIRST_YEAR = "from abm.model import SchoolChoiceModel\nSchoolChoiceModel().step()"
SEEDS, YEARS = 20, 2  # of one piece of work: about a second


def warm(size: str, tick: Tick) -> list[Reading]:
    """A fresh process that imports the model and runs a year of the default city, less one with the packages alone."""
    tick("first years of fresh processes")
    python(FIRST_YEAR)  # fills the cache
    above = []
    for r in range(ROUNDS[size]):
        tick(f"first years of fresh processes, round {r + 1} of {ROUNDS[size]}")
        alone = python(OTHERS)
        above.append(python(FIRST_YEAR) - alone)
    return [Reading("import and first year, warm cache, above numpy, numba, mesa", tuple(above))]


def cold(size: str, tick: Tick) -> list[Reading]:
    """The same with an empty cache, all in all: every kernel of a year is compiled."""
    tick("compiling everything in a fresh process")
    with tempfile.TemporaryDirectory() as empty:
        folders = {"NUMBA_CACHE_DIR": str(Path(empty) / "numba"), "XDG_CACHE_HOME": str(Path(empty) / "cache")}
        return [Reading("first run after installing, all compiling", (python(FIRST_YEAR, **folders),))]


def parallel(size: str, tick: Tick) -> list[Reading]:
    """Two processes at once against one, in rounds.

    By CPU time: 2 x (time of the work alone) / (mean time of it when both are at it). So it tells what the processors take
    from each other (caches, memory, clock), and on a machine that others use too, not how busy these are; starting the
    processes and handing over results, some milliseconds for each, is left out.
    """
    factors = []
    with crew(2, "benchmark") as pool:
        for r in range(ROUNDS[size] + 1):
            tick(f"seeds on two processors, round {r} of {ROUNDS[size]}")
            both = [pool.submit(some_seeds) for _ in range(2)]
            together = sum(work.result() for work in both) / 2
            alone = pool.submit(some_seeds).result()
            if r:  # the first one loads the kernels
                factors.append(2 * alone / together)
    return [Reading("seeds in parallel on 2 cores", tuple(factors))]


def some_seeds() -> float:
    """CPU seconds of some seeds of the default city."""
    return timed(lambda: [one_seed(seed, YEARS) for seed in range(SEEDS)])[1]


_scenario = functools.cache(lambda years: towns.scenario(5_000, run={"years": years}))  # one for all seeds


def one_seed(seed: int, years: int) -> None:
    """A city of 5,000 households from its start, year by year, with Observe."""
    model = SchoolChoiceModel(_scenario(years), seed, collect=False)
    model.run()
    forget(model)
