"""The design "posterior": points are sets of parameters drawn by weight from a file, such as a calibration writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import rankdata

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import to_tree
from abm.values import look, rounded
from experiments.posterior import WEIGHT, chosen, read
from experiments.sweep.factors import COLUMNS, POSTERIOR, Factor


class Sets(NamedTuple):
    """The sets of a file and their weights; nothing where the design draws none."""

    factors: tuple[Factor, ...] = ()  # a range for each parameter, from its smallest to its largest value
    values: tuple[tuple[float, ...], ...] = ()  # (set, parameter)
    weights: tuple[float, ...] = ()


def sets_of(tree: Mapping[str, Any], path: Path, config: Config) -> Sets:
    """The sets of the file that a sweep file names. ScenarioError where it names none, or varies more than policies."""
    design, name = tree.get("design"), tree.get(POSTERIOR)
    if design != POSTERIOR:
        if name is not None:
            raise ScenarioError(
                f'{path}: posterior: only counts with design = "posterior"; set it, or leave the file out'
            )
        return Sets()
    if not isinstance(name, str):
        raise ScenarioError(f'{path}: posterior: name a file of parameter sets, such as posterior = "posterior.csv"')
    for key in tree.get("vary", {}):
        if key != "policies":
            raise ScenarioError(
                f'{path}: vary.{key}: with design = "posterior" the file gives the parameters; [vary] may only hold policies'
            )
    table, full = read(path.parent / name, config), to_tree(config)
    keys = [str(key) for key in table.columns if key != WEIGHT]
    for key in keys:
        if key in COLUMNS:
            raise ScenarioError(f"{path.parent / name}: {key}: is a key of the sweep itself; leave the column out")
    rows = [tuple(rounded(full, key, float(row[key])) for key in keys) for row in table.to_dict("records")]
    ends = [(min(column), max(column)) for column in zip(*rows, strict=True)]
    whole = [isinstance(look(full, key), int) for key in keys]
    factors = tuple(Factor(key, (), *end, one) for key, end, one in zip(keys, ends, whole, strict=True))
    return Sets(factors, tuple(rows), tuple(map(float, table[WEIGHT])))


def ranks(values: np.ndarray) -> np.ndarray:
    """(point, factor) shares from 0 to 1 of a given sample: each value's rank, equal values by order of their points."""
    order = np.column_stack([rankdata(column, method="ordinal") for column in values.T])
    return (order - 0.5) / len(values)


def told(weights: tuple[float, ...], count: int, file: str) -> str:
    """How many sets are drawn, in words."""
    different = len(set(chosen(weights, count).tolist()))
    return f"{count:,} draws by weight from the {len(weights):,} sets of {file}, {different:,} of them different"
