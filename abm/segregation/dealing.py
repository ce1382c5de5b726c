"""What chance alone would give inside clusters: the pupils of each school and grade, dealt at random over its classes."""

import math
from typing import NamedTuple

import numpy as np

from abm.compiled import inlined, kernel
from abm.segregation.indices import checked

_NEGLIGIBLE = 1e-14  # a probability that no sum notices


class Dealt(NamedTuple):
    """Exact means of D (column 0 against the rest) and of M (all columns) over all deals."""

    dissimilarity: float
    mutual_information: float


def expected_dealt(heads, parts) -> Dealt:
    """Mean D and M over the parts into which clusters are divided, when each cluster deals its own pupils at random.

    heads: (cluster, group) pupils, whole numbers; parts: (cluster,) equal parts of each, one pupil apart. The heads of a
    group in a part are hypergeometric, so that the means are sums over their probabilities. Between clusters nothing is
    dealt: what segregation lies there stays. D is nan if column 0 or the rest is absent; M is nan without pupils.
    """
    heads = checked(heads)
    parts = np.asarray(parts, np.int64)
    whole = heads.astype(np.int64)
    if (whole != heads).any():
        raise ValueError("random allocation deals out whole pupils: a head count has a fraction")
    if ((parts < 1) & (whole.sum(axis=1) > 0)).any():
        raise ValueError("a cluster with pupils needs one part at least")
    return Dealt(*means_of_deals(whole, parts))


@kernel
def means_of_deals(heads, parts):
    """(D, M) of :class:`Dealt`, of int64 ``heads`` and ``parts`` that come from counting: nothing is validated.

    D from the sum over all parts of mean |x - size P| of column 0; M from those of x log x of all columns, and size log size.
    """
    everyone, largest, pools = 0, 0, np.zeros(heads.shape[0], np.int64)
    groups = np.zeros(heads.shape[1], np.int64)
    for c in range(heads.shape[0]):
        for g in range(heads.shape[1]):
            pools[c] += heads[c, g]
            groups[g] += heads[c, g]
        largest, everyone = max(largest, pools[c]), everyone + pools[c]
    one, rest = groups[0], everyone - groups[0]
    share = one / max(everyone, 1)
    logs = np.zeros(largest + 2, np.float64)  # n log n
    factorials = np.zeros(largest + 2, np.float64)  # log n!
    for n in range(1, logs.size):
        factorials[n] = factorials[n - 1] + math.log(n)
        logs[n] = n * math.log(n)
    deviation, found, sizes = 0.0, 0.0, 0.0
    for c in range(heads.shape[0]):
        pool = pools[c]
        for larger in range(2 if pool else 0):
            size = pool // parts[c] + larger
            times = pool % parts[c] if larger else parts[c] - pool % parts[c]
            if times and size:
                sizes += times * logs[size]
                for g in range(heads.shape[1]):
                    spread, mean = _part(pool, heads[c, g], size, size * share, logs, factorials)
                    found += times * mean
                    if g == 0:
                        deviation += times * spread
    if not everyone:
        return np.nan, np.nan
    whole = 0.0
    for g in range(groups.size):
        if groups[g] > 0:
            whole += groups[g] * math.log(groups[g])
    d = everyone * deviation / (2.0 * one * rest) if one > 0 and rest > 0 else np.nan
    return d, (found - sizes - whole + everyone * math.log(everyone)) / everyone


@inlined
def _part(pool, marked, size, centre, logs, factorials):
    """Mean |x - centre| and mean x log x of x, the marked pupils in a part of ``size`` dealt from ``pool``.

    From the likeliest x the probabilities are followed upwards and downwards by their ratio.
    """
    mode = min(max((size + 1) * (marked + 1) // (pool + 2), size + marked - pool, 0), size, marked)
    start = math.exp(
        factorials[marked] - factorials[mode] - factorials[marked - mode]
        + factorials[pool - marked] - factorials[size - mode] - factorials[pool - marked - size + mode]
        - factorials[pool] + factorials[size] + factorials[pool - size]
    )  # fmt: skip
    spread, mean = start * abs(mode - centre), start * logs[mode]
    k, p = mode, start
    while p > _NEGLIGIBLE:
        p *= (marked - k) * (size - k) / ((k + 1.0) * (pool - marked - size + k + 1.0))
        k += 1
        spread += p * abs(k - centre)
        mean += p * logs[k]
    k, p = mode, start
    while p > _NEGLIGIBLE:
        p *= k * (pool - marked - size + k) / ((marked - k + 1.0) * (size - k + 1.0))
        k -= 1
        spread += p * abs(k - centre)
        mean += p * logs[k]
    return spread, mean
