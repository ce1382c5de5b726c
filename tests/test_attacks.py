"""The fast kernels under hostile input, against plain Python: tables of neighbours, siblings, slots, ranks, looks."""

import itertools
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm import choice
from abm.choice import _rank
from abm.compiled import kernel
from abm.config.declare import ScenarioError
from abm.considering import _consider
from abm.households import LATE_MARK, MOST_IN_ID, pack
from abm.kinship import sibling_schools, together
from abm.lanes import RECORD, in_whole_vectors, whole_vectors
from abm.looking import desk
from abm.nearby import heads_at, most_attended, nearby
from abm.ranking import rank
from abm.residents import populate
from abm.sight import DOUBT_AT, KIND, LOGIT, LOOKS, SHOWN, Chooser, Scene, Settings, kind_of
from abm.ways import straight_ways
from tests.builders import STATE, blueprint, hand_config
from tests.reference import randomness as rnd
from tests.reference.choice import gumbel

HUGE, TINY = 2**31 - 1, float(np.float32(1e-45))


@kernel
def _look_up(first, cell, heads, rows, schools):
    out = np.empty(rows.size, np.float32)
    for i in range(rows.size):
        out[i] = heads_at(first, cell, heads, rows[i], schools[i])
    return out


@st.composite
def crowds(draw):
    """Pupils by (area, group, school): some schools at the far end of the numbers, some areas without anybody."""
    areas, groups = draw(st.integers(1, 5)), draw(st.integers(1, 64))
    school = st.one_of(st.integers(-1, 40), st.integers(HUGE - 3, HUGE), st.integers(0, HUGE))
    one = st.tuples(st.integers(0, areas - 1), st.integers(0, groups - 1), school)
    return areas, groups, draw(st.lists(one, max_size=300))


def counted(areas, groups, pupils):
    area, group, school = np.array(pupils, np.int64).reshape(-1, 3).T
    table = SimpleNamespace(school=school.astype(np.int32), group=group.astype(np.int8), place=area.astype(np.int32))
    city = SimpleNamespace(place_area=np.arange(areas, dtype=np.int32), area_names=("",) * areas)
    return nearby(table, city, groups, HUGE, 0)


@settings(max_examples=60)
@given(crowds(), st.randoms(use_true_random=False))
def test_neighbours_are_counted_whatever_the_numbers_and_in_whatever_order(crowd, chance):
    """Each (area, group, school) as often as it stands there; schools nobody attends 0; the table the same to the byte."""
    areas, groups, pupils = crowd
    cells, wanted = counted(areas, groups, pupils), Counter(p for p in pupils if p[2] >= 0)
    asked = [*wanted, *((a, g, s) for a, g, _ in pupils[:5] for s in (0, 7, HUGE))] or [(0, 0, 0)]
    rows = np.array([a * groups + g for a, g, _ in asked])
    found = _look_up(cells.first, cells.school, cells.heads, rows, np.array([s for *_, s in asked], np.int32))
    assert found.tolist() == [wanted[key] for key in asked]
    assert cells.total.sum() == sum(wanted.values())
    mixed = list(pupils)
    chance.shuffle(mixed)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(cells, counted(areas, groups, mixed), strict=True))


