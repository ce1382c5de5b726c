"""Supply: what the authority orders about schools, zones and ways takes place before the school year begins.

What is built, moved, merged or closed stays so when the order is gone. The ledger remembers what was built, by name, and
which schools were moved, so that an order given every year is carried out once.
"""

import numpy as np

from abm.city import STATE, rezone
from abm.enrolment import look, place_officially
from abm.households import RELOCATED
from abm.orders import Opening
from abm.rules import Rules
from abm.schools import THEMES, appended, full_class, public
from abm.siting import build_school, move_school, relink, site
from abm.world import World, count_heads
from abm.zoning import follow_order


def supply(world: World, rules: Rules) -> World:
    """New links change the ways; schools open, move, merge and close, in this order.

    No order, no change. Caches are rebuilt in a year in which something happens.
    """
    world = before = connect(world, rules)
    built = world.ledger.get("built", {})
    for opening in rules.orders.opened:
        if opening.name not in built:
            world = build(world, rules, opening)
            built = world.ledger["built"]
    for school, (x, y) in rules.orders.relocated.items():
        if world.schools.open[school] and (world.schools.x[school], world.schools.y[school]) != (x, y):
            world = relocate(world, school, x, y)
    going = np.zeros(world.schools.open.size, bool)
    for school, taker in rules.orders.merged:
        both = school != taker and world.schools.open[[school, taker]].all() and not going[[school, taker]].any()
        if both:
            world = merge(world, rules, school, taker)
            going[school] = True
    if rules.orders.closed or rules.orders.merged:
        shut = going.copy()
        shut[list(rules.orders.closed)] = True
        if (world.schools.open & ~shut).any():  # the last open school never closes
            going = shut & world.schools.open
    world = close(world, rules, going) if world is not before or going.any() else world
    return follow_order(world, rules)


def connect(world: World, rules: Rules) -> World:
    """The world with the ordered links beside the city's own, and without those no longer ordered; the ledger notes them.

    Who is near which school changes; zones and local schools, which are administrative, do not.
    """
    links = tuple(rules.orders.links)
    if links == world.ledger.get("links", ()):
        return world
    city = relink(world.city, links, world.schools.open)
    return world._replace(city=city, ledger=world.ledger | {"links": links})


def build(world: World, rules: Rules, opening: Opening) -> World:
    """The world with a new state school; it fills grade by grade, from the coming entry cohort on.

    Nobody knows it yet: it starts with the mean reputation of the open schools (assumption). A theme is seen from its first day.
    """
    schools = world.schools
    way, district, zone = site(world.city, opening.x, opening.y)
    schools = appended(
        schools, x=opening.x, y=opening.y, district=district, sector=STATE, intake=opening.places, quality=opening.quality,
        reputation=schools.reputation[schools.open].mean(), open=True, chance=1.0,
        theme=THEMES.index(opening.theme) if opening.theme else -1,
        theme_year=world.year, theme_worth=rules.response.theme_quality if opening.theme else 0.0,
    )  # fmt: skip
    built = {**world.ledger.get("built", {}), opening.name: schools.open.size - 1}
    city = build_school(world.city, opening.name, way, zone)
    return world._replace(schools=schools, city=city, ledger=world.ledger | {"built": built})


def relocate(world: World, school: int, x: float, y: float) -> World:
    """The world with a school at another site: ways to it are measured anew, its district and its zone are those of the site."""
    way, district, zone = site(world.city, x, y)
    columns = {"x": x, "y": y, "district": district}
    changed = {name: getattr(world.schools, name).copy() for name in columns}
    for name, value in columns.items():
        changed[name][school] = value
    moved = {**world.ledger.get("moved", {}), int(school): world.year}
    return world._replace(
        schools=world.schools._replace(**changed),
        city=move_school(world.city, school, way, zone),
        ledger=world.ledger | {"moved": moved},
    )


def merge(world: World, rules: Rules, school: int, taker: int) -> World:
    """The world with all pupils of a school at the one that takes them; :func:`close` of the emptied school must follow.

    Each grade of the taker fills its free places and grows by as many full classes as the rest needs, and so does its
    intake by last year's entrants of both (assumption: of the classes of the two, those remain that are needed).
    """
    schools, table = world.schools, world.households
    heads = count_heads(table, schools.open.size, world.grades, world.groups).sum(axis=2)
    size = full_class(schools, rules, world.city.notes.get("class_size", 25))[taker]

    def grown(there, pupils):
        lacking = np.where(heads[school] > 0, np.maximum(pupils - there, 0), 0)
        return there + -(-lacking // size) * size

    need = heads[school] + heads[taker]
    places, intake = schools.places.copy(), schools.intake.copy()
    places[taker] = grown(places[taker], need)
    intake[taker] = grown(intake[taker], need[0])[0]
    comes = table.school == school
    table = table._replace(
        school=np.where(comes, taker, table.school).astype(np.int32),
        way=np.where(comes, RELOCATED, table.way).astype(np.int8),
        rank=np.where(comes, -1, table.rank).astype(np.int8),
    )
    return world._replace(schools=schools._replace(places=places, intake=intake), households=table)


def close(world: World, rules: Rules, going: np.ndarray) -> World:
    """The world with the schools ``going`` (school,) bool closed, their pupils at the nearest official school with room.

    The city's caches are made anew for the schools that are open then. Authorities and schools themselves close by this.
    """
    schools = world.schools
    is_open = schools.open & ~going
    schools = schools._replace(open=is_open, intake=np.where(is_open, schools.intake, 0).astype(np.int32))
    city = rezone(world.city, is_open, public(schools), schools.intake)
    table = world.households
    sent = np.flatnonzero((table.school >= 0) & ~is_open[np.maximum(table.school, 0)])
    school, rank = table.school.copy(), table.rank.copy()
    school[sent], rank[sent] = -1, -1
    closed = world.events.closed + tuple(int(s) for s in np.flatnonzero(going))
    world = world._replace(
        schools=schools,
        city=city,
        households=table._replace(school=school, rank=rank),
        events=world.events._replace(closed=closed),
    )
    return look(place_officially(look(world), rules, sent, RELOCATED, "nearest"))
