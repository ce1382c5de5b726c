"""The education authority: which policies are in force this year, whom they treat, what they cost, within its budget.

Its memory is part of the world, so that a world can be taken up again: targets chosen in a policy's first year, thresholds
that were passed. Policies are paid in the order of the scenario; one that no longer fits the budget is left out that year.
"""

import difflib
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.policies import Policy
from abm.policies.policy import Reach
from abm.policies.targets import Targets, known_groups
from abm.rules import Rules
from abm.world import World


class Act(NamedTuple):
    """One policy in one year."""

    policy: int  # number in the scenario
    funded: bool  # False: left out, since the budget was spent
    schools: float  # treated, at full strength
    pupils: float
    euro: float


class Memory(NamedTuple):
    """What the authority remembers: a policy is named by its number in the scenario."""

    targets: Mapping[int, Targets] = {}  # chosen in its first year in force
    begun: Mapping[int, int] = {}  # year in which its threshold was first passed
    acts: tuple[Act, ...] = ()  # of the year that is now


def decide(config: Config, rules: Rules, world: World, indicators: Mapping) -> tuple[Rules, Memory]:
    """The rules of the year after ``world``, edited by the policies in force, and what the authority then remembers.

    Raises ScenarioError where a policy asks for what the rules do not allow.
    """
    year = world.year + 1
    memory = world.ledger.get("authority", Memory())
    targets, begun, acts = dict(memory.targets), dict(memory.begun), []
    left = config.authority.budget or float("inf")
    for k, policy in enumerate(config.policies):
        if not _due(policy, k, year, begun, indicators):
            continue
        at = targets.get(k)
        if at is None or policy.anew:
            at = policy.pick(rules, world)
        at = at._replace(schools=tuple(s for s in at.schools if world.schools.open[s]))
        reach = policy.reach(rules, world, at)
        euro = policy.price(reach) + policy.bill(rules, world, at)
        funded = euro <= left
        acts.append(Act(k, funded, *reach, euro if funded else 0.0))
        if funded:
            left -= euro
            targets[k] = at
            rules = _edit(policy, k, rules, world, at)
    return rules, Memory(targets, begun, tuple(acts))


def _due(policy: Policy, k: int, year: int, begun: dict[int, int], indicators: Mapping) -> bool:
    """Whether a policy acts in ``year`` by its dates and its threshold; notes the year in which that was first passed."""
    if not policy.active(year):
        return False
    watch = policy.when
    if not watch.indicator or (watch.stays and k in begun):
        return True
    value = watched(policy, k, indicators)
    passed = (watch.above is not None and value > watch.above) or (watch.below is not None and value < watch.below)
    if passed:
        begun.setdefault(k, year)
    return passed


def watched(policy: Policy, k: int, indicators: Mapping) -> float:
    """The figure that a policy watches; nan if it watches none. ScenarioError if there is no such figure."""
    watch = policy.when
    if not watch.indicator:
        return float("nan")
    value = indicators.get((watch.indicator, watch.group, watch.scope) if watch.group else watch.indicator)
    if value is None:
        raise ScenarioError(
            f"policies[{k}].when.indicator: no figure {watch.indicator!r} for group {watch.group or 'headline'!r} in "
            f"{watch.scope!r}; name one of indicators.csv"
        )
    return value


def _edit(policy: Policy, k: int, rules: Rules, world: World, at: Targets) -> Rules:
    try:
        return policy.edit(rules, world, at)
    except (ValidationError, PydanticCustomError) as error:
        remedy = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.message()
        raise ScenarioError(f"policies[{k}] ({policy.kind}) in year {world.year + 1}: {remedy}") from None


def check(config: Config, world: World) -> None:
    """Every name in the policies is one of this city, and the budget pays at least one of them. Raises ScenarioError."""
    rules = Rules.of(config)
    known = {
        "schools": world.city.school_names,
        "districts": world.city.district_names,
        "groups": known_groups(rules),
    }
    for k, policy in enumerate(config.policies):
        where = f"policies[{k}] ({policy.kind})"
        for field, names in known.items():
            for name in getattr(policy, field):
                if name not in names:
                    raise ScenarioError(
                        f"{where}.{field}: {world.city.notes['name']} has no {name!r}{_instead(name, names)}"
                    )
        try:
            policy.fits(rules, world)
        except PydanticCustomError as error:
            raise ScenarioError(f"{where}: {error.message()}") from None
        if policy.groups and not policy.by_groups:
            raise ScenarioError(
                f"{where}.groups: {policy.kind} acts on whole schools, areas or the city; leave groups empty"
            )
        fixed = policy.price(Reach(0.0, 0.0))
        if config.authority.budget and fixed > config.authority.budget:
            raise ScenarioError(
                f"authority.budget = {config.authority.budget:g}: too small for {where}, whose fixed cost is {fixed:g} "
                "euro a year; raise the budget (0: no limit), or lower the cost or the intensity"
            )


def _instead(word: str, names) -> str:
    close = difflib.get_close_matches(word, list(names), n=1, cutoff=0.6)
    few = ", ".join(list(names)[:8]) + (", ..." if len(names) > 8 else "")
    return f"; did you mean {close[0]!r}?" if close else f"; it has {few}"
