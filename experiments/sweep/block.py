"""A block of runs: the work item that goes to a process or a cluster, and the Parquet bytes that come back.

An item carries the scenario as text, points and seeds, never a model. Points are neighbours, so a scenario is resolved
once for all its seeds. Its rows depend on nothing but the item: the same block gives the same bytes.
"""

import functools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from abm.config import CityConfig, Config
from abm.indicators import Indicators, headlines, observe
from abm.model import SchoolChoiceModel
from abm.scenario import configure
from experiments.engine import forget
from experiments.sweep.point import resolve, run_name, scenario_digest, values_digest

MARK = "schoolflight"  # key of a file's metadata
FAILED = "failed"  # the indicator of a row that holds an error


class Item(NamedTuple):
    """Runs ``first`` to ``first + len(points) - 1`` of a sweep; run r is point r // seeds and seed r % seeds."""

    block: int
    base: str  # the base scenario and the arms' policies, as JSON
    columns: tuple[tuple[str, str], ...]  # (key, "number" or "text") of the varied keys
    points: tuple[tuple[int, dict[str, Any], tuple[int, ...]], ...]  # (point, values, seeds)
    keep: tuple[int, ...]
    indicators: tuple[str, ...]
    mark: str = ""  # what the block's file says of itself, so that a lost manifest can be made again


class Done(NamedTuple):
    """A finished block."""

    block: int
    runs: int
    failed: int
    parquet: bytes


def play(item: Item) -> Done:
    """Run a block. A run that fails is a row with its error; it never stops the others."""
    rows: list[tuple] = []
    failed = runs = 0
    for point, values, seeds in item.points:
        fixed = tuple(values.get(key) for key, _ in item.columns)
        config, error, digest = _resolved(item.base, values)
        for seed in seeds:
            head = (run_name(digest, seed), point, seed)
            runs += 1
            try:
                if config is None:
                    raise error
                rows += [(*head, year, name, value, "", *fixed) for year, name, value in measured(config, seed, item)]
            except Exception as fault:
                failed += 1
                rows.append((*head, -1, FAILED, math.nan, f"{type(fault).__name__}: {fault}", *fixed))
    return Done(item.block, runs, failed, _parquet(rows, item.columns, item.mark))


def _resolved(base: str, values: dict[str, Any]) -> tuple[Config | None, Exception, str]:
    """A point's configuration, or None and what is wrong with it; and the digest that its runs are called by."""
    try:
        config = resolve(base, values)
        return config, RuntimeError(), scenario_digest(config)
    except Exception as fault:
        return None, fault, values_digest(values)


def measured(config: Config, seed: int, item: Item) -> Iterator[tuple[int, str, float]]:
    """(year, indicator, value) of one run, in order of years and of ``item.indicators``."""
    watching = any(policy.when.indicator for policy in config.policies)
    full = _full(item.indicators)
    last = max(item.keep)

    def measure(world, rules, before, first):
        if watching or (world.year in item.keep and full):
            return observe(world, rules, before, first)
        return headlines(world, rules, before, first) if world.year in item.keep else Indicators((), rules.minority)

    model = SchoolChoiceModel(config, seed, collect=False, measure=measure)
    try:
        for year in range(last + 1):
            if year:
                model.step()
            if year in item.keep:
                for name in item.indicators:
                    yield year, name, value(model.indicators, name, config.city)
    finally:
        forget(model)


def value(indicators: Indicators, name: str, city: CityConfig) -> float:
    """The indicator "name", "name:group" or "name:group:scope"; not a number where the year does not have it.

    As groups "majority" and "minority" serve in every city, whatever its groups are called.
    """
    first, *rest = name.split(":", 2)
    if rest and rest[0] not in city.groups:
        rest[0] = {"majority": city.groups[0], "minority": city.minority}.get(rest[0], rest[0])
    try:
        return float(indicators[(first, *rest)] if rest else indicators[first])
    except KeyError:
        return math.nan


@functools.lru_cache(maxsize=8)
def _full(names: tuple[str, ...]) -> bool:
    """Whether the full measurement is needed: some indicator is not among the headlines of the smallest city."""
    return not {name.split(":")[0] for name in names} <= _headline_names() or any(name.count(":") > 1 for name in names)


@functools.cache
def _headline_names() -> frozenset[str]:
    small = configure({"city": {"pupils": 60, "schools": 2, "district_count": 1, "residential_dissimilarity": 0.0}})
    model = SchoolChoiceModel(small, 1, collect=False, measure=headlines)
    names = frozenset(row[0] for row in model.indicators.rows)
    forget(model)
    return names


def schema(columns: tuple[tuple[str, str], ...], mark: str = "") -> pa.Schema:
    """The columns of a dataset, with the mark of its blocks."""
    kinds = {"number": pa.float64(), "text": pa.string()}
    fixed = [
        ("run", pa.string()), ("point", pa.int64()), ("seed", pa.int64()), ("year", pa.int32()), ("indicator", pa.string()),
        ("value", pa.float64()), ("error", pa.string()),
    ]  # fmt: skip
    return pa.schema(fixed + [(key, kinds[kind]) for key, kind in columns], metadata={MARK: mark})


def _parquet(rows: list[tuple], columns: tuple[tuple[str, str], ...], mark: str) -> bytes:
    form = schema(columns, mark)
    arrays = [
        pa.array([_cell(cell, field.type) for cell in column], field.type)
        for field, column in zip(form, zip(*rows, strict=True), strict=True)
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=form), sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _cell(cell: Any, kind: pa.DataType) -> Any:
    """A cell as its column has it: yes and no are 1 and 0 among numbers; a key that is not varied here is null."""
    if cell is None:
        return None
    return float(cell) if kind == pa.float64() else str(cell) if kind == pa.string() else cell
