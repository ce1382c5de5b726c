"""What chance alone would give: the same pupils over the same places, shuffled.

Small units differ by chance, so no index is 0 in a city without any sorting; this is the baseline to read it against.
``expected_dissimilarity`` is exact and without noise; ``random_expectation`` serves any index by drawing tables.
"""

import math

import numpy as np

from abm.compiled import inlined, kernel
from abm.randomness import Key, stream, uniform64
from abm.segregation.indices import checked, dissimilarity, sides

_LOG_FACTORIALS = np.array([math.log(math.factorial(n)) for n in range(128)])
_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


def _whole(heads) -> np.ndarray:
    """``heads`` as int64 without empty units; a ValueError where a count is not whole, for pupils are indivisible."""
    heads = checked(heads)
    whole = heads.astype(np.int64)
    if (whole != heads).any():
        raise ValueError("random allocation deals out whole pupils: a head count has a fraction")
    return whole[whole.sum(axis=1) > 0]


def expected_dissimilarity(heads) -> float:
    """Exact mean of D when the pupils are dealt at random over the places: E D = N / (2 A B) sum_u E|a_u - n_u A/N|.

    Each a_u is hypergeometric, whose mean absolute deviation has a closed form (see ``_mean_deviation``), so nothing is
    drawn. In [0, 1]; 0 for one unit; nan if either group is absent. ValueError for fractions of pupils.
    The baseline itself: Cortese, Falk and Cohen (1976); Winship (1977).
    """
    a, b, all_a, all_b = sides(_whole(heads))
    if not (all_a and all_b):
        return np.nan
    pool, marked = int(all_a + all_b), int(all_a)
    return float(_mean_deviation((a + b).astype(np.int64), pool, marked).sum() * pool / (2.0 * all_a * all_b))


def random_tables(heads, draws: int, seed: int) -> np.ndarray:
    """(draw, unit, group) int64: ``draws`` tables with the margins of ``heads``, pupils shuffled over the places.

    Exact multivariate hypergeometric draws. Same seed, same tables, to the bit; units without pupils are left out and
    disturb nothing. ValueError for fractions of pupils or no draw at all.
    """
    if draws < 1:
        raise ValueError(f"a mean needs one draw at least, not {draws}")
    return deal(_whole(heads), draws, stream(Key(seed, "shuffle")))


def random_expectation(index, heads, draws: int, seed: int) -> float:
    """Mean of ``index``, a function of heads, over random allocations of the same pupils to the same unit sizes.

    Range and undefined cases are the index's own. Standard error: that of the index over random tables / sqrt(draws).
    """
    return float(np.mean([index(table) for table in random_tables(heads, draws, seed)]))


def random_dissimilarity(heads, draws: int, seed: int) -> float:
    """Mean D over ``draws`` random allocations; estimates ``expected_dissimilarity``, which is exact and faster.

    In [0, 1]; 0 for one unit; nan if either group is absent. ValueError for fractions of pupils. Only minority or not
    is dealt out: how the others fall into columns does not matter.
    """
    a, b, _, _ = sides(heads)
    return random_expectation(dissimilarity, np.column_stack((a, b)), draws, seed)


@kernel
def _log_factorial(n):
    """log n!: from a table below 128, else Stirling's series, whose first term left out is under 1e-17."""
    if n < 128:
        return _LOG_FACTORIALS[n]
    z = 1.0 / n
    return (n + 0.5) * math.log(n) - n + _HALF_LOG_TWO_PI + z * (1.0 / 12.0 - z * z * (1.0 / 360.0 - z * z / 1260.0))


@inlined
def _probability(k, pool, marked, drawn, of_pool, of_marked, of_others):
    """Hypergeometric probability of ``k`` marked among ``drawn`` out of a pool; exact to about 1e-10.

    The last three are the logs of the factorials of the pool, the marked and the others in it, which many calls share.
    """
    return math.exp(
        of_marked - _log_factorial(k) - _log_factorial(marked - k)
        + of_others - _log_factorial(drawn - k) - _log_factorial(pool - marked - drawn + k)
        - of_pool + _log_factorial(drawn) + _log_factorial(pool - drawn)
    )  # fmt: skip


