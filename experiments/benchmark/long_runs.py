"""What takes minutes: a thousand seeds, fifteen years of a metropolis, a year of a continent."""

from functools import partial
from statistics import median

from abm.indicators import observe
from abm.model import SchoolChoiceModel
from experiments.benchmark import towns
from experiments.benchmark.apart import apart, peak_memory, timed
from experiments.benchmark.figures import Reading
from experiments.benchmark.rounds import Tick
from experiments.benchmark.starts import one_seed
from experiments.engine import forget
from experiments.processes import default_jobs, spread

SEEDS, YEARS = 1_000, 10
METROPOLIS, LONG = 1_000_000, 15  # pupils, years
CONTINENT, TOWN = 10_000_000, 10_000  # households
TOWN_YEARS = 30


def thousand_seeds(tick: Tick, seeds: int = SEEDS, years: int = YEARS) -> list[Reading]:
    """All seeds, each from the making of its city, on all processors: the sum of their CPU seconds."""
    total = 0.0
    for done, seconds in enumerate(spread(partial(seed_seconds, years), range(seeds), default_jobs(), "benchmark"), 1):
        total += seconds
        tick(f"seed {done:,} of {seeds:,}")
    return [Reading("1,000 seeds x 5,000 households x 10 years", (total,))]


def seed_seconds(years: int, seed: int) -> float:
    """CPU seconds of one seed."""
    return timed(partial(one_seed, seed, years))[1]


def fifteen_years(tick: Tick) -> list[Reading]:
    """A city of a million pupils from its making through fifteen years, with Observe, in a process of its own."""
    making, years = apart(long_run, METROPOLIS, LONG, tick=tick)
    return [
        Reading("15 years of a city of 1M pupils", (making + years,)),
        Reading("of these, making the city of 1M pupils", (making,)),
    ]


def long_run(pupils: int, years: int, tick: Tick) -> tuple[float, float]:
    """CPU seconds of making a city and of its years; imports and the loading of kernels are left out."""
    one_seed(0, 1)
    tick(f"making a city of {pupils:,} pupils")
    model, making = timed(lambda: SchoolChoiceModel(towns.scenario(pupils), 1, collect=False))
    spent = 0.0
    for year in range(years):
        tick(f"{pupils:,} pupils, year {year + 1} of {years}")
        spent += timed(model.step)[1]
    return making, spent


def continent(tick: Tick) -> list[Reading]:
    """Ten million households in a process of their own: a year's time and memory, and the rate beside that of a town.

    The first year is the one whose time is told. Both rates are of years after a first one, in which memory is fetched.
    """
    making, year, watched, later, town, most = apart(two_years, CONTINENT, TOWN, tick=tick)
    return [
        Reading("making a city of 10M households", (making,)),
        Reading("one year of 10M households, with Observe", (year + watched,)),
        Reading("peak memory of that year", (most / 1e9,)),
        Reading("peak memory per household, 10M households", (most / CONTINENT,)),
        Reading("rate at 10M households, beside that at 10k", (town / TOWN / (later / CONTINENT),)),
        Reading("the same in a first year, when memory is fetched", (town / TOWN / (year / CONTINENT),)),
    ]


def two_years(households: int, few: int, tick: Tick) -> tuple[float, float, float, float, float, int]:
    """CPU seconds of making a city, of a year without Observe, of Observe, of a second year, and of one of ``few`` households.

    And the most bytes held in all that.
    """
    tick(f"years of {few:,} households")
    town = unobserved_city(few)
    town.step()
    times = [timed(town.step)[1] for _ in range(TOWN_YEARS)]
    tick(f"making a city of {households:,} households")
    model, making = timed(lambda: unobserved_city(households))
    tick(f"a year of {households:,} households")
    _, year = timed(model.step)
    tick(f"Observe of {households:,} households")
    _, watched = timed(lambda: observe(model.world, model.rules, model.before, model.first))
    tick(f"a second year of {households:,} households")
    _, later = timed(model.step)
    times += [timed(town.step)[1] for _ in range(TOWN_YEARS)]  # some before, some after: machines warm and cool
    forget(town)
    return making, year, watched, later, median(times), peak_memory()


def unobserved_city(households: int) -> SchoolChoiceModel:
    """A city in the default model, whose steps are without Observe."""
    return SchoolChoiceModel(towns.scenario(households), 1, collect=False, measure=towns.unobserved)
