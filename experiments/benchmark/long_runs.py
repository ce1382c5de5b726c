"""What takes minutes: a thousand seeds, fifteen years of a metropolis, a year of a continent."""

from functools import partial

from abm.indicators import observe
from abm.model import SchoolChoiceModel
from experiments.benchmark import towns
from experiments.benchmark.apart import apart, cpu, peak_memory
from experiments.benchmark.figures import Reading
from experiments.benchmark.rounds import Tick
from experiments.benchmark.starts import one_seed
from experiments.engine import forget
from experiments.processes import default_jobs, spread

SEEDS, YEARS = 1_000, 10
METROPOLIS, LONG = 1_000_000, 15  # pupils, years
CONTINENT, TOWN = 10_000_000, 10_000  # households
TOWN_YEARS = 15


def thousand_seeds(tick: Tick, seeds: int = SEEDS, years: int = YEARS) -> list[Reading]:
    """All seeds, each from the making of its city, on all processors: the sum of their CPU seconds."""
    total = 0.0
    for done, seconds in enumerate(spread(partial(seed_seconds, years), range(seeds), default_jobs(), "benchmark"), 1):
        total += seconds
        tick(f"seed {done:,} of {seeds:,}")
    return [Reading("1,000 seeds x 5,000 households x 10 years", (total,))]


def seed_seconds(years: int, seed: int) -> float:
    """CPU seconds of one seed."""
    return cpu(partial(one_seed, seed, years))


def fifteen_years(tick: Tick) -> list[Reading]:
    """A city of a million pupils from its making through fifteen years, with Observe, in a process of its own."""
    return [Reading("15 years of a city of 1M pupils", (apart(long_run, METROPOLIS, LONG, tick=tick),))]


def long_run(pupils: int, years: int, tick: Tick) -> float:
    """CPU seconds of a run, imports and the loading of kernels left out."""
    one_seed(0, 1)
    tick(f"making a city of {pupils:,} pupils")

    def all_years():
        model = SchoolChoiceModel(towns.scenario(pupils), 1, collect=False)
        for year in range(years):
            tick(f"{pupils:,} pupils, year {year + 1} of {years}")
            model.step()

    return cpu(all_years)


def continent(tick: Tick) -> list[Reading]:
    """A year of ten million households in a process of its own: time, memory, and the rate beside that of a town."""
    year, watched, town, most = apart(one_year, CONTINENT, TOWN, tick=tick)
    return [
        Reading("one year of 10M households, with Observe", (year + watched,)),
        Reading("peak memory of that year", (most / 1e9,)),
        Reading("peak memory per household, 10M households", (most / CONTINENT,)),
        Reading("rate at 10M households, beside that at 10k", (town / TOWN / (year / CONTINENT),)),
    ]


def one_year(households: int, few: int, tick: Tick) -> tuple[float, float, float, int]:
    """CPU seconds of a year without Observe, of Observe, and of a year of ``few`` households; most bytes held."""
    tick(f"years of {few:,} households")
    town = SchoolChoiceModel(towns.scenario(few), 1, collect=False, measure=towns.unobserved)
    town.step()
    times = sorted(cpu(town.step) for _ in range(TOWN_YEARS))
    forget(town)
    tick(f"making a city of {households:,} households")
    model = SchoolChoiceModel(towns.scenario(households), 1, collect=False, measure=towns.unobserved)
    tick(f"a year of {households:,} households")
    year = cpu(model.step)
    tick(f"Observe of {households:,} households")
    watched = cpu(lambda: observe(model.world, model.rules, model.before, model.first))
    return year, watched, times[TOWN_YEARS // 2], peak_memory()
