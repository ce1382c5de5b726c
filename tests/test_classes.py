"""Classes by hand: how many, who is in which, of which kind, and what is measured of them."""

import math

import numpy as np
import pytest

from abm.classes import KINDS, MIXED, RECEPTION, SORTED, THEME, class_sizes, form, numbers
from abm.households import LATE_MARK, Households, pack
from abm.indicators.classrooms import classrooms
from abm.indicators.outcomes import achievement, peers
from abm.model import SchoolChoiceModel
from abm.rules import Rules
from tests.builders import STATE, blueprint, hand_config, scenario, shuffled, table, world


def town(families, classes=None, grades=1, size=10, **columns):
    """Three schools; classes of ten unless said otherwise."""
    sections = columns.pop("sections", {})
    config = hand_config(city={"grades": grades, "class_size": size}, classes=classes or {}, **sections)
    plan = blueprint(config, [(1.0, STATE, 90), (2.0, STATE, 90), (3.0, STATE, 90)], [0.0])
    return world(config, plan, families, **columns), Rules.of(config)


def sizes(classes):
    """Pupils of each class."""
    return np.bincount(classes.of[classes.of >= 0], minlength=classes.school.size).tolist()


def members(classes, number):
    return set(np.flatnonzero(classes.of == number))


def test_as_many_classes_as_are_needed_and_even_ones():
    """23 pupils at ten a class are three classes of 8, 8 and 7; 10 are one; a pupil without a school is in none."""
    state, rules = town(table([0] * 34, school=[0] * 23 + [2] * 10 + [-1]))
    classes = form(state, rules)
    assert sorted(sizes(classes)[:3]) == [7, 8, 8]
    assert classes.school.tolist() == [0, 0, 0, 2]
    assert sizes(classes)[3] == 10
    assert classes.of[33] == -1
    assert (classes.kind == MIXED).all()


def test_grades_are_taught_apart():
    state, rules = town(table([0] * 6, grade=[0, 0, 0, 1, 1, 1], school=0), grades=2)
    classes = form(state, rules)
    assert classes.grade.tolist() == [0, 1]
    assert [members(classes, c) for c in (0, 1)] == [{0, 1, 2}, {3, 4, 5}]


def test_an_ordered_class_size_holds_for_its_school():
    state, rules = town(table([0] * 40, school=[0] * 20 + [1] * 20))
    rules = rules.add("orders.class_size", {1: 5})
    assert class_sizes(state, rules).tolist() == [10, 5, 10]
    assert form(state, rules).school.tolist() == [0, 0, 1, 1, 1, 1]


def test_further_teachers_open_classes_where_they_are_fullest():
    """Heads 18, 20, 9 at ten: 2, 2, 1 classes of 9, 10, 9. The first teacher goes to grade 1 (6.7 after), the next to grade
    0 (9, the younger of two equals), the third to grade 2. Half a teacher opens none; none opens a class of one pupil."""
    heads, size = np.array([[18, 20, 9], [1, 0, 0]]), np.array([10, 10])
    assert numbers(heads, size, {}).tolist() == [[2, 2, 1], [1, 0, 0]]
    assert numbers(heads, size, {0: 1.0}).tolist() == [[2, 3, 1], [1, 0, 0]]
    assert numbers(heads, size, {0: 2.5}).tolist() == [[3, 3, 1], [1, 0, 0]]
    assert numbers(heads, size, {0: 3.0}).tolist() == [[3, 3, 2], [1, 0, 0]]
    assert numbers(heads, size, {1: 9.0}).tolist() == [[2, 2, 1], [1, 0, 0]]
    assert numbers(np.array([[5]]), np.array([10]), {0: 99.0}).tolist() == [[3]]


def test_a_child_keeps_most_of_its_classmates():
    """30 pupils in three classes. One leaves: each border between classes moves by one pupil at most, so that of the
    other 29 no more than two change class."""
    state, rules = town(table([0] * 30, school=0))
    was = form(state, rules).of
    for gone in range(30):
        school = np.zeros(30, np.int32)
        school[gone] = -1
        now = form(state._replace(households=state.households._replace(school=school), year=2), rules).of
        stayed = np.arange(30) != gone
        assert (was != now)[stayed].sum() <= 2


