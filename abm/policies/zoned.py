"""What policies on zones share: they settle a plan in their first year and order it each year in force."""

from typing import ClassVar

import numpy as np

from abm.city import Zones, may_be_local
from abm.config.declare import fault, section
from abm.orders import Zoning
from abm.policies.policy import Policy
from abm.policies.targets import Targets, in_groups
from abm.rezoning import Units, present, units
from abm.rules import Rules
from abm.schools import public
from abm.world import World


@section
class ZonePolicy(Policy):
    """A policy that orders other zones; ``pick`` settles them, they stay while it is in force."""

    area: ClassVar = "admission"
    levers: ClassVar[tuple[str, ...]] = ("orders.zoning",)
    alone: ClassVar[tuple[str, ...]] = ("orders.zoning",)
    dose: ClassVar = "targets"

    def fits(self, rules: Rules, world: World) -> None:
        """There are two public schools at least."""
        if int((public(world.schools) & world.schools.open).sum()) < 2:
            raise fault("zones need two public schools at least, state schools or private ones without a fee")

    def treated(self, rules: Rules, world: World, at: Targets) -> np.ndarray:
        """(household,) bool: the pupils of its groups who live in the zones of its schools."""
        table = world.households
        if at.plan is None:
            return np.zeros(table.id.size, bool)
        zone = np.asarray(at.plan.place)[table.place]
        school_zone = np.asarray(at.plan.school)
        return np.isin(zone, school_zone[list(at.schools)]) & (zone >= 0) & in_groups(self.groups, rules, table)

    def edit(self, rules: Rules, world: World, at: Targets) -> Rules:
        """Order the plan; without a treated school the city's own zones stay."""
        return rules.edit("orders.zoning", at.plan) if at.plan is not None and at.schools else rules


def ground(world: World) -> tuple[np.ndarray, Units, np.ndarray]:
    """(school,) bool public schools, the address points, and (place,) the school of each in zones of one school each."""
    eligible = may_be_local(world.schools.open, public(world.schools))
    return eligible, units(world.city), present(world.city, eligible, world.schools.intake)


def zone_pupils(land: Units, now: np.ndarray, schools: int) -> np.ndarray:
    """(school, 2) float: minority and majority entrants expected from each zone."""
    out = np.zeros((schools, 2))
    np.add.at(out, now[land.place], land.pupils)
    return out


def zoning(world: World, place: np.ndarray, school: np.ndarray) -> Zoning:
    """An order from zones (place,) and (school,) of the treated, -1 elsewhere: there the city's own stay."""
    city = world.city
    own = city.own or Zones(city.zone, city.school_zone, city.local)
    first = int(max(own.place.max(initial=-1), own.school.max(initial=-1))) + 1
    at_place = np.where(place >= 0, first + place, own.place)
    at_school = np.where(school >= 0, first + school, own.school)
    return Zoning(tuple(at_place.tolist()), tuple(at_school.tolist()))
