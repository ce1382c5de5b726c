"""Worlds made by hand: a few schools and homes on a line, so that a verb's result can be worked out with a pencil."""

import dataclasses
from pathlib import Path

import numpy as np

from abm import city, schools
from abm.city import STATE, Blueprint
from abm.compiled import kernel
from abm.config import Config
from abm.households import OFFER, Households, pack, take
from abm.randomness import household_key, stream
from abm.scenario import configure, load
from abm.sight import Scene, scene
from abm.world import NOTHING, Round, World, composition, neighbours

ROOT = Path(__file__).parents[1]
# The classroom's schools lose pupils and close, some in year 2.
CLOSING = (
    "run.years=3", "response.close_below=20", "response.patience=1", "response.shrink_below=0.9", "demography.growth=-0.3"
)  # fmt: skip
CONFIGS = sorted(path.stem for path in (ROOT / "configs").glob("*.toml"))


def scenario(name: str, *overrides: str) -> Config:
    """A shipped scenario."""
    return load(ROOT / "configs" / f"{name}.toml", overrides)


def hand_config(**sections) -> Config:
    """A configuration from sections given as tables; grade 1 only and no zones unless said otherwise."""
    base = {"grades": 1, "zones": "none", "layout": 1}
    return configure(sections | {"city": base | sections.get("city", {})})


def blueprint(config: Config, stock, sites, *, area=None, district=None, pupils=None, **extra) -> Blueprint:
    """Schools ``stock`` as (x km, sector, places) and places at ``sites`` (x km), all on the line y = 0.

    area: area of each place (default: each its own); district: of each school (default: one for all).
    """
    area = np.arange(len(sites)) if area is None else np.asarray(area)
    areas = int(area.max()) + 1
    sites = np.asarray(sites, float)
    centre = np.array([sites[area == a].mean() for a in range(areas)])
    pupils = np.zeros((areas, len(config.city.groups)), int) if pupils is None else np.asarray(pupils)
    n = len(stock)
    where = np.zeros(n, int) if district is None else np.asarray(district)
    fields = dict(
        area_names=tuple(f"area {a}" for a in range(areas)), area_district=np.zeros(areas, int),
        district_names=tuple(f"district {d}" for d in range(max(1, int(where.max()) + 1))),
        area_x=centre, area_y=np.zeros(areas), area_status=np.zeros(areas), pupils=pupils,
        place_x=sites, place_y=np.zeros(sites.size), place_area=area, homes=np.full(sites.size, 1000),
        school_names=tuple(f"school {s}" for s in range(n)), school_x=np.array([s[0] for s in stock], float),
        school_y=np.zeros(n), school_district=where, school_sector=np.array([s[1] for s in stock]),
        school_places=np.array([s[2] for s in stock]),
    )  # fmt: skip
    return Blueprint(**(fields | extra))


def town(config: Config, plan: Blueprint) -> city.City:
    """The city of a blueprint with its distances and zones."""
    return city.build(plan, config.city, schools.public(schools.build(plan, config.city, 1)))


def table(place, group=0, *, grade=0, school=-1, year=1, family=None, **columns) -> Households:
    """Households at ``place`` (household,); the id is (year, area 0, gap 0, group, serial); scalars serve all rows."""
    place = np.asarray(place)
    n = place.size

    def full(value, kind):
        return np.broadcast_to(np.asarray(value), (n,)).astype(kind)

    identity = columns.pop("id", None)
    identity = pack(full(year, int), 0, 0, full(group, int), np.arange(n)) if identity is None else np.asarray(identity)
    values = (
        dict(
            status=0.0,
            information=1.0,
            tolerance=0.5,
            tolerant=False,
            workplace=-1,
            vulnerable=False,
            detected=False,
            way=OFFER,
            rank=-1,
        )
        | columns
    )
    return Households(
        id=identity.astype(np.int64), family=(identity if family is None else np.asarray(family)).astype(np.int64),
        place=full(place, np.int32), group=full(group, np.int8), status=full(values["status"], np.float32),
        information=full(values["information"], np.float32), tolerance=full(values["tolerance"], np.float32),
        tolerant=full(values["tolerant"], bool), workplace=full(values["workplace"], np.int32), vulnerable=full(values["vulnerable"], bool),
        detected=full(values["detected"], bool), grade=full(grade, np.int8), school=full(school, np.int32),
        way=full(values["way"], np.int8), rank=full(values["rank"], np.int8),
    )  # fmt: skip


