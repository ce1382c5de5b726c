"""A school's choice with reserved places and quotas, and admission in rounds built on it.

In each round every student without a place applies to the next school on its list, and every school that was applied to
chooses. If choices are *permanent*, this is immediate acceptance; if a school chooses anew among those it holds and
those who apply, it is deferred acceptance: the two differ in one flag.

A school's choice, after Hafalir, Yenmez and Yildirim (2013), with the order of processing of Dur, Kominers, Pathak and
Sonmez (2018). Reserve-first: each type's reserved places go to the best of that type; then the open places and the
reserved ones left over go to the best of the rest. Open-first: the open places go to the best; then each type's
reserved places to the best of that type left; then what is left over to the best of the rest. Whoever's type has
reached its quota is passed over throughout.

Reserve-first choices, and open-first ones without quotas, are substitutable: more applicants never help one who was
refused, so deferred acceptance is stable among equals of type and the order of proposals is of no matter. Open-first
with binding quotas is not (a better student of a type at its quota, taking an open place, frees a reserved one), so
there the rounds above *are* the definition; all still apply at once, and no row is favoured.
"""

import numpy as np

from abm.admission.market import Market
from abm.compiled import kernel


def in_rounds(market: Market, permanent: bool) -> np.ndarray:
    """School of each student (student,) int32, -1 if none, after rounds of choices that are permanent or not."""
    return _in_rounds(
        market.lists,
        market.points,
        market.ties,
        market.order,
        market.places,
        market.opens,
        market.types,
        market.reserves,
        market.quotas,
        market.open_first,
        permanent,
        np.zeros(market.places.size + 1, np.int64) if permanent else market.held_from,
        market.bits,
    )


@kernel
def _in_rounds(
    lists, points, ties, order, places, opens, types, reserves, quotas, open_first, permanent, held_from, bits
):  # fmt: skip
    students, schools = order.size, places.size
    school = np.full(students, -1, np.int32)  # (student,)
    rank = np.zeros(students, np.int32)  # (position,) where on its list a student applies next, or is held
    free, frees = np.arange(students), students  # positions of those who apply in this round
    first, link = np.full(schools, -1, np.int64), np.empty(students, np.int64)  # applicants, chained by school
    asked = np.empty(schools, np.int64)  # schools applied to in this round
    held, holds = np.empty(held_from[schools], np.uint64), np.zeros(schools, np.int64)  # merits, school by school
    merit, kind, chosen = np.empty(students, np.uint64), np.empty(students, np.int32), np.empty(students, np.bool_)
    left, open_left, reserve_left, quota_left = places.copy(), opens.copy(), reserves.copy(), quotas.copy()
    while frees > 0:
        count = _apply(lists, order, rank, free[:frees], first, link, asked)
        frees = 0
        for a in range(count):
            s = asked[a]
            for j in range(holds[s]):  # those it holds compete again
                merit[j] = held[held_from[s] + j]
            m = _chain(points, ties, order, rank, first[s], link, merit, holds[s], bits)
            first[s] = -1
            if not permanent:
                _free_all(s, places, opens, reserves, quotas, left, open_left, reserve_left, quota_left)
            if left[s] > 0:
                _sort(merit[:m], holds[s])
            for j in range(m):
                kind[j] = types[order[_position(merit[j], students, bits)]]
            _choose(kind[:m], chosen[:m], s, left, open_left, reserve_left, quota_left, open_first)
            holds[s] = 0
            for j in range(m):
                i = _position(merit[j], students, bits)
                school[order[i]] = s if chosen[j] else -1
                if not chosen[j]:
                    rank[i] += 1
                    free[frees] = i
                    frees += 1
                elif not permanent:
                    held[held_from[s] + holds[s]] = merit[j]
                    holds[s] += 1
    return school


@kernel
def _apply(lists, order, rank, free, first, link, asked):
    """Chain the free students' positions by the school they apply to; return how many schools were asked."""
    count = 0
    for i in free:
        h = order[i]
        if rank[i] == lists.shape[1] or lists[h, rank[i]] < 0:
            continue
        s = lists[h, rank[i]]
        if first[s] < 0:
            asked[count] = s
            count += 1
        link[i] = first[s]
        first[s] = i
    return count


@kernel
def _chain(points, ties, order, rank, i, link, merit, m, bits):
    """Write the merits of the chain of applicants that starts at position ``i`` behind ``m``; return where they end."""
    while i >= 0:
        h = order[i]
        value = np.uint64(points[h, rank[i]])
        if ties.size:
            value = (value << np.uint64(32)) | np.uint64(ties[h, rank[i]])
        merit[m] = (value << np.uint64(bits)) | np.uint64(order.size - 1 - i)
        m += 1
        i = link[i]
    return m


@kernel
def _position(merit, students, bits):
    """The position, int64, that the lowest bits of a merit stand for."""
    return students - 1 - np.int64(merit & ((np.uint64(1) << np.uint64(bits)) - np.uint64(1)))


@kernel
def _free_all(s, places, opens, reserves, quotas, left, open_left, reserve_left, quota_left):
    """School ``s`` has all its places to give again."""
    left[s], open_left[s] = places[s], opens[s]
    for g in range(reserves.shape[1]):
        reserve_left[s, g], quota_left[s, g] = reserves[s, g], quotas[s, g]


@kernel
def _choose(kind, chosen, s, left, open_left, reserve_left, quota_left, open_first):
    """Mark whom school ``s`` takes of applicants of types ``kind``, best first, and lower what it has left."""
    for j in range(kind.size):
        chosen[j] = False
    reserve, quota = reserve_left[s], quota_left[s]
    if open_first:
        taken = _take(kind, chosen, min(open_left[s], left[s]), reserve, quota, False)
        open_left[s] -= taken
        left[s] -= taken
    left[s] -= _take(kind, chosen, left[s], reserve, quota, True)
    left[s] -= _take(kind, chosen, left[s], reserve, quota, False)


@kernel
def _take(kind, chosen, seats, reserve, quota, reserved):
    """Give up to ``seats`` places to the best not yet chosen, within quotas and, if ``reserved``, within reserves."""
    taken = 0
    for j in range(kind.size):
        if taken >= seats:
            break
        g = kind[j]
        if chosen[j] or quota[g] <= 0 or (reserved and reserve[g] <= 0):
            continue
        chosen[j] = True
        quota[g] -= 1
        reserve[g] -= reserved
        taken += 1
    return taken


@kernel
def _sort(values, sorted_already):
    """Sort downwards in place, by Shell; if all but a few stand in order already, by insertion."""
    gap = values.size if values.size - sorted_already > 8 else 2
    while gap > 1:
        gap = max(1, (5 * gap - 1) // 11)
        for j in range(gap, values.size):
            value = values[j]
            k = j - gap
            while k >= 0 and values[k] < value:
                values[k + gap] = values[k]
                k -= gap
            values[k + gap] = value
