"""A finished comparison as figures and page read it: the plan, its tables, the rows in reading order, names hidden."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from experiments.compare.effects import Runs
from experiments.compare.plan import Plan
from experiments.compare.rows import ordered
from experiments.statistics import LOWERS, RAISES, SMALL, UNKNOWN

ORDER = (LOWERS, RAISES, SMALL, UNKNOWN)
Hide = Callable[[str], str]


@dataclass(frozen=True)
class Result:
    """Plan and tables of a comparison. ``hide`` puts pseudonyms in place of the names of schools."""

    plan: Plan
    effects: pd.DataFrame
    summary: pd.DataFrame
    paths: pd.DataFrame
    runs: Runs
    districts: pd.DataFrame
    about: dict
    hide: Hide = str

    @property
    def last(self) -> int:
        """The last year of all."""
        return self.plan.years + self.plan.after

    @cached_property
    def rows(self) -> list[Any]:
        """Rows of the summary: the largest lowering of D first, bundles followed by their parts."""
        return ordered(self.summary)

    @cached_property
    def heads(self) -> list[Any]:
        """Rows of the summary that are no part of a bundle."""
        return [row for row in self.rows if not row.bundle]

    @cached_property
    def full(self) -> list[Any]:
        """Heads, of the same policies at several intensities only the strongest."""
        arms = {arm.name: arm for arm in self.plan.arms}
        best: dict[tuple, float] = {}
        known = {}
        for row in self.heads:
            policies = arms[row.arm].policies
            known[row.arm] = tuple(replace(p, intensity=1.0) for p in policies), sum(p.intensity for p in policies)
            key, dose = known[row.arm]
            best[key] = max(best.get(key, 0.0), dose)
        return [row for row in self.heads if known[row.arm][1] == best[known[row.arm][0]]]

    @cached_property
    def _index(self) -> dict[tuple[str, str, int], Any]:
        return {(row.arm, row.measure, row.year): row for row in self.effects.itertuples(index=False)}

    def effect(self, arm: str, measure: str = "D", year: int | None = None) -> Any:
        """The row of effects of an arm, a measure and a milestone (default: the last year in force)."""
        return self._index[arm, measure, self.plan.years if year is None else year]

    def title(self, row: Any) -> str:
        """The name of a row for readers."""
        return self.hide(row.title)

    @property
    def layered(self) -> bool:
        """Whether there are sets of parameters beside the scenario's own."""
        return len(self.plan.sets) > 1

    @property
    def sides(self) -> tuple[str, str]:
        """The majority and the minority in words."""
        city = self.plan.base.city
        return tuple(
            " ".join("SES" if w == "ses" else w for w in n.split("_")) for n in (city.groups[0], city.minority)
        )

    @property
    def detection_changes(self) -> bool:
        """Whether a policy edits the rate of detection: figures on detected pupils are not comparable then."""
        return any(is_detection(p) for arm in self.plan.arms for p in arm.policies)


def is_detection(policy) -> bool:
    """Whether a policy edits who is detected."""
    return any(lever.startswith("households.detection") or lever.endswith("false_detection") for lever in policy.levers)


def pseudonyms(names: Iterable[str]) -> Hide:
    """A function that writes "School 17" for each of ``names`` in a text; the numbers follow no order of the city's."""
    known = sorted({name for name in names if name.strip()}, key=lambda n: hashlib.blake2b(n.encode()).digest())
    number = {name: f"School {k + 1}" for k, name in enumerate(known)}
    if not number:
        return str
    longest = sorted(number, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")
    return lambda text: pattern.sub(lambda found: number[found[0]], text)


def hiding(plan: Plan, names: bool) -> Hide:
    """How the page of a plan writes texts that may name schools: as they are, or with pseudonyms."""
    if names:
        return str
    from abm.start import start

    return pseudonyms(start(plan.base, plan.seed).city.school_names)
