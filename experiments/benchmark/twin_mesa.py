"""Perceive and rank as a Mesa user writes them: one Python object a family, methods called through an AgentSet.

An honest twin: objects with slots of plain numbers, weights and schools looked up once a family, one pass over the
considered schools, sorting by Python's own sort; the same keyed random numbers, so that the lists must be the same but for
schools whose worth differs in the last bits only (Python computes in doubles). What lasts (the ways from a place, the
object of an older sibling) is made beforehand and costs it nothing.
"""

import math
from collections import Counter, defaultdict
from types import SimpleNamespace

import mesa

from abm.city import STATE
from abm.households import LATE_MARK, entry_year, sibling_gap
from abm.randomness import Key, stream
from abm.rules import Rules
from abm.schools import fee_due, theme_visible
from abm.sight import TERMS
from abm.world import World
from experiments.benchmark.twin_numpy import ways
from experiments.engine import forget

WORD, LONG = 2**32 - 1, 2**64 - 1


def mix64(z):
    """splitmix64's finaliser."""
    z = (z + 0x9E3779B97F4A7C15) & LONG
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & LONG
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & LONG
    return z ^ (z >> 31)


def bits32(key, number):
    """32 bits of a key and a number, as :func:`abm.randomness.bits32`."""
    z = key ^ (number * 0x9E3779B9 & WORD)
    z = (z ^ z >> 16) * 0x7FEB352D & WORD
    z = (z ^ z >> 15) * 0x846CA68B & WORD
    return z ^ z >> 16


class Family(mesa.Agent):
    """One household."""

    def __init__(self, model, row):
        super().__init__(model)
        self.place = model.places[row.place]
        self.group, self.side = row.group, min(row.group, 1)
        self.grade, self.school = row.grade, row.school
        self.new = entry_year(row.id) == model.year and sibling_gap(row.id) != LATE_MARK
        self.identity, self.family = row.id, row.family
        self.information = row.information
        self.price = min(2.0 ** (-row.status / model.choice.fee_status), 8.0)
        self.tolerance = row.tolerance
        self.full = model.rules.households.tolerant_full if row.tolerant else model.choice.peers_full
        self.considered, self.list = [], []

    def perceive(self):
        """The nearest schools, those the network uses, the flagships, the local one, a sibling's; none twice."""
        model, p = self.model, self.model.rules.perception
        near = max(round(p.nearest * (p.uninformed + (1 - p.uninformed) * self.information)), 1)
        considered = self.place.nearest[:near]
        used = model.network[self.place.area, self.group] if p.network else ()
        sibling = (self.older.school,) if self.older is not None and self.older.school >= 0 else ()
        for s in (*used, *model.flagships, self.place.local, *sibling):
            if s not in considered and model.schools[s].open:
                considered.append(s)
        self.considered = considered

    def rank(self):
        """List the schools of highest utility."""
        model, place, w = self.model, self.place, self.model.weights[self.group]
        belief, liking, taste = model.keys(self)
        sibling = self.older.school if self.older is not None else -1
        nearby = model.neighbours[place.area, self.group]
        crowd = max(nearby.total + model.choice.emulation_prior, 1)
        knee, beta, schools, log = model.choice.knee_km, model.choice.beta, model.schools, math.log
        doubt = model.rules.perception.noise * (1 - self.information)
        f, full, side, price, zone = self.tolerance, self.full, self.side, self.price, place.zone
        worth = []
        for s in self.considered:
            school, km = schools[s], place.km[s]
            bits = bits32(belief, s)
            error = (bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24) - 510
            x = school.own_share[side]
            value = x / f if x <= f or f >= 1 else full + (1 - x) * (1 - full) / (1 - f)
            u = (
                w.distance * km
                + w.reputation * (school.reputation + doubt * error / 147.80053)
                + w.peers * value
                + w.vulnerable * school.vulnerable
                + w.emulation * nearby.heads[s] / crowd
                + w.fee * school.fee * price
            )
            if km > knee:
                u += w.distance_beyond * (km - knee)
            if school.theme >= 0:
                u += w.theme * ((bits32(liking, school.theme) >> 9) + 0.5) * 2.0**-23
            if school.private:
                u += w.private
            if zone >= 0 and zone == school.zone:
                u += w.zone
            if s == sibling:
                u += w.sibling
            worth.append(beta * u - log(-log(((bits32(taste, s) >> 9) + 0.5) * 2.0**-23)))
        order = sorted(range(len(worth)), key=worth.__getitem__, reverse=True)
        self.list = [self.considered[k] for k in order[: model.choice.length]]


