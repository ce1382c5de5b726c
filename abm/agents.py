"""Mesa's agents: schools and the education authority. An agent holds an index; everything else is in the tables."""

import mesa

from abm.authority import decide
from abm.city import SECTORS
from abm.rules import Rules
from abm.schools import THEMES
from abm.world import World


class SchoolAgent(mesa.Agent):
    """One school, as Mesa's tools see it: a row of the schools' table with names."""

    def __init__(self, model: mesa.Model, index: int):
        super().__init__(model)
        self.index = index

    def _of(self, column: str):
        return getattr(self.model.world.schools, column)[self.index]

    @property
    def name(self) -> str:
        """Name in the city's file."""
        return self.model.world.city.school_names[self.index]

    @property
    def pos(self) -> tuple[float, float]:
        """Position, km east and north."""
        return float(self._of("x")), float(self._of("y"))

    @pos.setter
    def pos(self, value):
        """Mesa sets None when an agent is made; a school stands where its table says."""

    @property
    def sector(self) -> str:
        """state, subsidised or private."""
        return SECTORS[self._of("sector")]

    @property
    def pupils(self) -> int:
        """Pupils in all grades."""
        return int(self.model.world.seen.heads[self.index].sum())

    @property
    def minority_share(self) -> float:
        """Share of the minority among its pupils (an empty school: the city's)."""
        return float(self.model.world.seen.own_share[1, self.index])

    @property
    def places(self) -> int:
        """Places in this year's entry grade."""
        return int(self._of("places")[0])

    @property
    def demand(self) -> int:
        """First choices this year."""
        return int(self._of("demand"))

    @property
    def reputation(self) -> float:
        """Believed worth, sd."""
        return float(self._of("reputation"))

    @property
    def theme(self) -> str:
        """Name of its theme, or an empty text."""
        return THEMES[self._of("theme")] if self._of("theme") >= 0 else ""

    @property
    def open(self) -> bool:
        """Whether it takes pupils."""
        return bool(self._of("open"))


class AuthorityAgent(mesa.Agent):
    """The education authority: it enacts the scenario's policies by editing the rules of the year."""

    def enact(self, rules: Rules) -> Rules:
        """The rules of the coming year; each policy in force edits them, in the order of the scenario."""
        rules, self.memory = decide(self.model.config, rules, self.model.world, self.model.indicators)
        return rules

    def note(self, world: World) -> World:
        """The world with what the authority remembers, and what it spent, in its ledger."""
        if not any(self.memory):
            return world
        euro = float(sum(act.euro for act in self.memory.acts))
        return world._replace(ledger=world.ledger | {"authority": self.memory, "cost": euro})