def world(config: Config, plan: Blueprint, households: Households, *, year: int = 1, seed: int = 1, **stock) -> World:
    """A world of these tables; ``stock`` replaces columns of the schools (reputation = 0 unless given)."""
    n, groups = len(plan.school_names), len(config.city.groups)
    made = schools.build(plan, config.city, seed)
    place = city.build(plan, config.city, schools.public(made))
    place.notes.update(class_size=config.city.class_size, name=config.city.name)
    zero = dict(reputation=np.zeros(n), quality=np.zeros(n), fee=np.zeros(n))
    columns = {k: np.asarray(v).astype(getattr(made, k).dtype) for k, v in (zero | stock).items()}
    seen = composition(households, n, config.city.grades, groups)
    return World(
        seed, year, config.city.grades, groups, place, households, made._replace(**columns), seen, None, NOTHING, {}
    )


def applied(state: World, lists) -> World:
    """The world in which the families without a school have handed in ``lists`` (family, rank)."""
    rows = np.flatnonzero(state.households.school < 0)
    lists = np.asarray(lists, np.int32)
    who = state.households
    none = np.full(rows.size, -1, np.int32)
    columns = dict.fromkeys(Round._fields, none) | dict(
        rows=rows, families=take(who, rows), considered=lists, lists=lists, favourite=lists[:, 0] if lists.size else none, redrawn=none[:, None][:, :0],
    )  # fmt: skip
    return state._replace(round=Round(**columns))


def view(state: World, rules) -> Scene:
    """What families look at, with the neighbours of the present table."""
    return scene(state, rules, neighbours(state))


def with_seen(state: World, **columns) -> World:
    """The world with other things seen of its schools."""
    kinds = {k: np.asarray(v).astype(getattr(state.seen, k).dtype) for k, v in columns.items()}
    return state._replace(seen=state.seen._replace(**kinds))


def differences(a, b, path: str = "world") -> list[str]:
    """Where two states differ, to the bit, at any depth; an empty list if nowhere."""
    if (a is None) != (b is None):
        return [path]
    if isinstance(a, tuple) and hasattr(a, "_fields"):
        return [d for name in a._fields for d in differences(getattr(a, name), getattr(b, name), f"{path}.{name}")]
    if isinstance(a, dict):
        if not isinstance(b, dict) or a.keys() != b.keys():
            return [path]
        return [d for key in a for d in differences(a[key], b[key], f"{path}.{key}")]
    if isinstance(a, np.ndarray):
        same = isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        return [] if same else [path]
    if dataclasses.is_dataclass(a):
        return [] if a == b else [path]
    if isinstance(a, float) and a != a:
        return [] if b != b else [path]
    return [] if a is b or bool(np.all(a == b)) else [path]


def by_id(state: World) -> World:
    """The world with every table in the order of stable ids, so that the order of rows does not show."""
    order = np.argsort(state.households.id)
    households = Households(*(column[order] for column in state.households))
    turn = state.round
    if turn is not None:
        order = np.argsort(turn.id)
        per_family = {k: v[order] for k, v in turn._asdict().items() if k not in ("neighbours", "families")}
        families = Households(*(column[order] for column in turn.families))
        turn = turn._replace(**per_family | {"rows": np.sort(turn.id), "families": families})
    e = state.events
    moved = np.argsort(e.moved_id)
    left = np.lexsort((e.left_unhappy, e.left_group))
    events = e._replace(
        left_group=e.left_group[left], left_unhappy=e.left_unhappy[left], moved_id=e.moved_id[moved],
        moved_from=e.moved_from[moved], moved_to=e.moved_to[moved], moved_group=e.moved_group[moved],
    )  # fmt: skip
    return state._replace(households=households, round=turn, events=events)


def shuffled(state: World, rng: np.random.Generator) -> World:
    """The same world with the rows of its households in another order."""
    order = rng.permutation(state.households.id.size)
    households = Households(*(column[order] for column in state.households))
    turn = state.round
    if turn is not None:
        back = np.empty(order.size, np.int64)
        back[order] = np.arange(order.size)
        inside = turn.rows < order.size  # rows are those before enrolment; after it nobody reads them
        turn = turn._replace(rows=np.where(inside, back[np.minimum(turn.rows, order.size - 1)], turn.rows))
    return state._replace(households=households, round=turn)


__all__ = [
    "CLOSING", "CONFIGS", "ROOT", "STATE", "applied", "blueprint", "by_id", "differences", "hand_config", "scenario", "shuffled",
    "table", "town", "view", "with_seen", "world",
]  # fmt: skip


@kernel
def _household_keys(name, identities):
    out = np.empty(identities.size, np.uint32)
    for h in range(identities.size):
        out[h] = household_key(name, identities[h])
    return out


def household_keys(key, identities):
    """(n,) uint32 keys of the stable ids ``identities`` (n,) under ``key``."""
    return _household_keys(stream(key), np.ascontiguousarray(identities, np.int64))
