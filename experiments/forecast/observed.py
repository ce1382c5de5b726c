"""The table of assignments: families placed at the centre they listed first, by centre and year, and the places there were.

Rows of years after ``until`` are dropped before anything else is done with the table.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.config.declare import ScenarioError

COLUMNS = ("code", "year", "places", "first", "other", "sector")


class Panel(NamedTuple):
    """Centres by years; NaN where a centre is not in a year's table."""

    codes: tuple[str, ...]  # (centre,)
    years: tuple[int, ...]
    sector: tuple[str, ...]  # (centre,) the source's own word
    places: np.ndarray  # (centre, year) places offered
    first: np.ndarray  # (centre, year) families placed at the centre they listed first
    other: np.ndarray  # (centre, year) families placed there who listed another one first
    digest: str  # of these rows

    @property
    def full(self) -> np.ndarray:
        """(centre, year) bool: first choices took all places, so that more may have wanted one."""
        return self.first >= self.places

    def only(self, codes) -> "Panel":
        """The panel of some centres, in the order of ``codes``."""
        row = {code: i for i, code in enumerate(self.codes)}
        rows = [row[code] for code in codes]
        sector = tuple(self.sector[i] for i in rows)
        return Panel(
            tuple(codes), self.years, sector, self.places[rows], self.first[rows], self.other[rows], self.digest
        )


def read_panel(path: Path, columns: dict[str, str], years: tuple[int, ...]) -> Panel:
    """The table's rows of ``years``. ScenarioError names the file, the row and the remedy."""
    table = rows(path, columns)
    table = table[table["year"].isin(years)]
    lacking = [str(year) for year in years if not (table["year"] == year).any()]
    if lacking:
        raise ScenarioError(f"{path}: no row of {', '.join(lacking)}; name years the table has")
    wide = {name: table.pivot(index="code", columns="year", values=name) for name in ("places", "first", "other")}
    sector = table.sort_values("year").groupby("code")["sector"].last()
    codes = tuple(wide["first"].index)
    text = table.sort_values(["year", "code"]).to_csv(index=False)
    return Panel(
        codes, tuple(sorted(years)), tuple(sector[list(codes)]), wide["places"].to_numpy(float), wide["first"].to_numpy(float),
        wide["other"].to_numpy(float), hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


def rows(path: Path, columns: dict[str, str], needed: tuple[str, ...] = COLUMNS) -> pd.DataFrame:
    """The whole table with the project's names of its columns; codes are texts, counts whole numbers of at least 0."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{path}: cannot be read ({error}); give a csv file of assignments") from None
    for name in needed:
        if columns.get(name, name) not in table:
            raise ScenarioError(
                f"{path}: no column {columns.get(name, name)!r} (assignments.{name}); it has {', '.join(table)}"
            )
    table = pd.DataFrame({name: table[columns.get(name, name)].str.strip() for name in needed})
    for name in set(needed) - {"code", "sector"}:
        number = pd.to_numeric(table[name], errors="coerce")
        wrong = ~((number >= 0) & (number % 1 == 0))
        if wrong.any():
            i = int(wrong.to_numpy().argmax())
            raise ScenarioError(
                f"{path}, line {i + 2}: {name} = {table[name][i]!r}: must be a whole number of at least 0"
            )
        table[name] = number.astype(int)
    twice = table.duplicated(["code", "year"])
    if twice.any():
        i = int(twice.to_numpy().argmax())
        raise ScenarioError(
            f"{path}, line {i + 2}: centre {table['code'][i]} stands twice in {table['year'][i]}; keep one"
        )
    return table


def years_of(path: Path, columns: dict[str, str]) -> list[int]:
    """The years that the table holds, and nothing else of it."""
    return sorted(pd.read_csv(path, usecols=[columns.get("year", "year")]).iloc[:, 0].unique().tolist())
