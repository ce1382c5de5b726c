"""A slow, obvious twin of looking again: one family at a time, round by round, in plain Python."""

from tests.reference import randomness as rnd
from tests.reference.choice import TASTE, Town, gumbel
from tests.reference.moving import rounds_of

RECONSIDER, ORDER = 13, 14


class Again(Town):
    """The town whose schools are seen as they stand at the round's start, or now."""

    def __init__(self, world, rules):
        super().__init__(world, rules)
        schools = range(self.schools.open.size)
        self.heads = {s: [0, 0] for s in schools}
        self.room = {(s, d): int(self.schools.places[s, d]) for s in schools for d in range(world.grades)}
        self.enrolled = {int(row["id"]): row for row in self.everyone if row["school"] >= 0}
        self.here = {i: int(row["school"]) for i, row in self.enrolled.items()}
        for i, row in self.enrolled.items():
            self.heads[self.here[i]][min(int(row["group"]), 1)] += 1
            self.room[self.here[i], int(row["grade"])] -= 1
        self.considers = {i: self.considered(row) for i, row in self.enrolled.items()}
        self.city_farthest = self.farthest()
        self.round = 0
        self.look()

    def look(self):
        """Everybody sees the schools as they stand."""
        self.shown = {s: list(pair) for s, pair in self.heads.items()}

    def share(self, s, group):
        """Share of the own side that is seen; None: whatever is liked best."""
        side, pair = min(int(group), 1), self.shown[s]
        if sum(pair):
            return pair[side] / sum(pair)
        if self.rules.perception.empty == "ideal":
            return None
        return sum(p[side] for p in self.heads.values()) / sum(map(sum, self.heads.values()))

    def taste(self, row, s):
        if self.rules.choice.taste == "none":
            return 0.0
        year, turn = (self.world.year, self.round) if self.rules.choice.taste == "redrawn" else (0, 0)
        return gumbel(rnd.bits(rnd.key32(rnd.stream(self.world.seed, TASTE, year, turn), int(row["family"])), s))

    def turn(self, i):
        """The family leaves for the best school with room, if that is better by more than the cost."""
        row, here, t = self.enrolled[i], self.here[i], self.rules.transfers
        options, grade = self.considers[i] | {here}, int(row["grade"])
        if sum(self.heads[here]) <= t.keep:
            return
        worth = {s: self.rules.choice.beta * self.utility(row, s, options) + self.taste(row, s) for s in options}
        free = [s for s in self.considers[i] if s != here and self.room[s, grade] > 0]
        best = max(free, key=lambda s: worth[s], default=here)
        if worth[best] <= worth[here] + (best != here) * t.cost * self.rules.choice.beta:
            return
        side = min(int(row["group"]), 1)
        for s, sign in ((here, 1), (best, -1)):
            self.room[s, grade] += sign
            self.heads[s][side] -= sign
        self.here[i] = best
        if t.sees == "now":
            self.look()

    def go(self):
        """All rounds; returns {id: school}."""
        t, seed, year = self.rules.transfers, self.world.seed, self.world.year

        def luck(r):
            return rnd.stream(seed, RECONSIDER, year, r)

        def order(r, always=False):
            return rnd.stream(seed, ORDER, 0 if always else year, 16 + r)

        past = (year - 1) * t.rounds
        for r, ids in enumerate(rounds_of(list(self.here), t.reconsider, t.turns, t.rounds, past, luck, order)):
            self.round = r
            self.look()
            for i in ids:
                self.turn(i)
        return self.here
