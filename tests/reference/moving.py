"""A slow, obvious twin of the moves: one family and one cell at a time, from the rules of the verb, in plain Python."""

from math import inf

from tests.reference import randomness as rnd
from tests.reference.choice import gumbel, value

MOVE = 15


def in_order(name, ids):
    """``ids`` in the keyed order of the stream ``name``."""
    return sorted(ids, key=lambda i: rnd.splitmix64(name ^ rnd.splitmix64(i)))


def rounds_of(ids, rate, how, rounds, past, luck, order):
    """Lists of ids, a round each. luck(r), order(r): stream of round r; order(r, True): the same without the year."""
    size = round(rate * len(ids))
    for r in range(rounds):
        if how == "chance":
            yield in_order(order(r), [i for i in ids if rnd.uniform(luck(r), i) < rate])
        elif how == "share":
            yield in_order(order(r), ids)[:size]
        else:
            length = -(-len(ids) // size)
            slot = (past + r) % length
            yield in_order(order(past + r - slot, True), ids)[slot * size : (slot + 1) * size]


class Board:
    """A grid of homes, one family (here of one pupil) a cell at most."""

    def __init__(self, world, rules):
        self.world, self.rules, self.city = world, rules, world.city
        rows = [dict(zip(world.households._fields, row, strict=True)) for row in zip(*world.households, strict=True)]
        self.rows = {int(row["family"]): row for row in rows}
        self.place = {family: int(row["place"]) for family, row in self.rows.items()}
        self.vacant = [p for p in range(self.city.place_x.size) if p not in self.place.values()]
        step = 1e-9 + (max(self.city.place_x) - min(self.city.place_x)) / (self.city.cells - 1)
        self.at = [
            (round((y - min(self.city.place_y)) / step), round((x - min(self.city.place_x)) / step))
            for x, y in zip(self.city.place_x, self.city.place_y, strict=True)
        ]

    def side(self, family):
        return int(self.rows[family]["group"] > 0)

    def reach(self, p, q):
        """Cells from place p to place q, diagonal steps included."""
        n, gaps = self.city.cells, [abs(a - b) for a, b in zip(self.at[p], self.at[q], strict=True)]
        return max(min(g, n - g) if self.city.torus_km else g for g in gaps)

    def neighbours(self, family, p, by_area):
        """(of the own side, all) other families around place p."""
        m = self.rules.moving
        if by_area:
            area = self.city.place_area
            others = [o for o, q in self.place.items() if o != family and area[q] == area[p]]
        else:
            others = [o for o, q in self.place.items() if o != family and self.reach(p, q) <= m.radius]
        return sum(self.side(o) == self.side(family) for o in others), len(others)

    def wish(self, family):
        """Preferred share f and M among neighbours."""
        row, rules = self.rows[family], self.rules
        if row["tolerant"] and rules.moving.tolerant_too:
            return float(row["tolerance"]), rules.households.tolerant_full
        if row["tolerant"]:
            return float(rules.by_group("households.tolerance")[row["group"]]), rules.choice.peers_full
        return float(row["tolerance"]), rules.choice.peers_full

    def worth(self, family, p, moving):
        """Utility of a home."""
        m, (f, full) = self.rules.moving, self.wish(family)
        by_area = m.neighbours == "area" or (m.own_cell == "area" and not moving)
        own, total = self.neighbours(family, p, by_area)
        gap = max(0.0, float(self.city.area_status[self.city.place_area[p]]) - float(self.rows[family]["status"]))
        access = float(self.world.schools.reputation[self.city.local[p]])
        v = value(own / total, f, full) if total else value(1.0, f, full)
        return m.composition * v + m.access * access - m.price * gap**2 - m.cost * moving

    def content(self, family):
        m, here = self.rules.moving, self.place[family]
        own, total = self.neighbours(family, here, m.neighbours == "area" or m.own_cell == "area")
        return total > 0 and own / total >= self.wish(family)[0] - 1e-6

    def turn(self, family, name):
        """The family looks at some homes and moves to the best, or under the threshold rule to the first."""
        m, here = self.rules.moving, self.place[family]
        key = rnd.key32(name, family)
        if not self.vacant:
            return
        homes = [self.vacant[rnd.bits(key, 2 * k) % len(self.vacant)] for k in range(1, m.candidates + 1)]
        if m.rule == "threshold":
            best = here if self.content(family) else homes[0]
        else:
            best, most = here, -inf
            for k, p in enumerate([here, *homes]):
                u = m.beta * self.worth(family, p, k > 0) + gumbel(rnd.bits(key, 2 * k + 1))
                if u > most:
                    best, most = p, u
        if best != here:
            self.place[family] = best
            self.vacant.append(here)
            slot, last = self.vacant.index(best), self.vacant.pop()
            if last != best:
                self.vacant[slot] = last

    def go(self, rounds, past):
        """All rounds; returns {family: place}."""
        m, seed, year = self.rules.moving, self.world.seed, self.world.year

        def luck(r):
            return rnd.stream(seed, MOVE, year, 3 * r)

        def order(r, always=False):
            return rnd.stream(seed, MOVE, 0 if always else year, 1 + 3 * r)

        for r, families in enumerate(rounds_of(sorted(self.rows), m.rate, m.turns, rounds, past, luck, order)):
            for family in families:
                self.turn(family, rnd.stream(seed, MOVE, year, 2 + 3 * r))
        return self.place
