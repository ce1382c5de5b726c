"""Admission: who gets a place where, given ranked lists, priorities, a lottery and places.

``match`` is the entrance of the model: points only at the schools a student listed. ``admit`` takes a full matrix of
priorities, as the literature writes markets down; it gathers what is listed and calls the same kernels. The mechanisms
are in the files of this folder, one each; their shelf is ``MECHANISMS``. ``audit`` checks what they return.
"""

import difflib

import numpy as np

from abm.admission import checks
from abm.admission.audit import at_lists
from abm.admission.deferred_acceptance import deferred_acceptance
from abm.admission.immediate_acceptance import immediate_acceptance
from abm.admission.market import Market, Standing, build
from abm.admission.serial_dictatorship import serial_dictatorship
from abm.admission.top_trading_cycles import top_trading_cycles

__all__ = ["MECHANISMS", "Market", "admit", "match", "match_as_given"]

# A mechanism takes a Market and returns (student,) int32: the school of each student, -1 if none.
MECHANISMS = {
    "immediate_acceptance": immediate_acceptance,
    "deferred_acceptance": deferred_acceptance,
    "top_trading_cycles": top_trading_cycles,
    "serial_dictatorship": serial_dictatorship,
}


def admit(
    mechanism, lists, priorities, places, *, types=None, reserves=None, quotas=None, order="reserve_first", lottery=None
) -> np.ndarray:
    """School of each student, (student,) int32, -1 if none, from a full matrix of priorities.

    lists: (student, rank) schools, best first, padded with -1; a school left out is unacceptable.
    priorities: (student, school) numbers, higher first; None: all equal.
    places: (school,) whole numbers.
    types: (student,) whole numbers from 0; needed with reserves or quotas.
    reserves: (school, type) places kept for a type, open to others if unused (soft); -1 or None: none.
    quotas: (school, type) most students of a type at a school (hard); -1 or None: no limit.
    order: "reserve_first" or "open_first", which places are filled first (Dur, Kominers, Pathak and Sonmez 2018).
    lottery: breaks equal priorities, higher first: (student,) one number for all schools, (student, school) a number
        for each; None, or equal numbers: lower row first.

    Raises ValueError on bad input. Rows may stand in any order: only ties look at them.
    """
    function = _on_the_shelf(mechanism)
    places = checks.places(places)
    lists = checks.lists(lists, places.size)
    shape = (lists.shape[0], places.size)
    matrix = checks.classes("priorities", priorities, shape, "(student, school)")
    lottery = checks.lottery(lottery, shape, "(student, school)")
    points, draws = at_lists(lists, matrix), lottery
    if lottery is not None and lottery.ndim == 2:
        draws = at_lists(lists, lottery)
    market = build(lists, points, places, types, reserves, quotas, order, draws)
    if function is top_trading_cycles:  # the others never look at the priority of a student who does not apply
        schools = np.broadcast_to(np.arange(places.size, dtype=np.int32), shape)
        ties = np.zeros((0, 0), np.uint32) if draws is lottery else lottery
        market = market._replace(standing=Standing(schools, matrix, ties))
    return function(market)


def match(
    mechanism, lists, points, places, *, types=None, reserves=None, quotas=None, order="reserve_first", lottery=None
) -> np.ndarray:
    """School of each student, (student,) int32, -1 if none, from points at the listed schools only.

    points: (student, rank) int32 of 0 or more, the priority of the student at the school on that rank of its list;
        what stands behind a -1 is not read; None: all equal.
    lottery: (student,) one number for all schools, or (student, rank) a number for each listed school; uint32 is
        fastest, any number works; None, or equal numbers: lower row first.
    Everything else as in ``admit``.

    A school off a student's list counts, for top trading cycles, as 0 points with the student's one lottery number, or
    with lottery number 0 if each school draws its own (an assumption: ``admit`` takes the true priorities instead).
    """
    function = _on_the_shelf(mechanism)
    places = checks.places(places)
    lists = checks.lists(lists, places.size)
    points = checks.points(points, lists)
    lottery = checks.lottery(lottery, lists.shape, "(student, rank)")
    return function(build(lists, points, places, types, reserves, quotas, order, lottery))


def match_as_given(
    mechanism, lists, points, places, *, types=None, reserves=None, quotas=None, order="reserve_first", lottery=None
) -> np.ndarray:
    """As ``match`` for lists, points and a lottery known to be in order, as the model's own are: they are not checked."""
    places = places.astype(np.int32)
    return MECHANISMS[mechanism](build(lists, points, places, types, reserves, quotas, order, lottery))


def _on_the_shelf(mechanism):
    """The function of a mechanism's name."""
    if isinstance(mechanism, str) and mechanism in MECHANISMS:
        return MECHANISMS[mechanism]
    near = difflib.get_close_matches(str(mechanism), MECHANISMS, n=1, cutoff=0.4)
    remedy = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(MECHANISMS)}."
    raise ValueError(f"unknown mechanism {mechanism!r}: {remedy}")
