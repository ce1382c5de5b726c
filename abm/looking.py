"""What families see of the schools they consider, school by school, gathered before any utility is worked out."""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined
from abm.lanes import LANES, fill, pick, place, records, seats, strange
from abm.nearby import heads_at
from abm.sight import (
    ATTEND,
    BELIEVED,
    COLOUR,
    CROWD,
    DOUBT,
    DOUBT_AT,
    IGNORANCE,
    KIND,
    KM,
    LOOKS,
    OWN,
    PLACE,
    SCHOOL_FEE,
    SHOWN,
    SIBLING_SCHOOL,
    WEAK,
    parts_of,
)  # fmt: skip
from abm.ways import way

TOGETHER = 16  # families scored at a time: enough to hide how long a logarithm takes, few enough for the nearest cache


class Sight(NamedTuple):
    """What a family sees of one school."""

    own: np.float32  # share of its own side, negative: whatever it likes best
    weak: np.float32
    believed: np.float32
    colour: np.float32
    fee: np.float32
    private: np.float32
    theme: np.float32
    zone: np.float32
    km: np.float32
    attend: np.float32
    doubt: np.float32


class Desk(NamedTuple):
    """Room in which kernels look at the schools of a few families at a time; slots are those considered, whole vectors of them."""

    schools: np.ndarray  # (slot,) uint32 those that the present family looks up: whom it considers, 0 in an empty slot
    look: np.ndarray  # (page, place) float32 what it sees of them, 16 slots a page: see :func:`abm.lanes.place`
    luck: np.ndarray  # (family, slot) float32 of its taste, an exponential number: see :func:`abm.scoring.taste`
    worth: np.ndarray  # (family, slot) float32 utility, with taste after it
    rows: np.ndarray  # (family,) int64 which choosers look


def desk(slots: int, families: int = 1) -> Desk:
    """Room for ``families`` who each look at ``slots`` schools. ValueError unless they fill whole vectors."""
    if slots % LANES:
        raise ValueError(f"{slots} slots: schools are looked at {LANES} at a time; see abm.lanes.whole_vectors")
    shape = families, slots
    return Desk(
        np.zeros(slots, np.uint32), np.zeros((slots // LANES, LOOKS * LANES), np.float32), np.ones(shape, np.float32),
        np.zeros(shape, np.float32), np.arange(families),
    )  # fmt: skip


@inlined
def sight(look, k):
    """What stands in slot ``k`` of a ``look``."""
    return seen(look, k // LANES, k % LANES)


@inlined
def seen(look, page, i):
    """What stands in slot ``i`` of a page of a ``look``."""
    private, theme, zone = parts_of(look[page, place(KIND, i)])
    return Sight(
        look[page, place(OWN, i)], look[page, place(WEAK, i)], look[page, place(BELIEVED, i)],
        look[page, place(COLOUR, i)], look[page, place(SCHOOL_FEE, i)], private, theme, zone,
        look[page, place(KM, i)], look[page, place(ATTEND, i)], look[page, place(DOUBT, i)],
    )  # fmt: skip


@inlined
def same_sight(h, before, considered, who, schools):
    """Whether chooser ``h`` sees what chooser ``before`` did: they are neighbours of one group, its schools among ``schools``."""
    other = np.int32(0)
    for k in range(SIBLING_SCHOOL):  # place, group, crowd and zone
        other |= who.whole[h, k] ^ who.whole[before, k]
    new = np.uint64(0)
    for a in range(0, schools.size, LANES):
        new |= strange(considered, h, a, schools)
    return (other == 0) & (new == np.uint64(0))


@inlined
def gather(h, considered, who, view, room):
    """What chooser ``h`` and its neighbours see of each considered school, into the look of ``room``; of no use in an empty slot."""
    schools, look, ways = room.schools, room.look, view.ways
    for a in range(0, schools.size, LANES):
        seats(considered, h, a, schools)
    where, crowd = who.whole[h, PLACE], who.whole[h, CROWD]
    records(view.school, schools, look)
    if ways.table.shape[0] > 0:
        pick(ways.table, where, schools, look, KM)
    else:
        for k in range(schools.size):
            s = np.int32(schools[k])
            km = way(ways.table, ways.home, ways.site, ways.torus_km, ways.felt, ways.knee, where, s)
            look[k // LANES, place(KM, k % LANES)] = km
    if view.nearby.shape[0] > 0:
        pick(view.nearby, crowd, schools, look, ATTEND)
    else:
        for k in range(schools.size):
            heads = heads_at(view.first, view.cell, view.heads, crowd, np.int32(schools[k]))
            look[k // LANES, place(ATTEND, k % LANES)] = heads


@inlined
def doubts(h, who, look):
    """How much chooser ``h`` doubts each school, into ``look``."""
    ignorance = who.real[h, IGNORANCE]
    for page in range(look.shape[0]):
        fill(look, page, DOUBT, ignorance)
    if who.real.shape[1] > SHOWN:
        for page in range(look.shape[0]):
            for i in range(LANES):
                look[page, place(DOUBT, i)] = who.real[h, np.uint32(np.int32(look[page, place(DOUBT_AT, i)]))]
