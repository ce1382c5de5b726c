"""Who goes where nearby: the sparse table against plain counting."""

from types import SimpleNamespace

import numpy as np

from abm.compiled import kernel
from abm.nearby import heads_at, most_attended, nearby

AREAS, GROUPS, SCHOOLS = 7, 3, 400


@kernel
def _look_up(first, cell, heads, cells, schools):
    out = np.empty((cells, schools), np.float32)
    for i in range(cells):
        for s in range(schools):
            out[i, s] = heads_at(first, cell, heads, i, s)
    return out


def crowd(pupils=600, order=slice(None)):
    rng = np.random.default_rng(5)
    school = rng.choice(np.append(np.arange(0, SCHOOLS, 16), [-1, SCHOOLS - 1]), pupils).astype(np.int32)
    table = SimpleNamespace(
        school=school,
        group=rng.integers(0, GROUPS, pupils).astype(np.int8),
        place=rng.integers(0, 2 * (AREAS - 1), pupils).astype(np.int32),  # nobody lives in the last area
    )
    table = SimpleNamespace(**{name: column[order] for name, column in vars(table).items()})
    school = table.school
    city = SimpleNamespace(place_area=np.repeat(np.arange(AREAS, dtype=np.int32), 2), area_names=("",) * AREAS)
    dense = np.zeros((AREAS, GROUPS, SCHOOLS))
    there = school >= 0
    np.add.at(dense, (city.place_area[table.place[there]], table.group[there], school[there]), 1)
    return nearby(table, city, GROUPS), dense


def test_the_sparse_table_holds_what_counting_gives():
    cells, dense = crowd()
    assert _look_up(*cells[:3], AREAS * GROUPS, SCHOOLS).reshape(dense.shape).tolist() == dense.tolist()
    assert cells.total.tolist() == dense.sum(axis=2).ravel().tolist()
    nobody, _ = crowd(0)
    assert _look_up(*nobody[:3], AREAS * GROUPS, SCHOOLS).sum() == 0


def test_the_most_attended_open_schools_come_first_and_equals_by_number():
    cells, dense = crowd()
    is_open = np.random.default_rng(6).random(SCHOOLS) < 0.7
    found = most_attended(cells, is_open, AREAS, 4)
    for a in range(AREAS):
        for g in range(GROUPS):
            heads = dense[a, g] * is_open
            order = [int(s) for s in np.argsort(-heads, kind="stable")[:4] if heads[s] > 0]
            assert found[a, g].tolist() == order + [-1] * (4 - len(order))


def test_the_order_of_pupils_leaves_no_trace():
    straight, _ = crowd()
    for seed in range(5):
        mixed, _ = crowd(order=np.random.default_rng(seed).permutation(600))
        assert all((a == b).all() for a, b in zip(straight, mixed, strict=True))


def test_there_are_few_cells():
    """More than twice as many as schools attended, and no more than four times and two."""
    cells, dense = crowd()
    attended = (dense > 0).sum(axis=2).ravel()
    size = np.diff(cells.first)
    assert ((size > 2 * attended) & (size <= 4 * attended + 2)).all()
