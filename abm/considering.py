"""Which schools a family considers: the nearest, those its network uses, flagships, the local one, a sibling's, those it is told of."""

import numpy as np

from abm import tickets
from abm.compiled import in_place, inlined, kernel
from abm.lanes import whole_vectors
from abm.messages import further, introduced, reached, shown, told_at_most
from abm.nearby import Nearby, most_attended
from abm.outreach import heard_of
from abm.rules import Rules
from abm.world import World

_ONE = np.float32(1)


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
        table.place, table.group, city.place_area, near, most, city.nearest, network, flagship, city.local, sibling, heard,
        world.schools.open, out, *np.empty((2, out.shape[1]), np.int32),
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
    place, group, place_area, near, most, nearest, network, flagship, local, sibling, heard, is_open, out, shared, least
):
    """Into ``out`` (chooser, slot) int32 considered schools: a slot for each of the ``most`` nearest, of which the first ``near``
    count, then those its area and group attend (area, group, count), flagships, the local school, a sibling's, those heard of.

    Families of one place and group, if they stand together, share the slots but the last. Where a school stands depends on
    nothing else, so that of equal schools the same goes first in whatever order families come. ``shared`` and ``least``
    (slot,) int32 are room to work in. Loops run over all slots, without a branch, and so become vector instructions.
    """
    wide, p, g = 0, np.int32(-1), np.int8(-1)
    for h in range(place.size):
        if place[h] != p or group[h] != g:
            p, g = place[h], group[h]
            for k in range(shared.size):
                shared[k], least[k] = -1, k
            for k in range(most):
                shared[k] = nearest[p, k]
            wide = most
            for k in range(network.shape[2]):
                wide = _add(shared, least, wide, network[place_area[p], g, k], is_open)
            for k in range(flagship.size):
                wide = _add(shared, least, wide, flagship[k], is_open)
            wide = _add(shared, least, wide, local[p], is_open)
        n = np.int32(min(near[h], most))
        for k in range(shared.size):
            out[h, k] = shared[k] if least[k] < n else np.int32(-1)
        last = _put(out, h, wide, sibling[h], is_open)
        for k in range(heard.shape[1]):
            last = _put(out, h, last, heard[h, k], is_open)


@inlined
def _add(shared, least, n, s, is_open):
    """Number of shared slots with school ``s`` among them; it counts however few of the nearest do."""
    if s < 0 or not is_open[s]:
        return n
    there = 0
    for k in range(shared.size):
        least[k] = np.int32(-1) if shared[k] == s else least[k]
        there += shared[k] == s
    if there:
        return n
    shared[n], least[n] = s, -1
    return n + 1


@inlined
def _put(out, h, n, s, is_open):
    """First free slot of chooser ``h`` with school ``s`` in its row, if it is open and has not been there."""
    if s < 0 or not is_open[s] or n >= out.shape[1]:
        return n
    there = 0
    for k in range(out.shape[1]):
        there += out[h, k] == s
    if there:
        return n
    out[h, n] = s
    return n + 1
