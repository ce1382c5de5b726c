"""A slow, obvious twin of perceive and rank: one family and one school at a time, from the equations, in doubles."""

from math import exp, hypot, log, prod
from zlib import crc32

from tests.reference import randomness as rnd

TASTE, BELIEF, MESSAGE = 1, 2, 25


def value(x, f, full):
    """V(x) = x/f for x <= f, else M + (1 - x)(1 - M)/(1 - f) (Stoica & Flache 2014); no x stands for the best one."""
    if x is None:
        return 1.0
    if x <= f or f >= 1:
        return x / f
    return full + (1 - x) * (1 - full) / (1 - f)


def nearness(km, form, nearest, farthest, city_farthest, p, q):
    """D of a distance: Sage & Flache 2021, Dignum et al. 2022, COMPASS 2024."""
    if form == "ratio":
        return 1 / (1 + (km / p) ** q)
    if form == "farthest":
        return (city_farthest - km) / city_farthest
    return 1.0 if farthest == nearest else (farthest - km) / (farthest - nearest)


def nearly_normal(word):
    """The sum of four bytes, less its mean, over its standard deviation."""
    total = sum((word >> shift) & 255 for shift in (0, 8, 16, 24))
    return (total - 4 * 127.5) / (4 * (256**2 - 1) / 12) ** 0.5


def gumbel(word):
    return -log(-log(rnd.uniform23(word)))


