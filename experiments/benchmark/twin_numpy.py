"""Perceive and rank as one writes them with numpy: whole arrays, float32, in blocks that stay in the cache.

An honest twin: it does the same work with the same keyed random numbers and must give the same lists, but for schools
whose worth differs in the last bits only (its logarithms are numpy's, faster there than any written with arrays).
Columns that numpy's user would keep from year to year (the nearest schools of a place, the row of an older sibling) are
made beforehand and cost it nothing.
"""

import numpy as np

from abm.city import STATE
from abm.households import LATE_MARK, entry_year, sibling_gap
from abm.randomness import Key, stream
from abm.rules import Rules
from abm.schools import fee_due, theme_visible
from abm.sight import TERMS, peak
from abm.world import World

BLOCK = 2048  # families: sixteen float32 each are 128 KB an array; the fastest of 256 to 4096
ZERO, ONE, HALF = np.float32(0), np.float32(1), np.float32(0.5)
TWO23 = np.float32(2.0**-23)


class Town:
    """The columns of the model, as arrays; ``lists`` is what is measured."""

    def __init__(self, world: World, rules: Rules):
        city, table = world.city, world.households
        self.table, self.rules = table, rules
        self.late = sibling_gap(table.id) == LATE_MARK
        self.new = entry_year(table.id) == world.year
        first = {int(i): row for row, i in enumerate(table.id) if sibling_gap(i) == 0}
        older = [first.get(int(f), -1) if f != i else -1 for i, f in zip(table.id, table.family, strict=True)]
        self.older = np.array(older)
        self.area, self.zone, self.local = city.place_area, city.zone, city.local
        self.areas, self.groups = len(city.area_names), world.groups
        self.schools, self.seen = world.schools, world.seen
        self.km, self.nearest = ways(world)
        self.school_zone = city.school_zone
        self.fee, self.private = fee_due(world.schools, rules), (world.schools.sector != STATE).astype(np.float32)
        visible = theme_visible(world.schools, world.year)
        self.theme = np.where(visible, world.schools.theme, -1).astype(np.int32)
        self.weight = {name: rules.by_group(f"choice.{name}") for name in (*TERMS, "distance_beyond")}
        self.streams = [
            stream(Key(world.seed, "belief", world.year)),
            stream(Key(world.seed, "taste", 0, 1)),
            stream(Key(world.seed, "taste")),
        ]

    def lists(self) -> np.ndarray:
        """(entrant, rank) int32: the lists of this year's entrants."""
        table = self.table
        rows = np.flatnonzero((table.grade == 0) & (table.school < 0) & self.new & ~self.late)
        older = self.older[rows]
        sibling = np.where(older >= 0, table.school[older], -1).astype(np.int32)
        seated = table.school >= 0
        n = self.schools.open.size
        cell = (self.area[table.place[seated]] * self.groups + table.group[seated]) * n + table.school[seated]
        nearby = np.bincount(cell, minlength=self.areas * self.groups * n).astype(np.float32).reshape(-1, n)
        best = np.argsort(-self.schools.reputation, kind="stable")
        flagship = best[self.schools.open[best]][: self.rules.perception.flagship]
        crowd = np.maximum(nearby.sum(axis=1) + np.float32(self.rules.choice.emulation_prior), ONE)
        network = _used_most(nearby * self.schools.open, self.rules.perception.network)
        out = np.empty((rows.size, self.rules.choice.length), np.int32)
        for h in range(0, rows.size, BLOCK):
            part = rows[h : h + BLOCK]
            considered = self._consider(part, sibling[h : h + BLOCK], flagship, network)
            worth = self._worth(part, considered, sibling[h : h + BLOCK], nearby, crowd)
            out[h : h + BLOCK] = _best(considered, worth, out.shape[1])
        return out

    def _consider(self, rows, sibling, flagship, network) -> np.ndarray:
        """(family, slot) int32: the nearest, then the others as far as they are open and not yet there; -1 in the rest."""
        p, table = self.rules.perception, self.table
        place = table.place[rows]
        near = np.rint(p.nearest * (p.uninformed + (1 - p.uninformed) * table.information[rows].astype(float)))
        nearest = self.nearest[place, : p.nearest]
        nearest = np.where(np.arange(nearest.shape[1]) < np.maximum(near, 1)[:, None], nearest, -1)
        used = network[self.area[place] * self.groups + table.group[rows]]
        flagships = np.broadcast_to(flagship, (rows.size, flagship.size))
        others = np.column_stack([used, flagships, self.local[place], sibling])
        out = np.concatenate([nearest, others], axis=1).astype(np.int32)
        for k in range(nearest.shape[1], out.shape[1]):
            there = (out[:, :k] == out[:, k, None]).any(axis=1)
            out[there | ~self.schools.open[out[:, k]], k] = -1
        return out

    def _worth(self, rows, considered, sibling, nearby, crowd) -> np.ndarray:
        """(family, slot) float32 utility and taste, -inf in empty slots."""
        c, table, schools = self.rules.choice, self.table, self.schools
        group, place = table.group[rows], table.place[rows]
        w = {name: weight[group][:, None] for name, weight in self.weight.items()}
        belief, liking, taste = (_keys(name, ids) for name, ids in zip(
            self.streams, (table.id[rows], table.family[rows], table.family[rows]), strict=True))  # fmt: skip
        s = np.maximum(considered, 0)
        at = s.astype(np.intp)  # of this type, and told to clip, ``take`` is several times as fast as indexing
        count = schools.open.size
        km = self.km.ravel().take(place[:, None] * count + at, mode="clip")
        worth = w["distance"] * km + w["distance_beyond"] * np.maximum(km - np.float32(c.knee_km), ZERO)
        doubt = (np.float32(self.rules.perception.noise) * (ONE - table.information[rows]))[:, None]
        worth += w["reputation"] * (schools.reputation.take(at, mode="clip") + doubt * _bell(_bits(belief, s)))
        side = np.minimum(group, 1).astype(np.intp)[:, None]
        x = self.seen.own_share.ravel().take(side * count + at, mode="clip")
        full = np.where(table.tolerant[rows], self.rules.households.tolerant_full, c.peers_full)
        rise, top, fall = (line[:, None] for line in peak(table.tolerance[rows], full))
        worth += w["peers"] * np.minimum(x * rise, top + (ONE - x) * fall)
        worth += w["vulnerable"] * self.seen.vulnerable.take(at, mode="clip")
        cell = self.area[place].astype(np.intp) * self.groups + group
        attend = nearby.ravel().take(cell[:, None] * count + at, mode="clip")
        worth += w["emulation"] * (attend / crowd[cell][:, None])
        theme = self.theme.take(at, mode="clip")
        worth += w["theme"] * np.where(theme >= 0, _uniform(_bits(liking, theme)), ZERO)
        price = np.minimum(np.exp2(-table.status[rows] / np.float32(c.fee_status)), np.float32(8))[:, None]
        worth += w["fee"] * self.fee.take(at, mode="clip") * price
        worth += w["private"] * self.private.take(at, mode="clip")
        zone = self.zone[place][:, None]
        worth += w["zone"] * ((zone >= 0) & (zone == self.school_zone.take(at, mode="clip")))
        worth += w["sibling"] * (sibling[:, None] == considered)
        worth = np.float32(c.beta) * worth - np.log(-np.log(_uniform(_bits(taste, s))))
        return np.where(considered >= 0, worth, np.float32(-np.inf))