def test_classes_do_not_depend_on_the_order_of_rows():
    state, rules = town(table([0] * 60, school=[0] * 30 + [1] * 30, status=0.0), classes={"sorted": 0.5})
    classes = form(state, rules)
    other = shuffled(state, np.random.default_rng(1))
    again = form(other, rules)
    assert dict(zip(state.households.id, classes.of, strict=True)) == dict(
        zip(other.households.id, again.of, strict=True)
    )


def late(count, year, **columns):
    """Pupils who arrived late in ``year``."""
    return table([0] * count, id=pack(year, 0, LATE_MARK, 1, np.arange(count)), group=1, **columns)


def test_late_arrivals_spend_their_first_years_in_reception_classes():
    """Two of year 3 and one of year 2 among twelve others: with two years all three are apart, of all grades together;
    with one year the one of year 2 is back in a mixed class; with none all 15 are."""
    groups = (table([0] * 12, school=0), late(2, 3, school=0, grade=[0, 1]), late(1, 2, school=0, grade=1))
    families = Households(*(np.concatenate(columns) for columns in zip(*groups, strict=True)))
    for years, apart in ((2, {12, 13, 14}), (1, {12, 13}), (0, set())):
        state, rules = town(families, {"reception_years": years}, grades=2, year=3)
        classes = form(state, rules)
        reception = np.flatnonzero(classes.kind == RECEPTION)
        assert len(reception) == (1 if apart else 0)
        assert set().union(*(members(classes, c) for c in reception)) == apart
        assert classes.grade[reception].tolist() == [-1] * len(reception)
        assert sum(sizes(classes)) == 15


@pytest.mark.parametrize(("theme", "taken"), [("status", {0, 2, 4}), ("none", None)])
def test_a_theme_class_takes_those_of_highest_status(theme, taken):
    """Six pupils, classes of three, a theme at school 0: the three of highest status are taught together."""
    families = table([0] * 6, school=0, status=[2, -1, 1, -2, 3, 0])
    state, rules = town(families, {"theme": theme}, size=3, theme=[1, -1, -1])
    classes = form(state, rules)
    if taken is None:
        assert (classes.kind == MIXED).all()
    else:
        assert classes.kind.tolist() == [THEME, MIXED]
        assert members(classes, 0) == taken


def test_a_theme_class_takes_the_keenest_group_by_group():
    """Group 1 has no weight on themes, group 0 has: its three pupils fill the theme class. Not yet seen: no theme class."""
    families = table([0] * 6, [0, 1, 0, 1, 0, 1], school=0)
    weights = {"choice": {"theme": {"majority": 1.0, "minority": 0.0}}}
    state, rules = town(families, {"theme": "taste"}, size=3, theme=[1, -1, -1], sections=weights)
    assert members(form(state, rules), 0) == {0, 2, 4}
    later = state._replace(schools=state.schools._replace(theme_year=np.full(3, 2, np.int32)))
    assert (form(later, rules).kind == MIXED).all()


def test_one_class_a_grade_is_no_theme_class():
    state, rules = town(table([0] * 6, school=0), {"theme": "status"}, theme=[1, -1, -1])
    assert form(state, rules).kind.tolist() == [MIXED]


def test_schools_that_sort_cut_classes_by_status():
    """All schools sort: the upper half of six is one class. At a half some sort; who does at .3 does at .7."""
    families = table([0] * 6, school=0, status=[2, -1, 1, -2, 3, 0])
    state, rules = town(families, {"sorted": 1.0}, size=3)
    classes = form(state, rules)
    assert classes.kind.tolist() == [SORTED, SORTED]
    assert members(classes, 0) == {0, 2, 4}
    many = table([0] * 600, school=np.repeat(np.arange(3), 200))
    shares = []
    for seed in range(20):
        state, rules = town(many, seed=seed)
        sorts = [set(form(state, rules.edit("classes.sorted", p)).school[
            form(state, rules.edit("classes.sorted", p)).kind == SORTED]) for p in (0.3, 0.7)]  # fmt: skip
        assert sorts[0] <= sorts[1]
        shares.append(len(sorts[1]) / 3)
    assert abs(np.mean(shares) - 0.7) < 4 * math.sqrt(0.7 * 0.3 / 60)