class Town:
    """The world as a family sees it, in dictionaries and loops."""

    def __init__(self, world, rules):
        self.world, self.rules, self.city, self.schools = world, rules, world.city, world.schools
        self.everyone = [
            dict(zip(world.households._fields, row, strict=True)) for row in zip(*world.households, strict=True)
        ]
        self.open = [s for s in range(self.schools.open.size) if self.schools.open[s]]

    def weight(self, name, group):
        value = getattr(self.rules.choice, name)
        if not isinstance(value, dict):
            return value
        side = "majority" if group == 0 else "minority"
        for key in (self.rules.groups[group], self.rules.minority if group else "majority", side):
            if key in value:
                return value[key]
        raise KeyError(name)

    def km(self, place, s):
        dx = abs(self.city.place_x[place] - self.schools.x[s])
        dy = abs(self.city.place_y[place] - self.schools.y[s])
        if self.city.torus_km:
            dx, dy = min(dx, self.city.torus_km - dx), min(dy, self.city.torus_km - dy)
        return hypot(dx, dy)

    def farthest(self):
        if self.city.torus_km:
            return self.city.torus_km / 2**0.5
        n = range(self.schools.open.size)
        return max(self.km(p, s) for p in range(self.city.place_x.size) for s in n)

    def neighbours(self, area, group):
        """Pupils of the group in the area by school."""
        count = dict.fromkeys(range(self.schools.open.size), 0)
        for row in self.everyone:
            if row["school"] >= 0 and row["group"] == group and self.city.place_area[row["place"]] == area:
                count[row["school"]] += 1
        return count

    def heard(self, row):
        """The messages that reach a family."""
        out = []
        for message in self.rules.orders.messages:
            name = rnd.stream(self.world.seed, MESSAGE, 0, crc32(message.name.encode()))
            home = self.city.area_district[self.city.place_area[row["place"]]]
            if rnd.uniform(name, int(row["family"])) >= message.reach:
                continue
            if message.groups and row["group"] not in message.groups:
                continue
            if message.districts and home not in message.districts:
                continue
            if message.detected and not row["detected"]:
                continue
            out.append(message)
        return out

    def tells_of(self, message, row):
        """The schools that a message makes known to a family whom it reaches."""
        return {s for s in message.schools if self.city.distance[row["place"], s] <= message.radius_km}

    def told(self, row):
        """Share of the missing information on all schools that a family is given."""
        return 1 - prod(1 - m.information for m in self.heard(row) if not m.schools)

    def ignorance(self, row, s):
        """What a family does not know about school s."""
        out = (1 - row["information"]) * (1 - self.told(row))
        for message in self.heard(row):
            if s in self.tells_of(message, row):
                out *= 1 - message.information
        return out

    def thirds(self, worth):
        """{school: mean of its colour}: the open schools from the lowest up, in three parts, the first ones larger."""
        order = sorted(self.open, key=lambda s: (worth[s], s))
        small, over = divmod(len(order), 3)
        sizes = [small + (k < over) for k in range(3)]
        parts = [order[sum(sizes[:k]) : sum(sizes[: k + 1])] for k in range(3)]
        return {s: sum(worth[k] for k in part) / len(part) for part in parts for s in part}

    def believed(self, s, ignorance, error):
        """What a family believes of school s: heard or read, and by its colour for what it does not know."""
        p, q, r = self.rules.perception, {}, {}
        for k in self.open:
            q[k] = self.quality(k)
            r[k] = float(self.schools.reputation[k]) + p.growth * (q[k] - float(self.schools.reputation[k]))
        noise = p.noise * (1 - p.growth) * (1 - p.lights) * (1 - p.prior)
        colour = self.thirds(q if p.lights_of == "quality" else r)[s]
        mean = sum(r.values()) / len(r)
        unseen = (1 - p.lights) * p.prior * (mean - r[s])
        return r[s] + ignorance * (p.lights * (colour - r[s]) + unseen + noise * error)

    def quality(self, s):
        """True quality: what was there, what was bought, what a visible theme adds."""
        theme = float(self.schools.theme_worth[s]) if self.theme_seen(s) else 0.0
        return float(self.schools.quality[s]) + float(self.schools.bought[s]) + theme

    def theme_seen(self, s):
        until = self.schools.theme_until[s]
        begun = int(self.schools.theme[s]) >= 0 and self.schools.theme_year[s] <= self.world.year
        return begun and (until == 0 or self.world.year < until)

    def older_sibling(self, row):
        """School of the family's first child, if it is another child who has a school."""
        for other in self.everyone:
            if other["id"] == row["family"] and other["id"] != row["id"] and other["school"] >= 0:
                return int(other["school"])
        return -1

    def considered(self, row):
        """The set of schools that a family considers."""
        p, place = self.rules.perception, row["place"]
        information = row["information"] + (1 - row["information"]) * self.told(row)
        near = max(1, round(p.nearest * (p.uninformed + (1 - p.uninformed) * information)))
        by_way = sorted(self.open, key=lambda s: (self.city.distance[place, s], s))
        out = set(by_way[: near + sum(message.nearest for message in self.heard(row))])
        for message in self.heard(row):
            out |= self.tells_of(message, row) & set(self.open)
        nearby = self.neighbours(self.city.place_area[place], row["group"])
        used = sorted((s for s in self.open if nearby[s]), key=lambda s: (-nearby[s], s))
        out |= set(used[: p.network])
        out |= set(sorted(self.open, key=lambda s: (-self.schools.reputation[s], s))[: p.flagship])
        out |= {int(self.city.local[place])} & set(self.open)
        out |= {self.older_sibling(row)} & set(self.open)
        return out

    def share(self, s, group):
        return float(self.world.seen.own_share[min(int(group), 1), s])

    def utility(self, row, s, considered):
        """Utility of school s, without taste."""
        c, group, place = self.rules.choice, row["group"], row["place"]
        km = self.km(place, s)
        full = self.rules.households.tolerant_full if row["tolerant"] else c.peers_full
        v = value(self.share(s, group), float(row["tolerance"]), full)
        if c.form != "logit":
            ways = [self.km(place, k) for k in considered]
            d = nearness(km, c.distance_form, min(ways), max(ways), self.city_farthest, c.ratio_p, c.ratio_q)
            if c.form == "cobb_douglas":
                return v**c.alpha * d ** (1 - c.alpha)
            return c.alpha * v + (1 - c.alpha) * d
        w = {name: self.weight(name, group) for name in (
            "distance", "distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "fee", "private",
            "zone", "sibling",
        )}  # fmt: skip
        return sum(self.parts(row, s, km, v, w).values())

    def parts(self, row, s, km, v, w):
        """The ten terms."""
        c, world, identity = self.rules.choice, self.world, int(row["id"])
        error = nearly_normal(rnd.bits(rnd.key32(rnd.stream(world.seed, BELIEF, world.year), identity), s))
        nearby = self.neighbours(self.city.place_area[row["place"]], row["group"])
        theme, seen = int(self.schools.theme[s]), self.theme_seen(s)
        family = rnd.key32(rnd.stream(world.seed, TASTE, 0, 1), int(row["family"]))
        return {
            "distance": w["distance"] * km + w["distance_beyond"] * max(0.0, km - c.knee_km),
            "reputation": w["reputation"] * self.believed(s, self.ignorance(row, s), error),
            "peers": w["peers"] * v,
            "vulnerable": w["vulnerable"] * world.seen.vulnerable[s],
            "emulation": w["emulation"] * nearby[s] / max(1.0, sum(nearby.values()) + c.emulation_prior),
            "theme": w["theme"] * rnd.uniform23(rnd.bits(family, theme)) if seen else 0.0,
            "fee": w["fee"] * self.schools.fee[s] * min(8.0, 2 ** (-row["status"] / c.fee_status)),
            "private": w["private"] * (self.schools.sector[s] != 0),
            "zone": w["zone"] * (self.city.zone[row["place"]] >= 0
                                 and self.city.zone[row["place"]] == self.city.school_zone[s]),
            "sibling": w["sibling"] * (self.older_sibling(row) == s),
        }  # fmt: skip

    def taste(self, row, s):
        c, world = self.rules.choice, self.world
        if c.taste == "none":
            return 0.0
        year = 0 if c.taste == "persistent" else world.year
        return gumbel(rnd.bits(rnd.key32(rnd.stream(world.seed, TASTE, year), int(row["family"])), s))

    def worth(self, row):
        """{school: beta times utility plus taste} of all that the family considers."""
        considered = self.considered(row)
        if self.rules.choice.form != "logit" and not hasattr(self, "city_farthest"):
            self.city_farthest = self.farthest()
        return {s: self.rules.choice.beta * self.utility(row, s, considered) + self.taste(row, s) for s in considered}


def logit(utilities):
    """Exact choice probabilities of a multinomial logit (McFadden 1974)."""
    best = max(utilities)
    weights = [exp(u - best) for u in utilities]
    return [w / sum(weights) for w in weights]


def plackett_luce(utilities, first, second):
    """Probability that a ranking by utility plus Gumbel noise starts with these two."""
    p = logit(utilities)
    return p[first] * p[second] / (1 - p[first])