class Town(mesa.Model):
    """The city with an object for each family, place and school; ``lists`` is what is measured."""

    def __init__(self, world: World, rules: Rules):
        super().__init__(rng=1)
        self.rules, self.choice, self.year = rules, rules.choice, world.year
        self.places, self.schools = _places(world), _schools(world, rules)
        names = (*TERMS, "distance_beyond")
        weights = {name: rules.by_group(f"choice.{name}").tolist() for name in names}
        self.weights = [SimpleNamespace(**{name: weights[name][g] for name in names}) for g in range(world.groups)]
        keys = Key(world.seed, "belief", world.year), Key(world.seed, "taste", 0, 1), Key(world.seed, "taste")
        self.streams = [int(stream(key)) for key in keys]
        columns = {name: column.tolist() for name, column in world.households._asdict().items()}
        rows = [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
        first: dict[int, Family] = {}
        for row in rows:
            family = Family(self, row)
            if sibling_gap(row.id) == 0:
                first[row.id] = family
        for family in self.agents:
            family.older = first.get(family.family) if family.family != family.identity else None
        forget(self)

    def keys(self, family):
        """Keys of a family's errors of belief, its taste for themes, its taste."""
        belief, liking, taste = self.streams
        of_child, of_family = mix64(family.identity), mix64(family.family)
        return mix64(belief ^ of_child) >> 32, mix64(liking ^ of_family) >> 32, mix64(taste ^ of_family) >> 32

    def look_round(self):
        """What all families see alike: pupils nearby by school, the schools most used, the flagships."""
        count = defaultdict(Counter)
        for family in self.agents:
            if family.school >= 0:
                count[family.place.area, family.group][family.school] += 1
        self.neighbours = defaultdict(lambda: SimpleNamespace(heads=Counter(), total=0))
        for cell, heads in count.items():
            self.neighbours[cell] = SimpleNamespace(heads=heads, total=sum(heads.values()))
        self.network = defaultdict(list)
        for cell, heads in count.items() if self.rules.perception.network else ():
            used = sorted((s for s in heads if self.schools[s].open), key=lambda s, heads=heads: (-heads[s], s))
            self.network[cell] = used[: self.rules.perception.network]
        open_schools = [s for s, school in enumerate(self.schools) if school.open]
        best = sorted(open_schools, key=lambda s: -self.schools[s].reputation)
        self.flagships = best[: self.rules.perception.flagship]

    def lists(self) -> list[list[int]]:
        """The lists of this year's entrants, in the order of the objects."""
        self.look_round()
        entrants = self.agents.select(lambda family: family.new and family.grade == 0 and family.school < 0)
        entrants.do("perceive")
        entrants.do("rank")
        return [family.list for family in entrants]


def _places(world):
    """An object for each place: the ways from there."""
    km, nearest = ways(world)
    city = world.city
    columns = (km.tolist(), nearest.tolist(), city.place_area.tolist(), city.zone.tolist(), city.local.tolist())
    names = ("km", "nearest", "area", "zone", "local")
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def _schools(world, rules):
    """An object for each school: what families see of it."""
    schools, seen = world.schools, world.seen
    visible = theme_visible(schools, world.year)
    columns = {
        "open": schools.open.tolist(),
        "reputation": schools.reputation.tolist(),
        "fee": fee_due(schools, rules).tolist(),
        "private": (schools.sector != STATE).tolist(),
        "theme": [int(t) if v else -1 for t, v in zip(schools.theme, visible, strict=True)],
        "zone": world.city.school_zone.tolist(),
        "vulnerable": seen.vulnerable.tolist(),
        "own_share": seen.own_share.T.tolist(),
    }
    return [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
