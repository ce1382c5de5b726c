"""A market as the mechanisms see it: checked arrays of fixed types, and one strict order of merit at every school.

Merit is one uint64: (points, lottery number of that school, position), higher first. With one lottery for all schools
the position is the place in the lottery's order and no other number is needed; if every school draws its own, the
position is the row, which then decides between equal numbers. Since positions differ, no two merits are equal, and the
lowest bits of a merit say whose it is.
"""

from typing import NamedTuple

import numpy as np

from abm.admission import checks
from abm.compiled import in_place, inlined, kernel

NO_TIES = np.zeros((0, 0), np.uint32)
NOBODY = np.uint64(0xFFFFFFFFFFFFFFFF)  # a merit that none has


class Standing(NamedTuple):
    """Where students have priorities, whether they listed the school or not."""

    schools: np.ndarray  # (student, entry) int32 school, -1 none
    points: np.ndarray  # (student, entry) int32
    ties: np.ndarray  # (student, entry) uint32, or (0, 0)


class Market(NamedTuple):
    """Students, schools and rules of one round of admission."""

    lists: np.ndarray  # (student, rank) int32 school, -1 behind the end
    points: np.ndarray  # (student, rank) int32, 0 or more
    ties: np.ndarray  # (student, rank) uint32 lottery number at that school; (0, 0) with one lottery for all
    order: np.ndarray  # (position,) int32 student: the lottery's order, or the rows'
    places: np.ndarray  # (school,) int32
    types: np.ndarray  # (student,) int32
    reserves: np.ndarray  # (school, type) int32 places, 0 if none
    quotas: np.ndarray  # (school, type) int32 students, the number of all students if none
    open_first: bool
    constrained: bool  # whether any reserve or quota can bind
    single: bool  # whether there is one lottery for all schools
    standing: Standing | None = None  # None: as on the lists, and no points elsewhere
    behind: np.ndarray | None = None  # (student,) uint32 how many stand behind in ``order``, where that is known

    @property
    def bits(self) -> int:
        """Bits of a position."""
        return position_bits(self.order.size)

    @property
    def opens(self) -> np.ndarray:
        """(school,) int32 places that are not reserved."""
        return self.places - self.reserves.sum(axis=1, dtype=np.int32)

    @property
    def turn(self) -> np.ndarray:
        """(student,) uint32 lowest part of every merit: how many students stand behind this one in ``order``."""
        return _turns(self.order) if self.behind is None else self.behind

    @property
    def held_from(self) -> np.ndarray:
        """(school + 1,) int64: where each school's held students stand: at most its places, or its listers."""
        held = np.minimum(self.places.astype(np.int64), self.order.size)
        if held.sum() > 4 * self.order.size:  # places without limit: counting the demand saves memory
            listed = self.lists[self.lists >= 0]
            held = np.minimum(held, np.bincount(listed, minlength=self.places.size))
        out = np.zeros(held.size + 1, np.int64)
        np.cumsum(held, out=out[1:])
        return out


def build(lists, points, places, types, reserves, quotas, order, lottery) -> Market:
    """The market of checked ``lists``, ``points``, ``places`` and ``lottery``, the rest as given to ``admit``."""
    students, schools = lists.shape[0], places.size
    ruled = reserves is not None or quotas is not None
    turn, behind = lottery_order(lottery, students)
    types = checks.types(types, students, reserves, quotas)
    reserves = checks.by_type("reserves", reserves, schools, types)
    quotas = checks.by_type("quotas", quotas, schools, types)
    columns = max(table.shape[1] for table in (reserves, quotas) if table is not None) if ruled else 1
    reserves = _table(reserves, schools, max(1, columns), 0)
    quotas = _table(quotas, schools, max(1, columns), students)
    if ruled:
        checks.reserves_fit(reserves, places)
    single = lottery is None or lottery.ndim == 1
    points, ties = (points, NO_TIES) if single else fit_in_64_bits(points, lottery, students)
    return Market(
        lists=lists,
        points=points,
        ties=ties,
        order=turn,
        places=places,
        types=types,
        reserves=reserves,
        quotas=quotas,
        open_first=checks.order(order),
        constrained=ruled and bool((reserves > 0).any() or (quotas < students).any()),
        single=single,
        behind=behind,
    )


def _table(values, schools, columns, none) -> np.ndarray:
    """(school, type) int32 with ``none`` where nothing is said."""
    table = np.full((schools, columns), none, np.int32)
    if values is not None:
        given = table[:, : values.shape[1]]
        np.copyto(given, values, where=values >= 0)
    return table


def lottery_order(lottery, students) -> tuple[np.ndarray, np.ndarray | None]:
    """(position,) int32: students by their one lottery number, higher first, equal ones by row.

    And the numbers if they are 0 to students - 1, each once, which say how many stand behind; else None.
    """
    if lottery is None or lottery.ndim == 2 or students == 0:
        return np.arange(students, dtype=np.int32), None
    if lottery.dtype == np.uint32:
        order = np.full(students, -1, np.int32)
        if _order_of_places(lottery, order):
            return order, lottery
        # sorting packed numbers is several times faster than sorting indices
        packed = (~lottery).astype(np.uint64) << np.uint64(32) | np.arange(students, dtype=np.uint64)
        packed.sort()
        return (packed & np.uint64(0xFFFFFFFF)).astype(np.int32), None
    upwards = np.argsort(lottery[::-1], kind="stable")
    return (students - 1 - upwards[::-1]).astype(np.int32), None


def position_bits(students) -> int:
    """Bits that hold every position of ``students``."""
    return max(1, int(students - 1).bit_length())


def fit_in_64_bits(points, ties, students) -> tuple[np.ndarray, np.ndarray]:
    """Points and lottery numbers of the same order that fit, with the position, in 64 bits; zeros stay zeros."""
    highest = int(points.max()) if points.size else 0
    if highest.bit_length() + 32 + position_bits(students) <= 64:
        return points, ties
    both = points.astype(np.uint64) << np.uint64(32) | ties
    rank = np.unique(np.append(np.uint64(0), both.ravel()), return_inverse=True)[1][1:].reshape(both.shape)
    return (rank >> 32).astype(np.int32), (rank & 0xFFFFFFFF).astype(np.uint32)


@inlined
def merit_at(points, ties, h, r, turn, bits):
    """uint64 merit of student ``h`` at the school on rank ``r`` of its list; ``turn`` is its lowest part."""
    value = np.uint64(points[h, r])
    if ties.size:
        value = (value << np.uint64(32)) | np.uint64(ties[h, r])
    return (value << np.uint64(bits)) | np.uint64(turn)


@kernel
def _turns(order):
    out = np.empty(order.size, np.uint32)
    for i in range(order.size):
        out[order[i]] = order.size - 1 - i
    return out


@in_place
def _order_of_places(lottery, order):
    """Students by falling lottery number into ``order``, all -1, if the numbers are 0 to students - 1, each once; whether they are."""
    for h in range(lottery.size):
        place = lottery.size - 1 - np.int64(lottery[h])
        if place < 0 or order[place] >= 0:
            return False
        order[place] = h
    return True