def test_a_crowded_area_has_all_its_schools():
    """One area, 70,000 pupils, 5,000 schools, a multiple of 256 apart so that the spread has least to go by."""
    school = np.random.default_rng(1).integers(0, 5000, 70_000) * 256
    cells = counted(1, 1, [(0, 0, int(s)) for s in school])
    asked = np.arange(5000, dtype=np.int32) * 256
    found = _look_up(cells.first, cells.school, cells.heads, np.zeros(5000, np.int64), asked)
    assert found.tolist() == np.bincount(school // 256, minlength=5000).tolist()
    is_open = np.ones(asked[-1] + 1, bool)
    top = most_attended(cells, is_open, 1, 60)[0, 0].tolist()
    assert top == sorted(asked.tolist(), key=lambda s: (-found[s // 256], s))[:60]
    assert most_attended(cells, ~is_open, 1, 3).tolist() == [[[-1] * 3]]
    assert most_attended(cells, is_open, 1, 0).shape == (1, 1, 0)


def pupils_of(rows):
    """(id, family, school) columns of rows (family number, gap, school)."""
    first = np.array([pack(1, 2, 0, 1, number) for number, _, _ in rows], np.int64)
    own = np.array([pack(1 + gap, 2, gap, 1, number) for number, gap, _ in rows], np.int64)
    family = np.where([gap == LATE_MARK for _, gap, _ in rows], own, first)
    return SimpleNamespace(id=own, family=family, school=np.array([school for *_, school in rows], np.int32))


member = st.tuples(st.integers(0, 40), st.sampled_from([0, 0, 1, 2, 4, LATE_MARK]), st.integers(-1, 9))


@given(st.lists(member, max_size=120, unique_by=lambda row: row[:2]), st.data())
def test_siblings_as_by_looking_through_all(rows, data):
    """Some have several younger children here, some none, some an elder who has left or has no school; any part chooses."""
    everyone = pupils_of(rows)
    who = np.array(data.draw(st.lists(st.sampled_from(range(len(rows))), unique=True)) if rows else [], np.int64)
    choosing = SimpleNamespace(id=everyone.id[who], family=everyone.family[who])
    wanted = []
    for h in who:
        elder = [i for i in range(len(rows)) if everyone.id[i] == everyone.family[h] and i != h]
        wanted.append(int(everyone.school[elder[0]]) if elder else -1)
    assert sibling_schools(everyone, choosing).tolist() == wanted


@given(st.lists(st.integers(0, 6), max_size=60))
def test_equals_stay_together_as_they_stood(numbers):
    order = together(np.array(numbers, np.int64), 7)
    assert order.tolist() == sorted(range(len(numbers)), key=lambda i: numbers[i])


@st.composite
def towns(draw):
    """What _consider is given: a few places and schools, few of them open, all roles falling together at will."""
    schools, places, groups = draw(st.integers(1, 9)), draw(st.integers(1, 3)), 2
    some = st.integers(-1, schools - 1)
    is_open = np.array(draw(st.lists(st.booleans(), min_size=schools, max_size=schools)))
    nearest = [draw(st.permutations(np.flatnonzero(is_open).tolist())) for _ in range(places)]
    family = st.tuples(st.integers(0, places - 1), st.integers(0, groups - 1), st.integers(1, 12), some, some, some)
    used = st.lists(some, min_size=2, max_size=2)
    return SimpleNamespace(
        is_open=is_open, nearest=np.array(nearest, np.int32), most=draw(st.integers(1, 6)),
        network=np.array([[draw(used) for _ in range(groups)] for _ in range(places)], np.int32),
        flagship=np.array(draw(st.lists(some, max_size=2)), np.int32),
        local=np.array(draw(st.lists(some, min_size=places, max_size=places)), np.int32),
        families=draw(st.lists(family, max_size=12)),
    )  # fmt: skip


def slots(town, families, room):
    """(family, slot) as _consider fills them, in the order of ``families``."""
    place, group, near, sibling, *heard = np.array(families, np.int64).reshape(-1, 6).T
    most = min(town.most, town.nearest.shape[1])
    out = np.full((len(families), whole_vectors(room)), -1, np.int32)
    _consider(
        place.astype(np.int32), group.astype(np.int8), np.arange(len(town.local), dtype=np.int32), near, most,
        in_whole_vectors(town.nearest, most), town.network, town.flagship, town.local, sibling.astype(np.int32),
        np.stack(heard, 1).astype(np.int32), town.is_open, out, np.empty(out.shape[1], np.int32),
    )  # fmt: skip
    return out


@settings(max_examples=60)
@given(towns(), st.randoms(use_true_random=False))
def test_what_is_considered_whatever_falls_together(town, chance):
    """The set of schools as in plain sets, none twice, none closed; each slot the same in any order of the families."""
    room = town.most + 2 + 2 + town.flagship.size + 2
    families = sorted(town.families)
    out = slots(town, families, room)
    for row, (place, group, near, *told) in zip(out.tolist(), families, strict=True):
        known = {*town.network[place, group], *town.flagship, town.local[place], *told} - {-1}
        wanted = {s for s in known if town.is_open[s]} | set(town.nearest[place, : min(near, town.most)].tolist())
        assert sorted(s for s in row if s >= 0) == sorted(wanted)
    mixed = list(range(len(families)))
    chance.shuffle(mixed)
    assert slots(town, [families[i] for i in mixed], room).tolist() == [out[i].tolist() for i in mixed]


def test_more_is_heard_of_than_there_are_slots():
    """What no longer fits is left out; nothing is written past the row."""
    town = SimpleNamespace(
        is_open=np.ones(18, bool), nearest=np.arange(18, dtype=np.int32)[None], most=13, network=np.full((1, 1, 0), -1, np.int32),
        flagship=np.array([14], np.int32), local=np.array([13], np.int32),
    )  # fmt: skip
    near, far = slots(town, [(0, 0, 99, 17, 16, 1), (0, 0, 1, 16, 17, 1)], 16).tolist()
    assert (near, far) == ([*range(13), 14, 13, 17], [0, *[-1] * 12, 14, 13, 16])


@kernel
def _ranks(worth):
    keys, ranks = np.zeros(worth.shape, np.int32), np.zeros(worth.shape, np.int32)
    for row in range(worth.shape[0]):
        rank(worth, keys, ranks, row)
    return ranks


FLOATS = st.one_of(st.floats(width=32, allow_nan=False), st.sampled_from([0.0, -0.0, np.inf, -np.inf, TINY, -TINY]))


@settings(max_examples=40)
@given(st.lists(FLOATS, min_size=48, max_size=48))
def test_ranks_of_any_numbers_are_those_of_a_stable_sort(worth):
    """Also of infinite and the very smallest ones; equals by slot, over three vectors."""
    order = sorted(range(48), key=lambda k: -worth[k])
    assert _ranks(np.array([worth], np.float32))[0, order].tolist() == list(range(48))


@given(st.lists(st.integers(0, 2**32 - 2), min_size=16, max_size=16))
def test_any_bits_are_ranked_once_each(bits):
    """Even of what is not a number: every slot gets a rank of its own, so that no school is listed twice or lost.

    All bits set, which no sum or product gives, would be lower than the lowest by one and is left out.
    """
    assert sorted(_ranks(np.array([bits], np.uint32).view(np.float32))[0].tolist()) == list(range(16))


OPTIONS = Settings(np.int64(LOGIT), np.int64(0), *np.float32([9, 0, 0, 1, 1, 1]), True, np.float32(0))


def square(considered, place, zone, key, table=True, schools=5):
    """Lists by ``_rank`` of families with these rows of ways, zones and keys of taste; only distance and zone count."""
    families = len(place)
    rng = np.random.default_rng(8)
    ways = straight_ways(rng.random((4, 2)), rng.random((schools, 2)), 0.0)
    plain = ways.whole()
    ways = ways if table else ways._replace(table=np.empty((0, 0), np.float32))
    weights = np.zeros((2, 11), np.float32)
    weights[:, 0], weights[:, 8] = -1, 2
    look = np.zeros((schools, RECORD), np.float32)
    look[:, KIND], look[:, DOUBT_AT] = kind_of(-1, False, np.arange(schools) % 2), 3
    nobody = np.zeros((1, schools if table else 0), np.float32)[: schools if table else 0]
    view = Scene(
        ways, look, nobody, np.array([0, 1], np.int64), np.array([-1], np.int32), *np.ones((2, 1), np.float32), weights
    )
    whole = np.zeros((families, 5), np.int32)
    whole[:, 0], whole[:, 3], whole[:, 4] = place, zone, -1
    real = np.ones((families, SHOWN), np.float32)
    who = Chooser(whole, real, np.array([[0, 0, k] for k in key], np.uint32).reshape(-1, 3))
    known = np.array(considered, np.int32).reshape(families, np.shape(considered)[1])
    considered = np.full((families, whole_vectors(known.shape[1])), -1, np.int32)
    considered[:, : known.shape[1]] = known
    lists, favourite = np.full(known.shape, -1, np.int32), np.full(families, -1, np.int32)
    room, none = desk(considered.shape[1], 4), np.full(families, -1, np.int32)
    assert room.look.shape == (considered.shape[1] // 16, 16 * LOOKS)
    with np.errstate(over="ignore"):
        _rank(
            considered, who, view, OPTIONS, np.zeros(families, bool), np.zeros(schools, np.float32), none,
            np.zeros(families, np.float32), lists, favourite, room, *np.zeros((2, *room.worth.shape), np.int32),
            np.zeros(room.worth.shape[1], np.int32),
        )  # fmt: skip
    worth = [
        {s: -plain[p, s] + 2 * (z == s % 2) + gumbel(rnd.bits(k, s)) for s in row if s >= 0}
        for row, p, z, k in zip(considered.tolist(), place, zone, key, strict=True)
    ]
    return lists, favourite, worth


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("width", [1, 16, 17, 33, 48])
def test_families_look_each_for_itself(width, table):
    """Of one place and group but other zones, considered schools and keys; rows of ways (tickets) that come and go in turn."""
    rng = np.random.default_rng(width)
    schools = 60
    considered = np.stack([rng.permutation(schools)[:width] for _ in range(37)])
    considered[rng.random(considered.shape) < 0.3] = -1
    considered[1::2] = considered[::2][:18]  # the same schools, in the same slots
    considered[3::4][rng.random((9, width)) < 0.3] = -1  # or some of them
    considered[5] = -1  # knows none
    place, zone = rng.integers(0, 4, 37), rng.integers(0, 2, 37)
    place[:12], place[12:20] = 2, np.arange(8) % 2
    lists, favourite, worth = square(considered, place, zone, rng.integers(0, 2**32, 37), table, schools)
    for row, first, own in zip(lists.tolist(), favourite.tolist(), worth, strict=True):
        wanted = sorted(own, key=lambda s: -own[s])
        gaps = [own[a] - own[b] for a, b in itertools.pairwise(wanted)]
        if min(gaps, default=1) > 1e-4:
            assert row == wanted + [-1] * (width - len(wanted))
            assert first == (wanted[0] if wanted else -1)
        else:
            assert sorted(row) == sorted(wanted + [-1] * (width - len(wanted)))


def test_slots_that_fill_no_vector_are_refused():
    with pytest.raises(ValueError, match="17 slots"):
        desk(17)


def test_nobody_chooses_and_one_school():
    assert square(np.empty((0, 3)), [], [], [])[0].shape == (0, 3)
    lists, favourite, _ = square([[0]] * 3, [0] * 3, [0] * 3, [1, 2, 3], schools=1)
    assert lists.tolist() == [[0]] * 3 and favourite.tolist() == [0] * 3


@pytest.mark.parametrize("together", [1, 5, 64])
def test_how_many_families_are_scored_at_a_time_does_not_matter(together, classroom, monkeypatch):
    """The lists of a year to the byte."""
    before, rules = classroom.choices[3], classroom.rules[3]
    wanted = choice.rank(before, rules).round
    monkeypatch.setattr(choice, "TOGETHER", together)
    found = choice.rank(before, rules).round
    assert (found.lists == wanted.lists).all() and (found.favourite == wanted.favourite).all()
    assert found.lists.shape[0] > together or together == 64


def test_a_city_too_large_for_its_ids_is_refused():
    """An id has 20 bits for the area and 20 for the number within it: one more pupil would have another's id."""
    config = hand_config()
    plan = blueprint(config, [(0.0, STATE, 9)], [0.0], pupils=[[MOST_IN_ID + 1, 0]])
    with pytest.raises(ScenarioError, match="at most 1,048,576 small areas"):
        populate(plan, None, config, 1)
