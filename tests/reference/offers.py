"""A slow, obvious twin of the sequence of offers where some schools stand outside the match.

Outside schools offer first (deferred acceptance among themselves); then pilot schools, mechanism by mechanism, and the
mechanism at all others, for what a family likes better than what it holds; then all once more in this order, by deferred
acceptance, over the places left.
"""

from tests.reference import admission


def give(mechanism, lists, points, lottery, places, outside, pilots=None):
    """School of each family, -1 if none. ``points`` and ``lists`` are lists of lists; ``outside`` a set of schools;
    ``pilots`` {school: mechanism}."""
    held = [-1] * len(lists)
    listed = {s for row in lists for s in row if s >= 0}
    own = {s: how for s, how in (pilots or {}).items() if s not in outside and how != mechanism}
    parts = [(outside, "deferred_acceptance")]
    parts += [({s for s in own if own[s] == how}, how) for how in sorted(set(own.values()))]
    parts += [(listed - outside - set(own), mechanism)]
    parts = [(part & listed, how) for part, how in parts if part & listed]
    rounds = parts + [(part, "deferred_acceptance") for part, _ in parts if len(parts) > 1]
    for part, how in rounds:
        wanted = []
        for h, row in enumerate(lists):
            better = []
            for s in row:
                if s < 0 or s == held[h]:
                    break
                if s in part:
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
