"""Three schools by hand, for the policies on admission.

The town: schools 0 and 1 at -1 and 1.2 km in district 0, school 2 at 6 km in district 1; homes at 0 km (place 0, district
and zone 0) and at 5 km (place 1, district and zone 1). A home gives 30 points at the schools of its zone, a sibling 40.
"""

import numpy as np

from abm.city import STATE
from abm.offers import admit
from abm.policies import SHELF
from abm.rules import Rules
from abm.scenario import to_tree
from tests.builders import applied, blueprint, hand_config, scenario, world

ZONE = {"zone": 30, "sibling": 40, "low_income": 0}


def town(families, lists, *, places=(1, 1, 1), sectors=(STATE, STATE, STATE), seed=1, stock=None, **admission):
    """The three schools with these applications, and the rules."""
    config = hand_config(city={"zones": "district"}, admission={"private": "inside", "points": ZONE} | admission)
    schools = [(x, sector, n) for x, sector, n in zip((-1.0, 1.2, 6.0), sectors, places, strict=True)]
    plan = blueprint(
        config, schools, [0.0, 5.0], district=[0, 0, 1], area_district=np.array([0, 1]), pupils=[[5, 5], [5, 5]],
        district_names=("west", "east"),
    )  # fmt: skip
    return applied(world(config, plan, families, seed=seed, **(stock or {})), lists), Rules.of(config)


def under(kind, state, rules, **values):
    """The rules with a policy in force."""
    policy = SHELF[kind](**values)
    return policy.edit(rules, state, policy.pick(rules, state))


def offers(state, rules):
    return admit(state, rules).round.offer.tolist()


def to_tree_of(name, *overrides):
    """A shipped scenario as a tree, without its policies."""
    return {k: v for k, v in to_tree(scenario(name, *overrides)).items() if k != "policies"}
