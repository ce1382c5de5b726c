"""Slow, obvious twins of ``abm.segregation``: the textbook definitions in plain Python, one unit at a time."""

from itertools import combinations
from math import log, sqrt

from scipy.optimize import brentq
from scipy.stats import hypergeom


def folded(heads):
    """List of (minority, rest) of the units that have pupils."""
    pairs = [(float(row[0]), float(sum(row[1:]))) for row in heads]
    return [(a, b) for a, b in pairs if a + b > 0]


def totals(pairs):
    """(A, B, N, P): minority, rest, everyone, minority share."""
    minority, rest = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    return minority, rest, minority + rest, minority / (minority + rest)


def dissimilarity(heads):
    """Weighted mean deviation of the units' shares over twice its largest value (Massey and Denton's form)."""
    pairs = folded(heads)
    _, _, everyone, share = totals(pairs)
    return sum((a + b) * abs(a / (a + b) - share) for a, b in pairs) / (2 * everyone * share * (1 - share))


def gorard(heads):
    """The minority pupils above the city's share in their unit, as a share of all minority pupils."""
    pairs = folded(heads)
    minority, _, _, share = totals(pairs)
    return sum(max(0.0, a - (a + b) * share) for a, b in pairs) / minority


def isolation(heads):
    """Chance that a random schoolmate (oneself included) of a random minority pupil is of the minority."""
    pairs = folded(heads)
    minority = totals(pairs)[0]
    return sum(a / minority * (a / (a + b)) for a, b in pairs)


def exposure(heads):
    """Chance that a random schoolmate of a random minority pupil is not of the minority."""
    pairs = folded(heads)
    minority = totals(pairs)[0]
    return sum(a / minority * (b / (a + b)) for a, b in pairs)


def eta_squared(heads):
    """Squared correlation of being of the minority with the minority share of one's unit."""
    share = totals(folded(heads))[3]
    return (isolation(heads) - share) / (1 - share)


def gini(heads):
    """Mean difference of shares over all pairs of pupils, over its largest value: the double sum."""
    pairs = folded(heads)
    _, _, everyone, share = totals(pairs)
    double = sum((a + b) * (c + d) * abs(a / (a + b) - c / (c + d)) for a, b in pairs for c, d in pairs)
    return double / (2 * everyone**2 * share * (1 - share))


def hutchens(heads):
    """Sum over units of what is missing from the geometric mean of both groups' shares of the unit."""
    pairs = folded(heads)
    minority, rest, _, _ = totals(pairs)
    return sum(a / minority - sqrt(a / minority * b / rest) for a, b in pairs)


def atkinson(heads, b=0.5):
    """Massey and Denton's formula as it is printed."""
    pairs = folded(heads)
    _, _, everyone, share = totals(pairs)
    inner = sum((1 - x / (x + y)) ** (1 - b) * (x / (x + y)) ** b * (x + y) / (share * everyone) for x, y in pairs)
    return 1 - share / (1 - share) * abs(inner) ** (1 / (1 - b))


def entropy(counts):
    """Shannon entropy of a list of counts, in nats."""
    everyone = sum(counts)
    return -sum(n / everyone * log(n / everyone) for n in counts if n > 0)


def mutual_information(heads):
    """Entropy of the groups in the city less the average entropy of the groups in a unit."""
    rows = [[float(n) for n in row] for row in heads if sum(row) > 0]
    everyone = sum(map(sum, rows))
    return entropy([sum(column) for column in zip(*rows, strict=True)]) - sum(
        sum(row) / everyone * entropy(row) for row in rows
    )


def theil_h(heads):
    """M over the city's entropy."""
    return mutual_information(heads) / entropy([sum(column) for column in zip(*heads, strict=True)])


def expected_dissimilarity(heads):
    """Mean of |a_u/A - b_u/B| / 2 over the hypergeometric law of each unit, summed value by value."""
    pairs = folded(heads)
    minority, rest, everyone, _ = (int(x) for x in totals(pairs))
    mean = 0.0
    for a, b in pairs:
        size = int(a + b)
        values = range(min(size, minority) + 1)
        chances = hypergeom.pmf(values, everyone, minority, size)
        mean += sum(p * abs(x / minority - (size - x) / rest) / 2 for x, p in zip(values, chances, strict=True))
    return mean


def allocations(sizes, minority):
    """Every way to seat the minority pupils, as tuples of their number in each unit; each seating is equally likely."""
    seats = [u for u, size in enumerate(sizes) for _ in range(size)]
    for chosen in combinations(seats, minority):
        yield tuple(chosen.count(u) for u in range(len(sizes)))


def fitted(odds, row, column):
    """2 x 2 table of shares with this odds ratio, ``row`` the share of unit 0 and ``column`` that of group 0."""
    low, high = max(0.0, row + column - 1), min(row, column)
    corner = brentq(
        lambda x: x * (1 - row - column + x) - odds * (row - x) * (column - x), low, high, xtol=1e-15, rtol=1e-14
    )
    return [[corner, row - corner], [column - corner, 1 - row - column + corner]]


def decompose_change(before, after):
    """Elbers' parts for 2 x 2 tables, the fitted tables solved from the odds ratio; the eight corners written out."""

    def described(table):
        (a, b), (c, d) = table
        everyone = a + b + c + d
        return a * d / (b * c), (a + b) / everyone, (a + c) / everyone

    (s0, u0, g0), (s1, u1, g1) = described(before), described(after)

    def m(odds, row, column):
        return mutual_information(fitted(odds, row, column))

    unit = m(s0, u1, g0) - m(s0, u0, g0) + m(s0, u1, g1) - m(s0, u0, g1)
    unit += m(s1, u1, g0) - m(s1, u0, g0) + m(s1, u1, g1) - m(s1, u0, g1)
    group = m(s0, u0, g1) - m(s0, u0, g0) + m(s0, u1, g1) - m(s0, u1, g0)
    group += m(s1, u0, g1) - m(s1, u0, g0) + m(s1, u1, g1) - m(s1, u1, g0)
    structural = m(s1, u0, g0) - m(s0, u0, g0) + m(s1, u1, g1) - m(s0, u1, g1)
    return mutual_information(after) - mutual_information(before), unit / 4, group / 4, structural / 2
