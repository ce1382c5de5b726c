"""Which parameter sets to run: a Latin hypercube over declared bounds."""

from collections.abc import Mapping

import numpy as np
from scipy.stats import qmc


def factors(bounds: Mapping[str, tuple[float, float]], sets: int, seed: int) -> np.ndarray:
    """(sets, d) values of the d parameters in ``bounds`` ({key: (low, high)}), columns in its order.

    Latin hypercube (McKay, Beckman and Conover 1979): each parameter's range is cut into ``sets`` equal parts, and each part is
    drawn from exactly once. Uniform between the bounds, parameters independent: an assumption. Same seed, same sets; the
    first k of a larger design are not a design of size k.
    """
    if sets < 1:
        raise ValueError(f"at least one parameter set, not {sets}")
    low, high = (np.array([pair[end] for pair in bounds.values()], dtype=float) for end in (0, 1))
    for key, (a, b) in bounds.items():
        if not (np.isfinite([a, b]).all() and a <= b):
            raise ValueError(f"{key}: the bounds {a} to {b} are not a finite range")
    if not bounds:
        return np.empty((sets, 0))
    design = qmc.LatinHypercube(len(bounds), seed=np.random.default_rng(seed))  # ``rng=`` needs scipy 1.15
    return low + design.random(sets) * (high - low)