@kernel
def _mean_deviation(sizes, pool, marked):
    """(unit,) mean absolute deviation of the marked pupils in units of ``sizes``."""
    logs = _log_factorial(pool), _log_factorial(marked), _log_factorial(pool - marked)
    out = np.empty(sizes.size, np.float64)
    for u in range(sizes.size):
        out[u] = _deviation(sizes[u], pool, marked, *logs)
    return out


@inlined
def _deviation(size, pool, marked, of_pool, of_marked, of_others):
    """Mean absolute deviation of x, the marked pupils in a unit of ``size``: 2 g(k), k the first integer above the mean.

    With g(x) = x (pool - marked - size + x) Pr(x) / pool one has (x - E x) Pr(x) = g(x) - g(x+1), so that the sum over
    all x >= k telescopes to g(k). After De Moivre's formula for the binomial (Diaconis and Zabell 1991).
    """
    k = size * marked // pool + 1
    if k <= size and k <= marked:
        chance = _probability(k, pool, marked, size, of_pool, of_marked, of_others)
        return 2.0 * k * (pool - marked - size + k) / pool * chance
    return 0.0


@inlined
def _part_of_d(size, pool, marked, of_pool, of_marked, of_others):
    """What a unit of ``size`` adds to the expected D; see :func:`expected_dissimilarity`."""
    return _deviation(size, pool, marked, of_pool, of_marked, of_others) * pool / (2.0 * marked * (pool - marked))


@inlined
def _hypergeometric(uniform, pool, marked, drawn):
    """The number of marked among ``drawn`` out of a pool, by inversion of ``uniform`` from the mode outwards."""
    low, high = max(0, drawn - pool + marked), min(drawn, marked)
    if low == high:
        return low
    mode = (drawn + 1) * (marked + 1) // (pool + 2)
    up, down = mode, mode
    logs = _log_factorial(pool), _log_factorial(marked), _log_factorial(pool - marked)
    chance_up = _probability(mode, pool, marked, drawn, *logs)
    chance_down = chance_up
    uniform -= chance_up
    while uniform >= 0.0 and (up < high or down > low):
        if up < high:
            chance_up *= (marked - up) * (drawn - up) / ((up + 1) * (pool - marked - drawn + up + 1))
            up += 1
            uniform -= chance_up
            if uniform < 0.0:
                return up
        if down > low:
            chance_down *= down * (pool - marked - drawn + down) / ((marked - down + 1) * (drawn - down + 1))
            down -= 1
            uniform -= chance_down
            if uniform < 0.0:
                return down
    return mode


@kernel
def deal(heads, draws, name):
    """As :func:`random_tables`, of int64 ``heads`` that come from counting: nothing is validated; ``name`` is a stream's.

    A table is dealt unit by unit and group by group out of those not yet dealt.
    """
    groups = np.zeros(heads.shape[1], np.int64)
    sizes, filled = np.empty(heads.shape[0], np.int64), 0
    for u in range(heads.shape[0]):
        size = np.int64(0)
        for g in range(groups.size):
            groups[g] += heads[u, g]
            size += heads[u, g]
        sizes[filled] = size
        filled += size > 0
    tables, left = np.zeros((draws, filled, groups.size), np.int64), np.empty(groups.size, np.int64)
    for d in range(draws):
        pool = np.int64(0)
        for g in range(groups.size):
            left[g] = groups[g]
            pool += left[g]
        for u in range(filled):
            size, others = sizes[u], pool
            pool -= size
            for g in range(groups.size):
                if size > 0:
                    uniform = uniform64(name, (d * filled + u) * groups.size + g)
                    taken = _hypergeometric(uniform, others, left[g], size)
                    tables[d, u, g] = taken
                    others -= left[g]
                    left[g] -= taken
                    size -= taken
    return tables
