"""A slow, obvious twin of the sequence of offers where some schools stand outside the match.

Outside schools offer first (deferred acceptance among themselves); then the mechanism for what a family likes better
than what it holds; then outside and inside once more, by deferred acceptance, over the places left.
"""

from tests.reference import admission


def give(mechanism, lists, points, lottery, places, outside):
    """School of each family, -1 if none. ``points`` and ``lists`` are lists of lists; ``outside`` a set of schools."""
    held = [-1] * len(lists)
    rounds = [
        (True, "deferred_acceptance"),
        (False, mechanism),
        (True, "deferred_acceptance"),
        (False, "deferred_acceptance"),
    ]
    if not outside & {s for row in lists for s in row if s >= 0}:
        rounds = [(False, mechanism)]
    for private, how in rounds:
        wanted = []
        for h, row in enumerate(lists):
            better = []
            for s in row:
                if s < 0 or s == held[h]:
                    break
                if (s in outside) == private:
                    better.append(s)
            wanted.append(better)
        left = [p - held.count(s) for s, p in enumerate(places)]
        priority = [[0] * len(places) for _ in lists]
        for h, row in enumerate(lists):
            for r, s in enumerate(row):
                if (
                    s in wanted[h]
                ):  # points count where a family still applies: for cycles, it has none to trade elsewhere
                    priority[h][s] = points[h][r]
        got = getattr(admission, how)(wanted, priority, left, lottery=lottery)
        held = [new if new >= 0 else old for new, old in zip(got, held, strict=True)]
    return held