def rows(state, rules):
    return {name: value for name, _, _, value in classrooms(state, rules)}


def test_what_is_measured_of_two_schools_by_hand():
    """School 0: two classes sorted by status, all of group 0 in one and all of group 1 in the other; school 1: one class
    of two and two. Between schools nothing, within: 4 of 8 pupils with M = ln 2, so .5 ln 2; D = .5. Dealt at random:
    school 0 is separated in 2 of 6 deals, so a third of it."""
    families = table([0] * 8, [0, 0, 1, 1, 0, 0, 1, 1], school=[0] * 4 + [1] * 4, status=[9, 8, 7, 6, 0, 0, 0, 0])
    state, rules = town(families, {"sorted": 1.0}, size=2)
    rules = rules.add("orders.class_size", {1: 4})
    got = rows(state, rules)
    half = 0.5 * math.log(2)
    wanted = {
        "classes": 3, "class_size": 8 / 3, "reception": 0, "dissimilarity_classes": 0.5,
        "dissimilarity_classes_dealt": 0.5 / 3, "mutual_information_classes": half,
        "mutual_information_classes_dealt": half / 3, "theil_h_classes": 0.5, "theil_h_classes_dealt": 0.5 / 3,
        "mutual_information_between_schools": 0, "mutual_information_within_schools": half,
        "mutual_information_within_schools_dealt": half / 3,
    }  # fmt: skip
    for name, value in wanted.items():
        assert got[name] == pytest.approx(value, abs=1e-12), name


def test_the_share_in_reception_classes():
    groups = (table([0] * 6, school=0), late(2, 3, school=0))
    families = Households(*(np.concatenate(columns) for columns in zip(*groups, strict=True)))
    state, rules = town(families, {"reception_years": 1}, year=3)
    assert rows(state, rules)["reception"] == 0.25


def test_mixed_classes_are_as_segregated_as_chance_has_it():
    """The classroom over 20 seeds: D over classes minus its value dealt at random is 0 within four standard errors; a city
    that sorts all its classes lies above it by more than that."""
    gaps, sorted_gaps = [], []
    for seed in range(20):
        model = SchoolChoiceModel(scenario("classroom"), seed, collect=False)
        for gap, rules in ((gaps, model.rules), (sorted_gaps, model.rules.edit("classes.sorted", 1.0))):
            got = rows(model.world, rules)
            gap.append(got["dissimilarity_classes"] - got["dissimilarity_classes_dealt"])
    error = np.std(gaps) / math.sqrt(len(gaps))
    assert abs(np.mean(gaps)) < 4 * error
    assert np.mean(sorted_gaps) > 4 * error


def test_peers_of_the_class_or_of_the_school():
    """Sorted in twos by status 4, 2 and 0, -2: class means 3 and -1, the school's 1. Weight .15 in achievement."""
    families = table([0] * 4, school=0, status=[4, 2, 0, -2])
    state, rules = town(families, {"sorted": 1.0}, size=2)
    assert peers(state, rules).tolist() == [1, 1, 1, 1]
    of_class = rules.edit("classes.peers", "class")
    assert peers(state, of_class).tolist() == [3, 3, -1, -1]
    change = achievement(state, of_class) - achievement(state, rules)
    assert change == pytest.approx(0.15 * np.array([2, 2, -2, -2]))


def test_kinds_have_names():
    assert [KINDS[k] for k in (MIXED, THEME, RECEPTION, SORTED)] == ["mixed", "theme", "reception", "sorted"]


def test_nobody_at_school():
    state, rules = town(table([0] * 3, school=-1))
    assert form(state, rules).school.size == 0
    assert rows(state, rules)["classes"] == 0
