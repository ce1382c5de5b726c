"""Rows of a summary in the order in which people read them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd


def ordered(summary: pd.DataFrame) -> list[Any]:
    """Rows of a summary, largest lowering of D first (not known last), each bundle followed by its parts."""
    bundles = [b if isinstance(b, str) else "" for b in summary.bundle]  # an empty one is read from a file as nan
    rows = list(summary.assign(bundle=bundles).itertuples(index=False))
    heads = [row for row in rows if not row.bundle]
    heads.sort(key=lambda row: (not np.isfinite(row.D_effect), row.D_effect))
    out = []
    for head in heads:
        out += [head, *(row for row in rows if row.bundle == head.arm)]
    return out


def strongest(rows: Iterable[Any], count: int) -> list[Any]:
    """At most ``count`` rows with the largest effects on D, in their order."""
    rows = [row for row in rows if np.isfinite(row.D_effect)]
    kept = {row.arm for row in sorted(rows, key=lambda row: -abs(row.D_effect))[:count]}
    return [row for row in rows if row.arm in kept]
