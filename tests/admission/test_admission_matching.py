"""Deferred acceptance against the package ``matching`` (Wilde, Knight and Gillard 2020)."""

import numpy as np
import pytest

from abm.admission import admit
from tests.admission.markets import random_market

games = pytest.importorskip("matching.games")


def by_package(lists, priorities, places):
    """(student,) schools by ``matching``: resident-optimal, ties broken by row; it wants strict rankings of names."""
    takers = {s: [h for h in range(len(lists)) if s in lists[h]] for s in range(len(places)) if places[s]}
    takers = {s: sorted(some, key=lambda h: (-priorities[h, s], h)) for s, some in takers.items() if some}
    wishes = {h: [s for s in row if s in takers] for h, row in enumerate(lists.tolist())}
    school = np.full(len(lists), -1)
    game = games.HospitalResident.create_from_dictionaries(
        {f"h{h}": [f"s{s}" for s in row] for h, row in wishes.items() if row},
        {f"s{s}": [f"h{h}" for h in some] for s, some in takers.items()},
        {f"s{s}": int(places[s]) for s in takers},
    )
    for hospital, residents in game.solve(optimal="resident").items():
        for resident in residents:
            school[int(resident.name[1:])] = int(hospital.name[1:])
    return school


def test_deferred_acceptance_is_that_of_the_package():
    compared = 0
    for seed in range(150):
        lists, priorities, places, _ = random_market(seed, plain=True)
        if not ((lists >= 0) & (places[np.maximum(lists, 0)] > 0)).any():
            continue
        compared += 1
        expected = by_package(lists, priorities, places)
        assert admit("deferred_acceptance", lists, priorities, places).tolist() == expected.tolist(), f"seed {seed}"
    assert compared > 100
