"""What families see of the schools they consider, school by school, gathered before any utility is worked out."""

from typing import NamedTuple

import numpy as np

from abm.compiled import inlined
from abm.nearby import heads_at
from abm.ranking import LANES
from abm.sight import (
    ATTEND,
    BELIEVED,
    COLOUR,
    CROWD,
    DOUBT,
    DOUBT_AT,
    GROUP,
    IGNORANCE,
    IS_PRIVATE,
    KM,
    LOOK_BELIEVED,
    LOOK_COLOUR,
    LOOK_DOUBT,
    LOOK_FEE,
    LOOK_PRIVATE,
    LOOK_THEME,
    LOOK_WEAK,
    LOOK_ZONE,
    LOOKS,
    NEARBY,
    OWN,
    PLACE,
    SCHOOL_FEE,
    SCHOOL_THEME,
    SCHOOL_ZONE,
    SHOWN,
    WEAK,
)  # fmt: skip
from abm.ways import way

TOGETHER = 16  # families scored at a time: enough to hide how long a logarithm takes, few enough for the nearest cache


class Sight(NamedTuple):
    """What a family sees of one school: a column of ``look``, in the order of its rows (:mod:`abm.sight`)."""

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
    """Room in which kernels look at the schools of a few families at a time; all slots are whole vectors of 16."""

    ids: np.ndarray  # (family + 1, slot) int32 schools of each family; the last row: those that ``look`` shows
    look: np.ndarray  # (column, slot) float32 what the present family sees
    luck: np.ndarray  # (family, slot) uint32 random bits of its taste
    worth: np.ndarray  # (family, slot) float32 utility, with taste after :func:`taste`
    rows: np.ndarray  # (family,) int64 which choosers look
    last: np.ndarray  # (2,) int64 PLACE and GROUP of the family whose look stands in ``look``


def desk(slots: int, families: int = 1) -> Desk:
    """Room for ``families`` who each look at ``slots`` schools."""
    shape = families, -(-slots // LANES) * LANES
    ids = np.full((families + 1, shape[1]), -1, np.int32)
    return Desk(
        ids, np.zeros((LOOKS, shape[1]), np.float32), np.zeros(shape, np.uint32), np.zeros(shape, np.float32),
        np.arange(families), np.full(2, -1),
    )  # fmt: skip


@inlined
def forget(room):
    """Have all schools looked at anew: the family is of another place or group than the last, or the schools changed."""
    room.last[0] = -1
    for k in range(room.ids.shape[1]):
        room.ids[room.ids.shape[0] - 1, k] = -1


@inlined
def gather(h, considered, who, view, room, row):
    """What chooser ``h`` sees of each considered school, into the look of ``room``; its schools into ids at ``row``.

    What families of one place and group see alike stays from one to the next, unless told to :func:`forget`.
    """
    if who.whole[h, PLACE] != room.last[0] or who.whole[h, GROUP] != room.last[1]:
        forget(room)
        room.last[0], room.last[1] = who.whole[h, PLACE], who.whole[h, GROUP]
    ids, look, school, ways = room.ids, room.look, view.school, view.ways
    seen, new = ids.shape[0] - 1, np.int32(0)
    for k in range(considered.shape[1]):
        s = considered[h, k]
        ids[row, k] = s
        new |= np.int32(s >= 0) & np.int32(s != ids[seen, k])
    if new != 0:
        place, side, crowd = who.whole[h, PLACE], min(who.whole[h, GROUP], 1), who.whole[h, CROWD]
        for k in range(considered.shape[1]):
            s = considered[h, k]
            if s >= 0 and s != ids[seen, k]:
                ids[seen, k] = s
                look[OWN, k] = school[s, side]
                look[LOOK_WEAK, k] = school[s, WEAK]
                look[LOOK_BELIEVED, k] = school[s, BELIEVED]
                look[LOOK_COLOUR, k] = school[s, COLOUR]
                look[LOOK_FEE, k] = school[s, SCHOOL_FEE]
                look[LOOK_PRIVATE, k] = school[s, IS_PRIVATE]
                look[LOOK_THEME, k] = school[s, SCHOOL_THEME]
                look[LOOK_ZONE, k] = school[s, SCHOOL_ZONE]
                look[LOOK_DOUBT, k] = school[s, DOUBT_AT]
                look[KM, k] = way(ways.table, ways.home, ways.site, ways.torus_km, ways.felt, ways.knee, place, s)
                attend = heads_at(view.first, view.cell, view.heads, crowd, s)
                look[ATTEND, k] = attend / who.real[h, NEARBY]
    for k in range(look.shape[1]):
        look[DOUBT, k] = who.real[h, IGNORANCE]
    if who.real.shape[1] > SHOWN:
        for k in range(considered.shape[1]):
            look[DOUBT, k] = who.real[h, np.uint32(np.int32(look[LOOK_DOUBT, k]))]
