"""Zones drawn: cases for a pencil, every possible drawing as a slow twin, and the checker on its own."""

import numpy as np
import pytest

from abm import schools
from abm.city import STATE
from abm.rezoning.checks import cut_off, faults
from abm.rezoning.problem import PRICE, Problem, dissimilarity, moved_share, neighbours, present, today, units
from abm.rezoning.solver import draw
from abm.rezoning.zones import zone_problem
from tests.builders import blueprint, hand_config, town
from tests.reference import rezoning as twin

# Six address points a kilometre apart; schools at both ends. (majority, minority) entrants at each:
LINE = [[0, 6], [0, 4], [2, 2], [2, 0], [4, 0], [4, 0]]
ENDS = [(0.0, STATE, 20), (5.0, STATE, 20)]
FREE = {"walk_km": 10.0, "crossing": True, "margin": 0.0, "shrink": 1.0, "moved": 1.0}


def line(stock=ENDS, pupils=LINE, treated=None, **rules):
    """The problem of zones for schools and address points on a line."""
    config = hand_config(city={"zones": "nearest"})
    plan = blueprint(config, stock, np.arange(len(pupils), dtype=float), pupils=pupils)
    made = schools.build(plan, config.city, 1)
    city = town(config, plan)
    now = present(city, schools.public(made), made.intake)
    chosen = np.ones(len(stock), bool) if treated is None else np.array(treated)
    return zone_problem(city, units(city), now, made.district, made.intake, chosen, **FREE | rules)[0]


def drawn(problem: Problem):
    centre = draw(problem)
    assert faults(problem, centre) == []
    return centre.tolist()


def test_zones_of_a_line_by_hand():
    """Tilts in twelfths: 6, 4, 0, -2, -4, -4. On a line a zone ends somewhere: school 0 up to point j.

    Sums 6, 10, 10, 8, 4 for j = 0 ... 4, so D = 6/12, 10/12, 10/12, 8/12, 4/12: the best is all but the last point.
    Today the middle divides, j = 2.
    """
    problem = line()
    assert problem.present.tolist() == [0, 0, 0, 1, 1, 1]
    assert dissimilarity(problem, problem.present) == pytest.approx(10 / 12, abs=1e-5)
    centre = drawn(problem)
    assert centre == [0, 0, 0, 0, 0, 1]
    assert dissimilarity(problem, np.array(centre)) == pytest.approx(4 / 12, abs=1e-5)
    assert moved_share(problem, np.array(centre)) == pytest.approx(6 / 24)


def test_contiguity_binds():
    """School 0 with points 0, 3 and 4 would make D = 0; but 3 and 4 then lie beyond points of school 1."""
    problem = line()
    even = np.array([0, 1, 1, 0, 0, 1])
    assert dissimilarity(problem, even) == pytest.approx(0, abs=1e-5)
    assert any("cut off" in fault for fault in faults(problem, even))
    assert cut_off(problem, even).tolist() == [False, True, True, True, True, False]


def test_capacity_binds():
    """Residents 6, 4, 4, 2, 4, 4. With 16 places school 0 holds j <= 3, D = 8/12; school 1 has 20 for j = 0: 18, D = 6/12."""
    problem = line([(0.0, STATE, 16), (5.0, STATE, 20)])
    assert drawn(problem) == [0, 1, 1, 1, 1, 1]
    assert faults(problem, np.array([0, 0, 0, 0, 0, 1])) == ["a zone has more residents than fit"]


def test_a_margin_of_places_stays_free():
    """A tenth of school 1's 19 places kept free leaves 17.1: 18 residents no longer fit, so j = 3 with 16 of 20 - 2 = 18."""
    assert drawn(line([(0.0, STATE, 20), (5.0, STATE, 19)], margin=0.1)) == [0, 0, 0, 0, 1, 1]


def test_distance_binds():
    """Within 3 km: points 0 to 3 of school 0, 2 to 5 of school 1; so j is 1, 2 or 3, and 3 is best, D = 8/12."""
    problem = line(walk_km=3.0)
    assert drawn(problem) == [0, 0, 0, 0, 1, 1]
    assert any("too far" in fault for fault in faults(problem, np.array([0, 0, 0, 0, 0, 1])))


def test_nobody_s_present_way_is_too_far():
    """A limit of 1 km: point 2 has 2 km to school 0 today, and keeps it; so has point 3 to school 1."""
    assert drawn(line(walk_km=1.0)) == [0, 0, 0, 1, 1, 1]


def test_a_zone_keeps_residents():
    """School 1 has 10 residents; losing at most .3 it keeps 7: giving point 3 (2) away leaves 8, giving 4 too leaves 4."""
    assert drawn(line(shrink=0.3)) == [0, 0, 0, 0, 1, 1]


def test_few_may_change_school():
    """A tenth of 24 residents is 2.4: only point 3, with 2, changes."""
    assert drawn(line(moved=0.1)) == [0, 0, 0, 0, 1, 1]


def test_districts_are_not_crossed_if_so_ruled():
    """Points 0 to 3 lie in the west, as school 0 does: point 3 may come to it, point 4 may not."""
    config = hand_config(city={"zones": "nearest"})
    west = np.array([0, 0, 0, 0, 1, 1])
    extra = {"district": [0, 1], "area_district": west, "district_names": ("west", "east")}
    plan = blueprint(config, ENDS, np.arange(6.0), pupils=LINE, **extra)
    city, made = town(config, plan), schools.build(plan, config.city, 1)
    now = present(city, schools.public(made), made.intake)
    rules = FREE | {"crossing": False}
    problem, _ = zone_problem(city, units(city), now, made.district, made.intake, np.ones(2, bool), **rules)
    assert drawn(problem) == [0, 0, 0, 0, 1, 1]


