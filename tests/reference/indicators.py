"""Slow, obvious twins of the measurements: one pupil after another, as the words of the indicators say."""

from math import nan

STATE, SUBSIDISED, PRIVATE = 0, 1, 2


class Count:
    """The pupils of a world as a list of dictionaries."""

    def __init__(self, world, rules):
        table, city, stock = world.households, world.city, world.schools
        self.pupils = []
        for h in range(table.id.size):
            s, p = int(table.school[h]), int(table.place[h])
            self.pupils.append({
                "id": int(table.id[h]), "group": int(table.group[h]), "vulnerable": bool(table.vulnerable[h]),
                "detected": bool(table.detected[h]), "high": table.status[h] > 0, "school": s, "grade": int(table.grade[h]),
                "area": int(city.place_area[p]), "home": int(city.area_district[city.place_area[p]]),
                "local": int(city.local[p]), "sector": int(stock.sector[s]) if s >= 0 else None,
                "km": float(city.distance[p, s]) if s >= 0 else None,
                "zone": (int(city.zone[p]), int(city.school_zone[s]) if s >= 0 else None),
            })  # fmt: skip
        self.placed = [p for p in self.pupils if p["school"] >= 0]
        self.members = {
            "all": lambda p: True,
            "vulnerable": lambda p: p["vulnerable"],
            "detected": lambda p: p["detected"],
        }
        for g, name in enumerate(rules.groups):
            self.members[name] = lambda p, g=g: p["group"] == g
        self.members[rules.minority] = lambda p: p["group"] > 0

    def share(self, name, test):
        """Share of the placed pupils of a group for whom ``test`` holds."""
        of = [p for p in self.placed if self.members[name](p)]
        return sum(map(test, of)) / len(of) if of else nan

    def heads(self, name, unit, pupils=None):
        """[(members, others)] by unit, for the units that have pupils."""
        count = {}
        for p in self.placed if pupils is None else pupils:
            pair = count.setdefault(p[unit], [0, 0])
            pair[0 if self.members[name](p) else 1] += 1
        return list(count.values())
