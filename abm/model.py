"""The school year, on one screen. Read this first; each verb is a file of its own and a heading of ODD.md."""

from collections.abc import Callable
from typing import NamedTuple

import mesa
import numpy as np

from abm import explain
from abm.agents import AuthorityAgent, SchoolAgent
from abm.authority import check
from abm.choice import perceive, rank
from abm.config import Config
from abm.demography import demography
from abm.enrolment import enrol
from abm.indicators import Indicators, observe
from abm.moving import move
from abm.offers import admit
from abm.reputation import reputation
from abm.response import respond
from abm.rules import Rules
from abm.start import start
from abm.supply import supply
from abm.transfers import transfer
from abm.world import Past, World, choosing, new_year, past

YEAR: dict[str, Callable[[World, Rules], World]] = {
    "supply": supply,  # schools open, move and close as ordered; zones and ways change
    "demography": demography,  # the oldest leave, a cohort enters, circumstances change
    "perceive": perceive,  # each entrant considers some schools
    "rank": rank,  # and lists those of highest utility
    "admit": admit,  # places are given by the mechanism
    "enrol": enrol,  # offers are taken up; the unplaced are placed or leave
    "transfer": transfer,  # late arrivals are placed; some families change school: flight proper
    "reputation": reputation,  # what schools are believed to be worth moves on
    "respond": respond,  # schools adopt themes, change places and fees, close
    "move": move,  # some families move home (optional)
}


class SchoolChoiceModel(mesa.Model):
    """A city's families and schools; ``step()`` is one school year.

    config: the scenario (default: the defaults); seed: the master seed. Same configuration and seed, same numbers to the
    bit. ``world`` is the state, ``at_choice`` that before enrolment with the families alone who chose, ``before`` what
    Observe needs of last year's; ``rules`` the rules of the last year, ``indicators`` its measurements (year 0: the start).
    ``collect``: fill Mesa's data collector; ``measure``: what observes a year; ``state``: go on from a moment of a run.
    """

    def __init__(
        self,
        config: Config | None = None,
        seed: int | None = None,
        *,
        collect: bool = True,
        measure: Callable[[World, Rules, Past, np.ndarray], Indicators] = observe,
        state: "State | None" = None,
    ):
        self.config = config or Config()
        self.seed_number = self.config.run.seed if seed is None else int(seed)
        super().__init__(rng=self.seed_number)
        self.measure = measure
        self.rules = self._plain = Rules.of(self.config)
        self.world = state.world if state else start(self.config, self.seed_number)
        self.before, self.at_choice = past(self.world), self.world
        if state is None:
            check(self.config, self.world)
        self.first = state.first if state else self.world.seen.heads.sum(axis=1)
        self.authority = AuthorityAgent(self)
        self.schools: list[SchoolAgent] = []
        self.datacollector = _collector() if collect else None
        self._observe(state.indicators if state else None)

    @property
    def state(self) -> "State":
        """All that a model needs to be taken up again, such as under other policies: ``SchoolChoiceModel(..., state=s)``."""
        return State(self.world, self.first, self.indicators)

    @property
    def year(self) -> int:
        """School years run so far."""
        return self.world.year

    def step(self) -> None:
        """One school year: the policies edit the rules, then the verbs of the calendar, each giving a new world."""
        self.before, self.at_choice = past(self.world), choosing(self.world._replace(round=None))  # the rest is let go
        self.rules = self.authority.enact(self._plain)
        self.world = self.authority.note(new_year(self.world))
        for verb in self.config.run.calendar:
            self.world = YEAR[verb](self.world, self.rules)
            if verb == "admit":
                self.at_choice = choosing(self.world)
        self._observe()

    def run(self) -> "SchoolChoiceModel":
        """All years of the scenario."""
        for _ in range(self.config.run.years - self.year):
            self.step()
        return self

    def household(self, i: int) -> explain.Household:
        """A readable view of one household, by row of this year's table or by stable id, and why it is where it is."""
        return explain.household(self, i)

    def _observe(self, known: Indicators | None = None) -> None:
        for agent in range(len(self.schools), self.world.schools.open.size):
            self.schools.append(SchoolAgent(self, agent))
        self.indicators = known or self.measure(self.world, self.rules, self.before, self.first)
        if self.datacollector is not None:
            self.datacollector.collect(self)


class State(NamedTuple):
    """A moment of a run. Worlds are never changed in place, so one moment may serve any number of futures."""

    world: World
    first: np.ndarray  # (school, group) heads of year 0
    indicators: Indicators


def _collector() -> mesa.DataCollector:
    """Headline indicators of the model and the state of each school, as Mesa's users expect them."""
    names = ("dissimilarity", "dissimilarity_nearest", "outside_local_school", "private", "exits", "distance_km")
    columns = ("name", "pupils", "minority_share", "places", "demand", "reputation", "theme", "open")
    return mesa.DataCollector(
        model_reporters={"year": "year"} | {name: _reporter(name) for name in names},
        agenttype_reporters={SchoolAgent: {column: column for column in columns}},
    )


def _reporter(name: str) -> Callable[[SchoolChoiceModel], float]:
    return lambda model: model.indicators.get(name, float("nan"))
