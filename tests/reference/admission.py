"""Slow, obvious twins of the admission mechanisms, written from the definitions with sets and dictionaries.

All take a full market: lists, priorities (student, school), places, and the options of ``abm.admission.admit``.
"""


class Twin:
    """A market in plain Python, and who comes before whom in it."""

    def __init__(
        self, lists, priorities, places, types=None, reserves=None, quotas=None, order="reserve_first", lottery=None
    ):
        self.lists = [[int(s) for s in row if s >= 0] for row in lists]
        self.students, self.schools = range(len(self.lists)), range(len(places))
        self.priorities, self.lottery, self.places = priorities, lottery, [int(p) for p in places]
        self.type = [0 for h in self.students] if types is None else [int(g) for g in types]
        self.types = sorted(set(self.type))
        self.open_first = order == "open_first"
        self.reserve = {
            (s, g): 0 if reserves is None else max(0, int(reserves[s][g])) for s in self.schools for g in self.types
        }
        limit = len(self.lists)
        self.quota = {
            (s, g): limit if quotas is None or quotas[s][g] < 0 else int(quotas[s][g])
            for s in self.schools
            for g in self.types
        }
        self.all_reserved = [0 if reserves is None else sum(max(0, int(x)) for x in reserves[s]) for s in self.schools]

    def merit(self, h, s):
        """What a school goes by: priority, lottery, lower row."""
        if self.lottery is None:
            draw = 0
        elif getattr(self.lottery, "ndim", 1) == 2:
            draw = self.lottery[h][s]
        else:
            draw = self.lottery[h]
        return (self.priorities[h][s], draw, -h)

    def choose(self, s, applicants, state):
        """Whom of ``applicants`` school ``s`` takes; ``state`` has its places left and is brought up to date."""
        ranked = sorted(applicants, key=lambda h: self.merit(h, s), reverse=True)
        taken = []

        def fill(kind, seats):
            for h in ranked:
                g = self.type[h]
                if h in taken or state["seats"] == 0 or seats == 0 or state["quota"][g] == 0:
                    continue
                if kind == "reserved" and state["reserve"][g] == 0:
                    continue
                taken.append(h)
                seats -= 1
                state["seats"] -= 1
                state["quota"][g] -= 1
                if kind == "reserved":
                    state["reserve"][g] -= 1
                if kind == "open":
                    state["open"] -= 1

        if self.open_first:
            fill("open", state["open"])
        fill("reserved", state["seats"])
        fill("left over", state["seats"])
        return set(taken)

    def empty(self, s):
        """A school with all its places left."""
        return {
            "seats": self.places[s],
            "open": self.places[s] - self.all_reserved[s],
            "reserve": {g: self.reserve[s, g] for g in self.types},
            "quota": {g: self.quota[s, g] for g in self.types},
        }


def _school_of_each(market, pupils):
    school = [-1 for h in market.students]
    for s in market.schools:
        for h in pupils[s]:
            school[h] = s
    return school


def immediate_acceptance(*args, **options):
    """Round k: those without a place apply to their k-th school, which takes whom it can, for good."""
    market = Twin(*args, **options)
    pupils = {s: set() for s in market.schools}
    state = {s: market.empty(s) for s in market.schools}
    for k in range(max((len(row) for row in market.lists), default=0)):
        placed = set().union(*pupils.values())
        applying = [h for h in market.students if h not in placed and len(market.lists[h]) > k]
        for s in market.schools:
            pupils[s] |= market.choose(s, [h for h in applying if market.lists[h][k] == s], state[s])
    return _school_of_each(market, pupils)


def deferred_acceptance(*args, **options):
    """All who are not held apply to their next school, every school keeps its choice of held and new."""
    return _deferred(Twin(*args, **options))


def _deferred(market):
    pupils = {s: set() for s in market.schools}
    tried = {h: 0 for h in market.students}
    while True:
        held = set().union(*pupils.values())
        new = {s: set() for s in market.schools}
        for h in market.students:
            if h not in held and tried[h] < len(market.lists[h]):
                new[market.lists[h][tried[h]]].add(h)
                tried[h] += 1
        if not any(new.values()):
            return _school_of_each(market, pupils)
        pupils = {s: market.choose(s, pupils[s] | new[s], market.empty(s)) for s in market.schools}


def serial_dictatorship(*args, **options):
    """By the lottery, each takes the best school with room; with reserves or quotas, deferred acceptance by lottery."""
    market = Twin(*args, **options)
    market.priorities = [[0 for s in market.schools] for h in market.students]
    if any(market.reserve.values()) or any(limit < len(market.lists) for limit in market.quota.values()):
        return _deferred(market)
    left, school = list(market.places), [-1 for h in market.students]
    for h in sorted(market.students, key=lambda h: market.merit(h, 0) if market.places else h, reverse=True):
        for s in market.lists[h]:
            if left[s]:
                left[s] -= 1
                school[h] = s
                break
    return school


def top_trading_cycles(*args, **options):
    """Step by step: all students and schools point at once, and all cycles are carried out."""
    market = Twin(*args, **options)
    state = {s: market.empty(s) for s in market.schools}
    school, remaining = [-1 for h in market.students], set(market.students)

    def wish(h):
        g = market.type[h]
        return next((s for s in market.lists[h] if state[s]["seats"] and state[s]["quota"][g]), None)

    def pointed(s):
        best = sorted(remaining, key=lambda h: market.merit(h, s), reverse=True)
        if not (market.open_first and state[s]["open"]):
            reserved = [h for h in best if state[s]["reserve"][market.type[h]]]
            return (reserved or best)[0]
        return best[0]

    while remaining:
        leaving = {h for h in remaining if wish(h) is None}
        remaining -= leaving
        if leaving or not remaining:
            continue
        after = {h: pointed(wish(h)) for h in remaining}  # student, its school, the school's student
        in_cycles = {h for h in remaining if _comes_back(h, after)}
        seats = [(h, wish(h)) for h in in_cycles]
        for h, s in seats:
            g = market.type[h]
            school[h] = s
            state[s]["seats"] -= 1
            state[s]["quota"][g] -= 1
            if market.open_first and state[s]["open"]:
                state[s]["open"] -= 1
            elif state[s]["reserve"][g]:
                state[s]["reserve"][g] -= 1
        remaining -= in_cycles
    return school


def _comes_back(h, after):
    k = after[h]
    for _ in after:
        if k == h:
            return True
        k = after[k]
    return False


def envious(school, *args, **options):
    """Students who like a school better than their own that took someone of their type with less merit."""
    market, found = Twin(*args, **options), set()
    for h in market.students:
        for s in market.lists[h]:
            if s == school[h]:
                break
            for other in market.students:
                same = school[other] == s and market.type[other] == market.type[h]
                if same and market.merit(h, s) > market.merit(other, s):
                    found.add(h)
    return found
