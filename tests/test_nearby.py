"""Who goes where nearby: the table and the sparse one against plain counting; and how families pick from a table."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from numba.core import errors

from abm import lanes
from abm import nearby as nearby_module
from abm.compiled import in_place, kernel
from abm.model import SchoolChoiceModel
from abm.nearby import heads_at, most_attended, nearby
from tests.builders import differences, scenario

AREAS, GROUPS, SCHOOLS = 7, 3, 400


@kernel
def _look_up(first, cell, heads, cells, schools):
    out = np.empty((cells, schools), np.float32)
    for i in range(cells):
        for s in range(schools):
            out[i, s] = heads_at(first, cell, heads, i, s)
    return out


def people(pupils):
    """Pupils at some of the schools, two address points to an area; nobody lives in the last."""
    rng = np.random.default_rng(5)
    school = rng.choice(np.append(np.arange(0, SCHOOLS, 16), [-1, SCHOOLS - 1]), pupils).astype(np.int32)
    table = SimpleNamespace(
        school=school,
        group=rng.integers(0, GROUPS, pupils).astype(np.int8),
        place=rng.integers(0, 2 * (AREAS - 1), pupils).astype(np.int32),
    )
    return table, SimpleNamespace(place_area=np.repeat(np.arange(AREAS, dtype=np.int32), 2), area_names=("",) * AREAS)


def crowd(pupils=600, most=0):
    """The neighbours of some pupils, sparse unless told, and (area, group, school) heads counted plainly."""
    table, city = people(pupils)
    dense = np.zeros((AREAS, GROUPS, SCHOOLS))
    there = table.school >= 0
    np.add.at(dense, (city.place_area[table.place[there]], table.group[there], table.school[there]), 1)
    return nearby(table, city, GROUPS, SCHOOLS, most), dense


def test_the_sparse_table_holds_what_counting_gives():
    cells, dense = crowd()
    assert _look_up(*cells[1:4], AREAS * GROUPS, SCHOOLS).reshape(dense.shape).tolist() == dense.tolist()
    assert cells.total.tolist() == dense.sum(axis=2).ravel().tolist()
    nobody, _ = crowd(0)
    assert _look_up(*nobody[1:4], AREAS * GROUPS, SCHOOLS).sum() == 0


def test_the_table_of_all_schools_holds_the_same():
    cells, dense = crowd(most=AREAS * GROUPS * SCHOOLS)
    assert cells.table.reshape(dense.shape).tolist() == dense.tolist()
    assert cells.total.tolist() == dense.sum(axis=2).ravel().tolist()
    assert crowd(most=AREAS * GROUPS * SCHOOLS - 1)[0].table.size == 0


def test_the_order_of_pupils_leaves_no_trace():
    table, city = people(600)
    cells = nearby(table, city, GROUPS, SCHOOLS, 0)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(table.school.size)
        mixed = nearby(SimpleNamespace(**{k: v[order] for k, v in vars(table).items()}), city, GROUPS, SCHOOLS, 0)
        assert all((a == b).all() for a, b in zip(cells, mixed, strict=True))


@pytest.mark.parametrize("most", [0, AREAS * GROUPS * SCHOOLS])
def test_the_most_attended_open_schools_come_first_and_equals_by_number(most):
    cells, dense = crowd(most=most)
    is_open = np.random.default_rng(6).random(SCHOOLS) < 0.7
    found = most_attended(cells, is_open, AREAS, 4)
    for a in range(AREAS):
        for g in range(GROUPS):
            heads = dense[a, g] * is_open
            order = [int(s) for s in np.argsort(-heads, kind="stable")[:4] if heads[s] > 0]
            assert found[a, g].tolist() == order + [-1] * (4 - len(order))


def columns(pages):
    """(column, slot) of ``pages`` (page, place), as :func:`abm.lanes.place` has them."""
    return np.concatenate([page.reshape(-1, 16) for page in pages], axis=1)


@in_place
def _pick(table, row, which, out, c):
    lanes.pick(table, row, which, out, c)


@in_place
def _records(table, which, out):
    lanes.records(table, which, out)


@pytest.mark.parametrize("slots", [16, 48])
def test_what_is_picked_by_vectors_is_what_plain_looking_up_finds(slots):
    rng = np.random.default_rng(slots)
    table = rng.random((3, 21), np.float32)
    for h in range(5):
        which = rng.integers(0, 21, slots).astype(np.uint32)
        found, wanted = np.full((2, slots // 16, 4 * 16), 7, np.float32)
        for look_up in (_pick, lanes.pick):
            look_up(table, h % 3, which, found if look_up is _pick else wanted, 1 + h % 2)
        assert (found == wanted).all() and (columns(found)[[0, 3]] == 7).all()
        assert columns(found)[1 + h % 2].tolist() == table[h % 3, which].tolist()


@pytest.mark.parametrize("slots", [16, 48])
def test_records_read_by_vectors_are_those_that_plain_looking_up_finds(slots):
    rng = np.random.default_rng(slots)
    table, which = rng.random((21, 8), np.float32), rng.integers(0, 21, slots).astype(np.uint32)
    found, wanted = np.full((2, slots // 16, 10 * 16), 7, np.float32)
    _records(table, which, found)
    lanes.records(table, which, wanted)
    assert (found == wanted).all() and (columns(found)[8:] == 7).all()
    assert columns(found)[:8].T.tolist() == table[which].tolist()


@in_place
def _fill(out, page, c, number):
    lanes.fill(out, page, c, number)


@in_place
def _strange(which, row, a, known):
    return lanes.strange(which, row, a, known)


def test_schools_not_known_yet_are_found_by_vectors_as_by_plain_python():
    known = np.array([0, *range(1, 32)], np.uint32)
    which = np.stack([np.where(np.arange(32) % 3, known.astype(np.int32), -1)] * 3)
    which[1, [16, 20, 31]] = [7, 5, 0]
    for row, wanted in ((0, 0), (1, 1 << 0 | 1 << 4 | 1 << 15), (2, 0)):
        assert _strange(which, row, 16, known) == lanes.strange(which, row, 16, known) == wanted
    assert _strange(which, 1, 0, known) == 0


@in_place
def _seats(which, row, a, out):
    lanes.seats(which, row, a, out)


def test_a_column_filled_and_seats_counted_from_0_by_vectors_are_those_of_plain_python():
    rng = np.random.default_rng(9)
    found, wanted = np.full((2, 3, 4 * 16), 7, np.float32)
    which = rng.integers(-1, 9, (3, 48)).astype(np.int32)
    seated, plain = np.full((2, 48), 7, np.uint32)
    _fill(found, 1, 2, np.float32(0.3))
    lanes.fill(wanted, 1, 2, np.float32(0.3))
    _seats(which, 2, 16, seated)
    lanes.seats(which, 2, 16, plain)
    assert (found == wanted).all() and (seated == plain).all()
    assert (columns(found)[2, 16:32] == np.float32(0.3)).all() and (found == 7).sum() == found.size - 16
    assert seated[16:32].tolist() == np.maximum(which[2, 16:32], 0).tolist() and (seated == 7).sum() >= 32


@in_place
def _alike(which, row, a, s):
    return lanes.alike(which, row, a, s)


@in_place
def _keep(which, row, a, bits, out, h, b):
    lanes.keep(which, row, a, bits, out, h, b)


def test_comparing_and_keeping_by_vectors_is_what_plain_python_does():
    which = np.random.default_rng(4).integers(-1, 6, (3, 48)).astype(np.int32)
    for row, a, s in itertools.product(range(3), (0, 16, 32), range(-1, 6)):
        bits = _alike(which, row, a, s)
        assert bits == lanes.alike(which, row, a, s)
        assert [bits >> k & 1 for k in range(16)] == (which[row, a : a + 16] == s).tolist()
        found, wanted = np.full((2, 2, 64), 9, np.int32)
        _keep(which, row, a, bits, found, 1, 16)
        lanes.keep(which, row, a, bits, wanted, 1, 16)
        assert (found == wanted).all() and (found[0] == 9).all()
        assert found[1].tolist() == [9] * 16 + [s if x == s else -1 for x in which[row, a : a + 16]] + [9] * 32


def test_arrays_that_do_not_stand_row_by_row_are_refused():
    turned = np.asfortranarray(np.zeros((16, 16), np.int32))
    with pytest.raises(errors.TypingError, match="row by row"):
        _alike(turned, 0, 0, 0)
    assert lanes.in_whole_vectors(turned, 16).flags.c_contiguous
    assert lanes.in_whole_vectors(turned[:, :3], 3).flags.c_contiguous


def test_slots_are_filled_up_to_whole_vectors():
    assert [lanes.whole_vectors(n) for n in (0, 1, 16, 17)] == [0, 16, 16, 32]
    row = np.arange(20, dtype=np.int32)[None]
    assert lanes.in_whole_vectors(row, 16) is row
    assert lanes.in_whole_vectors(row, 17).tolist() == [[*range(20), *[-1] * 12]]
    assert lanes.with_more(np.zeros((2, 16), np.int32))[:, 16:].tolist() == [[-1] * 16] * 2


def test_a_year_is_the_same_to_the_bit_by_the_table_and_by_cells(monkeypatch):
    config = scenario("classroom")
    years = []
    for most in (nearby_module.MOST_CELLS, 0):
        monkeypatch.setattr(nearby_module, "MOST_CELLS", most)
        model = SchoolChoiceModel(config, 4, collect=False)
        model.step()
        model.step()
        assert (model.world.round.neighbours.table.size > 0) == (most > 0)
        years.append(model)
    table, cells = years
    assert differences(table.world.households, cells.world.households) == []
    assert differences(table.world.schools, cells.world.schools) == []
    assert dict(table.indicators) == dict(cells.indicators)