def ways(world: World) -> tuple[np.ndarray, np.ndarray]:
    """(place, school) float32 km, and (place, open school) int32 the open schools by distance."""
    city, schools = world.city, world.schools
    km = np.hypot(city.place_x[:, None] - schools.x, city.place_y[:, None] - schools.y).astype(np.float32)
    order = np.argsort(np.where(schools.open, km, np.inf), axis=1, kind="stable")[:, : int(schools.open.sum())]
    return km, order.astype(np.int32)


def _used_most(heads, count):
    """(cell, count) the schools with most ``heads`` (cell, school), -1 past the last."""
    best = np.argsort(-heads, axis=1, kind="stable")[:, :count]
    return np.where(np.take_along_axis(heads, best, 1) > 0, best, -1)


def _best(considered, worth, length):
    """(family, rank) the schools of highest worth, of equal ones that in the lower slot; one sort of packed numbers.

    Sorting 64-bit numbers, which hold the order of the worth above the slot, is faster than sorting indices.
    """
    bits = (worth + ZERO).view(np.int32)
    bits = bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF))
    slots = worth.shape[1]
    packed = (~bits.astype(np.int64) << 32) | np.arange(slots)
    packed.sort(axis=1)
    order = (packed[:, : min(length, slots)] & 0xFFFF).astype(np.intp)
    return np.take_along_axis(considered, order, 1)


def _mix64(z):
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _keys(name, ids):
    """(n, 1) uint32 keys of stable ids in a stream."""
    return (_mix64(name ^ _mix64(ids.astype(np.uint64))) >> np.uint64(32)).astype(np.uint32)[:, None]


def _bits(key, number):
    """uint32 bits of a key and a number, as :func:`abm.randomness.bits32`."""
    z = key ^ (number.astype(np.uint32) * np.uint32(0x9E3779B9))
    z ^= z >> np.uint32(16)
    z *= np.uint32(0x7FEB352D)
    z ^= z >> np.uint32(15)
    z *= np.uint32(0x846CA68B)
    z ^= z >> np.uint32(16)
    return z


def _uniform(bits):
    return ((bits >> np.uint32(9)).view(np.int32).astype(np.float32) + HALF) * TWO23


def _bell(bits):
    pairs = (bits & np.uint32(0xFF00FF)) + ((bits >> np.uint32(8)) & np.uint32(0xFF00FF))
    total = (pairs + (pairs >> np.uint32(16))) & np.uint32(0xFFFF)
    return (total.view(np.int32).astype(np.float32) - np.float32(510)) * np.float32(1 / 147.80053)