def test_untreated_zones_stay():
    """A third school in the middle of nine points: with schools 0 and 1 treated, the last three points stay."""
    stock = [(0.0, STATE, 30), (4.0, STATE, 30), (8.0, STATE, 30)]
    pupils = [[0, 4], [0, 4], [0, 4], [2, 2], [2, 2], [4, 0], [4, 0], [4, 0], [4, 0]]
    problem = line(stock, pupils, treated=[True, True, False])
    last = problem.present == 2
    centre = np.array(drawn(problem))
    assert (centre[last] == 2).all() and not (centre[~last] == 2).any()
    assert (centre != problem.present).any()


def random_problem(seed, count=9, centres=3):
    """Address points and schools at random in a square of 2 km, with bounds of all kinds; None if a zone lies in parts."""
    rng = np.random.default_rng(seed)
    x, y = rng.random((2, count)) * 2
    sx, sy = rng.random((2, centres)) * 2
    config = hand_config(city={"zones": "nearest"})
    plan = blueprint(
        config, [(s, STATE, int(rng.integers(20, 60))) for s in sx], x, pupils=rng.integers(0, 20, (count, 2)),
        place_y=y, area_y=y, school_y=sy,
    )  # fmt: skip
    city, made = town(config, plan), schools.build(plan, config.city, 1)
    now = present(city, schools.public(made), made.intake)
    rules = {"walk_km": 1.4, "crossing": True, "margin": 0.1, "shrink": 0.6, "moved": float(rng.choice([1.0, 0.4]))}
    ground = units(city)
    problem, _ = zone_problem(city, ground, now, made.district, made.intake, np.ones(centres, bool), **rules)
    return None if today(problem).loose.any() else problem


def test_the_solver_finds_the_best_of_all_drawings():
    """Twelve random towns of nine points and two or three zones, solved whole; D plus the price of moving is the least there is."""
    problems = [p for p in map(random_problem, range(40)) if p is not None][:12]
    assert len(problems) == 12
    better = 0
    for problem in problems:
        centre = draw(problem)
        assert faults(problem, centre) == []
        worth, _ = twin.best(problem)
        cost = dissimilarity(problem, centre) + PRICE * moved_share(problem, centre)
        assert cost == pytest.approx(worth, abs=1e-5)
        better += dissimilarity(problem, centre) < dissimilarity(problem, problem.present)
    assert better > 3


def test_the_same_problem_has_the_same_drawing():
    problem = next(p for p in map(random_problem, range(40)) if p is not None)
    assert draw(problem).tolist() == draw(problem).tolist()


def test_without_effort_the_present_zones_stay_valid():
    """Also where they lie in parts: whatever is drawn from them in whatever time is never worse than they are."""
    for seed in range(12):
        problem = random_problem(seed, 14, 4) or line()
        for effort in (0.0, 0.01):
            assert faults(problem, draw(problem, effort=effort, step=0.01)) == []


def test_points_cut_off_today_may_stay_but_are_no_bridge():
    """School 0 at the left end holds points 0 and 4 today, school 1 the others: 4 is cut off, and 1 to 3 by it.

    All may stay as they are; point 3 may not come to school 0 by way of 4.
    """
    problem = line()._replace(present=np.array([0, 1, 1, 1, 0, 1]))
    assert today(problem).loose.tolist() == [False, True, True, True, True, False]
    assert faults(problem, problem.present) == []
    assert faults(problem, np.array([0, 1, 1, 0, 0, 1])) != []
    assert faults(problem, draw(problem)) == []


def test_neighbours_by_hand():
    """On a line the next ones; in a square with its middle, sides and half-diagonals; round a torus the ends meet."""
    assert neighbours(np.array([[2.0, 0], [0, 0], [1, 0]])).tolist() == [[0, 2], [1, 2]]
    square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2], [1, 1]])
    assert neighbours(square).tolist() == [[0, 1], [0, 3], [0, 4], [1, 2], [1, 4], [2, 3], [2, 4], [3, 4]]
    rng = np.random.default_rng(1)
    points = np.concatenate([rng.random((30, 2)) * 10, [[0.1, 5.0], [9.9, 5.0]]])
    flat, round_ = neighbours(points), neighbours(points, 10.0)
    assert [30, 31] in round_.tolist()
    assert [30, 31] not in flat.tolist()


def test_from_every_point_some_neighbour_is_nearer_to_any_other():
    """The theorem on Delaunay neighbours on which the model of contiguity rests; on 60 random points."""
    points = np.random.default_rng(2).random((60, 2))
    gap = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    edges = neighbours(points).tolist()
    beside = [{b if a == u else a for a, b in edges if u in (a, b)} for u in range(60)]
    for target in range(60):
        for u in set(range(60)) - {target}:
            assert any(gap[v, target] < gap[u, target] for v in beside[u])


def test_points_at_one_spot_are_one_unit():
    config = hand_config(city={"zones": "nearest"})
    plan = blueprint(config, ENDS, [0.0, 0.0, 5.0], area=[0, 0, 1], pupils=[[2, 4], [6, 0]])
    land = units(town(config, plan))
    assert land.of_place.tolist() == [0, 0, 1]
    assert land.pupils.tolist() == [[4, 2], [0, 6]]
    assert land.edges.tolist() == [[0, 1]]
