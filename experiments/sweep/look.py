"""Looking at a sweep while it runs and after: progress, failures, a table, a heat map; and one run repeated."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow.acero as ac
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from abm.config.declare import ScenarioError
from experiments.sweep.block import FAILED, Item, measured
from experiments.sweep.conduct import columns
from experiments.sweep.dataset import Dataset
from experiments.sweep.heat_map import heat_map
from experiments.sweep.point import resolve
from experiments.sweep.spec import Sweep

FAILURE = (ds.field("year") == -1) & (
    ds.field("indicator") == FAILED
)  # years are sorted out by files' statistics alone
SHOWN = 30  # rows of a printed table


class Progress(NamedTuple):
    """How far a sweep is."""

    blocks: int
    of: int
    runs: int
    whole: int
    failed: int


def opened(dataset: Dataset) -> ds.Dataset:
    """The rows as an Arrow dataset, read file by file. ScenarioError if there are none yet."""
    files = [str(path) for path in dataset.files()]
    if not files:
        raise ScenarioError(f"{dataset.folder}: no block is finished yet; go on with the sweep")
    with sound(dataset):
        return ds.dataset(files, format="parquet")


@contextmanager
def sound(dataset: Dataset) -> Iterator[None]:
    """ScenarioError where a file that is read within turns out to be damaged."""
    try:
        yield
    except ScenarioError:
        raise
    except (OSError, ValueError) as error:
        what = " ".join(str(error).split())
        path = next((path for path in dataset.files() if not _readable(path)), dataset.data)
        raise ScenarioError(
            f"{path}: damaged ({what}); delete this file, and give the command of the sweep again"
        ) from None


def _readable(path: Path) -> bool:
    try:
        return bool(pq.read_table(path).num_columns)
    except (OSError, ValueError):
        return False


def progress(dataset: Dataset) -> Progress:
    """Counts of blocks, runs and failures, by the names of files and the rows of failures alone."""
    about = dataset.manifest()
    size, whole = about["block"], about["runs"]
    of = -(-whole // size)
    last = whole - (of - 1) * size
    done = of - sum(1 for _ in dataset.missing(range(of)))
    runs = done * size - (size - last if not list(dataset.missing([of - 1])) else 0)
    with sound(dataset):
        failed = opened(dataset).count_rows(filter=FAILURE) if done else 0
    return Progress(done, of, runs, whole, failed)


def failures(dataset: Dataset, most: int = 5) -> pd.DataFrame:
    """The first failed runs: run, point, seed, error."""
    with sound(dataset):
        rows = opened(dataset).scanner(columns=["run", "point", "seed", "error"], filter=FAILURE)
        return rows.head(most).to_pandas()


def table(dataset: Dataset, indicator: str, year: int | None = None) -> pd.DataFrame:
    """Mean, sd and number of runs of an indicator by point, with the varied keys; rows stream by, sums by point are held."""
    sweep = dataset.sweep()
    year = sweep.keep[-1] if year is None else year
    if indicator not in sweep.indicators or year not in sweep.keep:
        raise ScenarioError(
            f"{dataset.folder}: keeps {', '.join(sweep.indicators)} of year {', '.join(map(str, sweep.keep))}; ask for one of these"
        )
    value, one = ds.field("value"), pc.VarianceOptions(ddof=1)
    chosen = (ds.field("indicator") == indicator) & (ds.field("year") == year) & pc.is_finite(value)
    sums = [
        ("value", "hash_mean", None, "mean"),
        ("value", "hash_stddev", one, "sd"),
        ("value", "hash_count", None, "runs"),
    ]
    steps = [
        ac.Declaration("scan", ac.ScanNodeOptions(opened(dataset), columns=["point", "value"], filter=chosen)),
        ac.Declaration("filter", ac.FilterNodeOptions(chosen)),
        ac.Declaration("aggregate", ac.AggregateNodeOptions(sums, keys=["point"])),
    ]
    with sound(dataset):
        rows = ac.Declaration.from_sequence(steps).to_table(use_threads=False).to_pandas().sort_values("point")
    design = dataset.design()
    points = pd.DataFrame([design.point(number) for number in rows.point])
    tidy = rows[["mean", "sd", "runs"]].reset_index(drop=True)
    return pd.concat([pd.DataFrame({"point": rows.point.to_numpy()}), points, tidy], axis=1)


def printed(rows: pd.DataFrame) -> list[str]:
    """The first rows as lines no wider than the terminal; what is left out is said."""
    keys = [key for key in rows.columns if key not in ("point", "mean", "sd", "runs")]
    few, wide = rows.head(SHOWN), shutil.get_terminal_size((120, 24)).columns

    def text(shown: list[str]) -> str:
        return few[["point", *shown, "mean", "sd", "runs"]].to_string(index=False, float_format=lambda v: f"{v:.4g}")

    shown = list(keys)
    while shown and len(text(shown).partition("\n")[0]) > wide:
        shown.pop()
    left = keys[len(shown) :]
    out = [text(shown)]
    if left:
        out.append(f"({len(left)} of {len(keys)} keys are too many for this window: {', '.join(left)})")
    return [*out, f"... and {len(rows) - SHOWN} more points"] if len(rows) > SHOWN else out


def told(dataset: Dataset, indicator: str | None, year: int | None) -> str:
    """What ``schoolflight results`` prints."""
    sweep, now = dataset.sweep(), progress(dataset)
    indicator = indicator or sweep.indicators[0]
    lines = [
        f"{sweep.title}: {now.runs:,} of {now.whole:,} runs ({100 * now.runs / max(now.whole, 1):.1f} %), {now.failed} failed"
    ]
    if now.failed:
        lines += ["", "Failed runs, the first of them:"]
        for row in failures(dataset).itertuples():
            lines.append(f"- {row.error}\n  schoolflight repeat {row.run} --sweep {dataset.folder}")
    if now.runs:
        rows = table(dataset, indicator, year)
        year = sweep.keep[-1] if year is None else year
        lines += ["", f"{indicator}, year {year}, mean and standard deviation over seeds:", *printed(rows)]
        try:
            drawn = heat_map(dataset, rows, indicator, year)
        except OSError as error:
            drawn = f"cannot be written ({error.strerror}); the table above is whole"
        lines += ["", f"Heat map: {drawn}"] if drawn else []
        with sound(dataset):
            first = opened(dataset).head(1, columns=["run"])["run"][0]
        lines += ["", f"One run again: schoolflight repeat {first} (its id: column run of the rows)"]
        lines += [f"All rows: {dataset.data} (Parquet; pandas.read_parquet, polars.scan_parquet, DuckDB)"]
    return "\n".join(lines)


def repeat(dataset: Dataset, run: str) -> tuple[str, bool]:
    """Run one again and compare it with what is stored: the text, and whether every figure is the same to the bit."""
    with sound(dataset):
        rows = opened(dataset).to_table(filter=ds.field("run") == run).to_pandas()
    if rows.empty:
        raise ScenarioError(f"{dataset.folder}: no run {run}; see the column run of the dataset")
    sweep = dataset.sweep()
    point, seed = int(rows.point.iloc[0]), int(rows.seed.iloc[0])
    rows = rows[rows.point == point]  # another point may have the same values, and so the same runs
    values = dataset.design().point(point)
    head = f"run {run}: point {point} {json.dumps(values)}, seed {seed}"
    if (rows.indicator == FAILED).any():
        stored = rows.error.iloc[0]
        try:
            again(sweep, values, seed)
        except Exception as error:
            now = f"{type(error).__name__}: {error}"
            return f"{head}\nstored: {stored}\nnow:    {now}", now == stored
        return f"{head}\nstored: {stored}\nnow:    it runs through", False
    fresh = again(sweep, values, seed)
    lines, same = [head], len(fresh) == len(rows)
    for (year, name, now), row in zip(fresh, rows.itertuples(), strict=False):
        equal = (year, name) == (row.year, row.indicator) and (
            now == row.value or (now != now and row.value != row.value)
        )
        same &= equal
        lines.append(
            f"year {year:>3}  {name:<32} stored {row.value:.10g}  now {now:.10g}  {'same' if equal else 'DIFFERENT'}"
        )
    return "\n".join(
        [
            *lines,
            "the same to the bit" if same else "DIFFERENT: another version of the model, of a library, or a defect",
        ]
    ), same


def again(sweep: Sweep, values: dict, seed: int) -> list[tuple[int, str, float]]:
    """The figures of one run of a sweep."""
    base = json.dumps({"scenario": sweep.base, "arms": sweep.arms})
    item = Item(0, base, columns(sweep), (), sweep.keep, sweep.indicators)
    return list(measured(resolve(base, values), seed, item))
