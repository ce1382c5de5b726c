"""Small random markets, one a seed, that cover ties, both ways of breaking them, short lists, types and rules."""

import numpy as np


def random_market(seed, *, plain=False, students=None, schools=None):
    """(lists, priorities, places, options of ``admit``)."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 25)) if students is None else students
    m = int(rng.integers(1, 7)) if schools is None else schools
    length = int(rng.integers(1, m + 1))
    lists = np.full((n, length), -1)
    taste = rng.normal(size=m)
    for h in range(n):
        own = np.argsort(-(taste + rng.normal(size=m)))[: rng.integers(0, length + 1)]
        lists[h, : own.size] = own
    priorities = rng.integers(0, rng.choice([1, 2, 4, 1000]), size=(n, m))
    places = rng.integers(0, 1 + max(1, 2 * n // m), size=m)
    kind = rng.integers(4)
    lottery = [
        None,
        rng.integers(0, 2**32, size=n, dtype=np.uint32),
        rng.integers(0, 2**32, size=(n, m), dtype=np.uint32),
        rng.integers(0, 4, size=n).astype(float),  # equal numbers too
    ][kind]
    options = {"lottery": lottery}
    if not plain:
        groups = int(rng.integers(1, 4))
        options["types"] = rng.integers(0, groups, size=n)
        options["order"] = rng.choice(["reserve_first", "open_first"])
        if rng.random() < 0.8:
            options["reserves"] = reserves(rng, places, groups)
        if rng.random() < 0.5:
            options["quotas"] = np.where(rng.random((m, groups)) < 0.5, rng.integers(0, 5, size=(m, groups)), -1)
    return lists, priorities, places, options


def reserves(rng, places, groups):
    """(school, type) reserves that sum to the places at most; some -1."""
    table = np.zeros((places.size, groups), int)
    for s in range(places.size):
        kept = rng.integers(0, places[s] + 1)
        table[s] = rng.multinomial(kept, np.full(groups, 1 / groups))
    return np.where((table == 0) & (rng.random(table.shape) < 0.5), -1, table)
