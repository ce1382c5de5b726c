"""Year 0: the city as the scenario says, and who sits where: nearest school with places, as observed, or at random."""

import numpy as np

from abm import cities, city, schools
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.enrolment import count_entrants, look
from abm.households import Households
from abm.memory import keep_for
from abm.moving import settle
from abm.nearest import nearest_with_places
from abm.randomness import Key, draw
from abm.residents import populate
from abm.rules import Rules
from abm.world import NOTHING, Composition, World, composition, count_heads


def start(config: Config, seed: int) -> World:
    """The world at the end of year 0."""
    plan = cities.make(config, seed)
    keep_for(int(plan.pupils.sum()))
    stock = schools.build(plan, config.city, seed)
    town = city.build(plan, config.city, schools.public(stock))
    town.notes.update(class_size=config.city.class_size, name=config.city.name)
    groups = len(config.city.groups)
    seen = config.city.start == "observed"
    if seen and plan.flows is None:
        raise ScenarioError('city.start = "observed" needs the schools\' pupils by group; use "nearest"')
    table = populate(plan, town, config, seed, seen)
    empty = Composition(np.zeros((0, 0, 0), np.int32), *(np.zeros(0, np.float32),) * 3)
    ledger = {"detection": config.households.detection}
    world = World(seed, 0, config.city.grades, groups, town, table, stock, empty, None, NOTHING, ledger)
    world = settle(world, Rules.of(config))
    town, table = world.city, world.households
    school = table.school
    if seen:
        heads = count_heads(table, stock.open.size, config.city.grades, groups).sum(axis=2)
        stock = stock._replace(places=np.maximum(stock.places, heads).astype(np.int32))
    elif config.city.start == "random":
        school = at_random(table, stock.places, seed)
    else:
        school = nearest_with_places(table, town, stock.places, seed)
    world = world._replace(households=table._replace(school=school), schools=stock)
    world = count_entrants(look(world))
    return at_first_sight(world) if config.perception.first_impression == "residents" else world


def at_first_sight(world: World) -> World:
    """The world in which families take each school for its small area: they see the residents of the area it stands in.

    The area is that of the address point nearest to the school, by the straight way. Heads stay those of the pupils.
    """
    areas = len(world.city.area_names)
    area = world.city.place_area[city.place_beside(world.city)]  # (school,)
    table = world.households
    homes = composition(table._replace(school=world.city.place_area[table.place]), areas, world.grades, world.groups)
    shares = {"own_share": homes.own_share[:, area], "vulnerable": homes.vulnerable[area], "status": homes.status[area]}
    return world._replace(seen=world.seen._replace(**shares))


def at_random(table: Households, places: np.ndarray, seed: int) -> np.ndarray:
    """(household,) int32 schools: in each grade the places are dealt out at random; -1 where there are too few."""
    school = np.full(table.id.size, -1, np.int32)
    for d in range(places.shape[1]):
        rows = np.flatnonzero(table.grade == d)
        seats = np.repeat(np.arange(places.shape[0], dtype=np.int32), places[:, d])
        seats = seats[np.argsort(draw(Key(seed, "start", 0, 1 + d), np.arange(seats.size)), kind="stable")]
        rows = rows[np.argsort(draw(Key(seed, "start", 0, 50), table.id[rows]), kind="stable")]
        taken = min(rows.size, seats.size)
        school[rows[:taken]] = seats[:taken]
    return school
