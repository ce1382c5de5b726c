"""Which schools a family considers: the nearest, those its network uses, flagships, the local one, a sibling's, those it is told of."""

import numpy as np

from abm import tickets
from abm.compiled import in_place, inlined, kernel
from abm.lanes import LANES, alike, in_whole_vectors, keep, whole_vectors
from abm.messages import further, introduced, reached, shown, told_at_most
from abm.nearby import Nearby, most_attended
from abm.outreach import heard_of
from abm.rules import Rules
from abm.world import World

_ONE = np.float32(1)
_ALL, _NONE = np.uint64(2**64 - 1), np.uint64(0)


def consideration(world: World, rules: Rules, table, sibling: np.ndarray, nearby: Nearby) -> np.ndarray:
    """(chooser, slot) int32 open schools each family considers, none twice, -1 in empty slots."""
    city, p = world.city, rules.perception
    near = _near(
        table.information, reached(world, rules, table), np.float32(p.nearest), np.float32(p.uninformed),
        np.float32(1 - p.uninformed),
    )  # fmt: skip
    flagship = _flagships(world.schools.reputation, world.schools.open, p.flagship)
    heard = heard_of(world, rules, table)
    if shown(rules):
        heard = np.column_stack([heard, introduced(world, rules, table)])
    if rules.orders.messages:
        near += further(world, rules, table)
    if rules.orders.tickets:
        near += tickets.further(world, rules, table, near)
    room = p.nearest + 2 + p.network + p.flagship + told_at_most(rules) + heard.shape[1] + tickets.most_further(rules)
    network = most_attended(nearby, world.schools.open, len(city.area_names), p.network)
    out = np.empty((table.id.size, whole_vectors(room)), np.int32)
    most = min(p.nearest + told_at_most(rules) - len(shown(rules)) + tickets.most_further(rules), city.nearest.shape[1])
    _consider(
        table.place, table.group, city.place_area, near, most, in_whole_vectors(city.nearest, max(most, 1)), network,
        flagship, city.local, sibling, heard, world.schools.open, out, np.empty(out.shape[1], np.int32),
    )  # fmt: skip
    return out


@kernel
def _near(information, reached, nearest, uninformed, informed):
    """(chooser,) int64 how many of the nearest schools a family looks at: at least one, ``nearest`` with full information."""
    near = np.empty(information.size, np.int64)
    for h in range(near.size):
        knows = information[h] + (_ONE - information[h]) * reached[h]
        near[h] = max(np.int64(np.rint(nearest * (uninformed + informed * knows))), 1)
    return near


@kernel
def _flagships(reputation, is_open, count):
    """(count,) int32 open schools of highest reputation, or as many as there are; of equals the lower number first."""
    best, n = np.empty(count, np.int32), 0
    for s in range(reputation.size):
        if is_open[s]:
            k = n
            while k > 0 and reputation[best[k - 1]] < reputation[s]:
                if k < count:
                    best[k] = best[k - 1]
                k -= 1
            if k < count:
                best[k] = s
                n = min(n + 1, count)
    return best[:n]


@in_place
def _consider(
    place, group, place_area, near, most, nearest, network, flagship, local, sibling, heard, is_open, out, others
):
    """Into ``out`` (chooser, slot) int32 considered schools: a slot for each of the ``most`` nearest, of which the first ``near``
    count, then those its area and group attend (area, group, count), flagships, the local school, a sibling's, those heard of.

    Families of one place and group, if they stand together, share the slots but the last: a bit for each of the ``nearest``
    (place, slot) that counts however near, and the ``others`` (slot,) int32. Where a school stands depends on nothing else,
    so that of equal schools the same goes first in whatever order families come. ``nearest`` has ``most`` (up to 64) slots
    and as many more as fill whole vectors: 16 are dealt with at a time, without a branch.
    """
    wide, bits, p, g = 0, _NONE, np.int32(-1), np.int8(-1)
    for h in range(place.size):
        if place[h] != p or group[h] != g:
            p, g, wide, bits = place[h], group[h], 0, _NONE
            for k in range(network.shape[2]):
                wide, bits = _add(nearest, p, most, others, wide, bits, network[place_area[p], g, k], is_open)
            for k in range(flagship.size):
                wide, bits = _add(nearest, p, most, others, wide, bits, flagship[k], is_open)
            wide, bits = _add(nearest, p, most, others, wide, bits, local[p], is_open)
        known = bits | _lowest(min(near[h], most))
        for v in range(0, out.shape[1], LANES):
            there = v if v < most else 0
            keep(nearest, p, there, known >> np.uint64(v) if v < most else _NONE, out, h, v)
        for k in range(wide):
            out[h, most + k] = others[k]
        last = most + wide
        for k in range(heard.shape[1] + 1):
            s = sibling[h] if k == 0 else heard[h, k - 1]
            seen = s < 0 or not is_open[s] or last == out.shape[1] or _slots(nearest, p, most, s) & known != 0
            if not (seen or _among(out[h], most, last, s)):
                out[h, last] = s
                last += 1


@inlined
def _lowest(count):
    """The ``count`` lowest bits, of 64."""
    return _ALL >> np.uint64(64 - count) if count > 0 else _NONE


@inlined
def _add(nearest, p, most, others, wide, bits, s, is_open):
    """How many ``others`` there are, and the bits of the nearest that count, with school ``s`` among them, if it is open."""
    if s < 0 or not is_open[s]:
        return wide, bits
    there = _slots(nearest, p, most, s)
    if there == 0 and not _among(others, 0, wide, s):
        others[wide] = s
        return wide + 1, bits
    return wide, bits | there


@inlined
def _slots(nearest, p, most, s):
    """The bits of the ``most`` nearest schools of place ``p`` that are school ``s``: one or none."""
    bits = _NONE
    for v in range(0, most, LANES):
        bits |= alike(nearest, p, v, s) << np.uint64(v)
    return bits & _lowest(most)


@inlined
def _among(schools, begin, end, s):
    there = False
    for k in range(begin, end):
        there |= schools[k] == s
    return there
