"""What families see of the schools they consider, school by school, gathered before any utility is worked out."""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined
from abm.lanes import LANES, pick, records
from abm.nearby import heads_at
from abm.sight import (
    ATTEND,
    BELIEVED,
    COLOUR,
    CROWD,
    DOUBT,
    DOUBT_AT,
    GROUP,
    IGNORANCE,
    KIND,
    KM,
    LOOKS,
    OWN,
    PLACE,
    SCHOOL_FEE,
    SHOWN,
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
    look: np.ndarray  # (column, slot) float32 what it sees of them
    luck: np.ndarray  # (family, slot) uint32 random bits of its taste
    worth: np.ndarray  # (family, slot) float32 utility, with taste after :func:`taste`
    rows: np.ndarray  # (family,) int64 which choosers look


def desk(slots: int, families: int = 1) -> Desk:
    """Room for ``families`` who each look at ``slots`` schools. ValueError unless they fill whole vectors."""
    if slots % LANES:
        raise ValueError(f"{slots} slots: schools are looked at {LANES} at a time; see abm.lanes.whole_vectors")
    shape = families, slots
    return Desk(
        np.zeros(slots, np.uint32), np.zeros((LOOKS, slots), np.float32), np.zeros(shape, np.uint32),
        np.zeros(shape, np.float32), np.arange(families),
    )  # fmt: skip


@inlined
def sight(look, k):
    """What stands in slot ``k`` of a ``look``."""
    private, theme, zone = parts_of(look[KIND, k])
    return Sight(
        look[OWN, k], look[WEAK, k], look[BELIEVED, k], look[COLOUR, k], look[SCHOOL_FEE, k], private, theme, zone,
        look[KM, k], look[ATTEND, k], look[DOUBT, k],
    )  # fmt: skip


@inlined
def gather(h, considered, who, view, room):
    """What chooser ``h`` sees of each considered school, into the look of ``room``; in an empty slot it is of no use."""
    schools, look, ways = room.schools, room.look, view.ways
    for k in range(schools.size):
        schools[k] = max(considered[h, k], np.int32(0))
    place, crowd, side = who.whole[h, PLACE], who.whole[h, CROWD], np.uint64(min(who.whole[h, GROUP], 1))
    records(view.school, schools, look)
    if ways.table.shape[0] > 0:
        pick(ways.table, place, schools, look, KM)
    else:
        for k in range(look.shape[1]):
            s = np.int32(schools[k])
            look[KM, k] = way(ways.table, ways.home, ways.site, ways.torus_km, ways.felt, ways.knee, place, s)
    if view.nearby.shape[0] > 0:
        pick(view.nearby, crowd, schools, look, ATTEND)
    else:
        for k in range(look.shape[1]):
            look[ATTEND, k] = heads_at(view.first, view.cell, view.heads, crowd, np.int32(schools[k]))
    everyone, ignorance = view.crowd[crowd], who.real[h, IGNORANCE]
    for k in range(look.shape[1]):
        look[OWN, k] = look[side, k]  # the shares of both sides come first
        look[ATTEND, k] = look[ATTEND, k] / everyone
        look[DOUBT, k] = ignorance
    if who.real.shape[1] > SHOWN:
        for k in range(look.shape[1]):
            look[DOUBT, k] = who.real[h, np.uint32(np.int32(look[DOUBT_AT, k]))]
