"""Transfers during the year: late arrivals find a place, some enrolled families look again and leave (flight proper)."""

import numpy as np

from abm.choice import consideration, reached, sibling_schools
from abm.compiled import kernel
from abm.enrolment import look, place_officially
from abm.households import EX_OFFICIO, LATE, TRANSFER, take
from abm.randomness import Key, draw, permutation
from abm.rules import Rules
from abm.sight import LOOKS, choosers, scene, settings
from abm.staying import at_home
from abm.utility import score
from abm.world import World, free_places, neighbours


def transfer(world: World, rules: Rules) -> World:
    """Place late arrivals and whoever is without a school; then a share of the enrolled reconsiders, one after another."""
    for way in (EX_OFFICIO, LATE):
        late = world.households.way == LATE
        waiting = np.flatnonzero((world.households.school < 0) & (late == (way == LATE)))
        world = place_officially(world, rules, waiting, way, rules.transfers.late_placement)
    return look(reconsider(look(world), rules))


def reconsider(world: World, rules: Rules) -> World:
    """Families who look again go where utility is higher by more than the cost of a change, if there is room.

    Their taste is that of their first choice: nobody flees from fresh noise. Places given up are free at once. Whoever
    is at the local school and looks no further than that does not look again.
    """
    everyone = world.households
    luck = draw(Key(world.seed, "reconsider", world.year), everyone.id)
    rows = np.flatnonzero((everyone.school >= 0) & (luck < rules.transfers.reconsider))
    rows = rows[~at_home(world, rules, take(everyone, rows))]
    rows = rows[permutation(Key(world.seed, "order", world.year, 16), everyone.id[rows])]
    table = take(everyone, rows)
    sibling = sibling_schools(world, table)
    nearby = neighbours(world)
    considered = consideration(world, rules, table, sibling, nearby)
    considered = np.column_stack([considered, table.school])
    view = scene(world, rules, nearby)
    columns = choosers(world, rules, table, sibling, reached(world, rules, table), view)
    chosen = _reconsider(
        considered, table.school, table.grade, *columns, *view, settings(world, rules), free_places(world),
        np.float32(rules.transfers.cost * rules.choice.beta),
    )  # fmt: skip
    moves = chosen != table.school
    school, way, rank = everyone.school.copy(), everyone.way.copy(), everyone.rank.copy()
    school[rows], way[rows[moves]], rank[rows[moves]] = chosen, TRANSFER, -1
    events = world.events._replace(
        moved_id=table.id[moves],
        moved_from=table.school[moves],
        moved_to=chosen[moves],
        moved_group=table.group[moves],
    )
    return world._replace(households=everyone._replace(school=school, way=way, rank=rank), events=events)


@kernel
def _reconsider(
    considered, present, grade, whole, real, key, distance, school, neighbours, weights, o, room, cost
):  # fmt: skip
    """(family,) int32 school after looking again; the last slot of ``considered`` is the present school.

    ``room`` (school, grade) changes as families leave and come.
    """
    n, slots = considered.shape
    chosen = present.copy()
    look, worth = np.empty((LOOKS, slots), np.float32), np.empty(slots, np.float32)
    for h in range(n):
        score(h, considered, whole, real, key, distance, school, neighbours, weights, o, look, worth)
        best = slots - 1
        best_worth = worth[best] + cost
        for k in range(slots - 1):
            s = considered[h, k]
            if s >= 0 and s != present[h] and room[s, grade[h]] > 0 and worth[k] > best_worth:
                best, best_worth = k, worth[k]
        if best < slots - 1:
            room[present[h], grade[h]] += 1
            chosen[h] = considered[h, best]
            room[chosen[h], grade[h]] -= 1
    return chosen
