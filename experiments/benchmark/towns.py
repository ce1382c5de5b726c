"""The cities that are measured: synthetic, of one density, with every term of utility at work."""

from typing import NamedTuple

import numpy as np

from abm.choice import perceive, rank
from abm.config import Config
from abm.demography import demography
from abm.enrolment import enrol
from abm.indicators import Indicators
from abm.model import SchoolChoiceModel
from abm.offers import admit
from abm.rules import Rules
from abm.scenario import configure
from abm.world import World, new_year
from experiments.engine import forget

PUPILS_A_SCHOOL = 250
# 16 slots: all families know the 12 nearest and the 2 flagships; the local and a sibling's school, for which the other
# two are, mostly are among these, so some 14 fill. Empty slots take time and do not count as evaluations.
KNOWN = {"nearest": 12, "uninformed": 1.0, "network": 0, "flagship": 2}


class Year(NamedTuple):
    """A world as its entrants begin to choose, and as it is after the verbs of choice and admission."""

    rules: Rules
    before: World  # entrants are there
    perceived: World
    ranked: World
    enrolled: World


def scenario(pupils: int, **sections: dict) -> Config:
    """A synthetic city of so many pupils at the density of a large town; sections override the defaults."""
    city = {
        "pupils": pupils,
        "schools": max(8, pupils // PUPILS_A_SCHOOL),
        "side_km": 12.0 * (pupils / 50_000) ** 0.5,
        "district_count": min(9 + pupils // 50_000, 100),
    }
    return configure({"city": city | sections.pop("city", {}), **sections}, "benchmark")


def unobserved(*_) -> Indicators:
    """What measures nothing, for years without Observe."""
    return {}


def of_choice(pupils: int, seed: int = 1) -> Year:
    """A year of choice with everything on: private and subsidised schools and their fees, themes, zones, siblings.

    A third of the schools has a theme that families see; that takes a scenario years to come about, so it is put there.
    """
    config = scenario(pupils, city={"private_share": 0.08, "subsidised_share": 0.12}, perception=KNOWN)
    model = SchoolChoiceModel(config, seed, collect=False, measure=unobserved)
    rules, world = Rules.of(config), model.world
    forget(model)
    schools = world.schools
    themes = np.where(np.arange(schools.open.size) % 3 == 0, np.arange(schools.open.size) % 4, -1).astype(np.int8)
    before = demography(new_year(world._replace(schools=schools._replace(theme=themes))), rules)
    perceived = perceive(before, rules)
    ranked = rank(perceived, rules)
    return Year(rules, before, perceived, ranked, enrol(admit(ranked, rules), rules))
