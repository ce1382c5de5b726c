"""The twins make the lists that the model makes, and the yardstick computes what it says."""

import math
import re

import numba
import numpy as np
import pytest

from abm.choice import perceive, rank
from abm.supply import supply
from experiments.benchmark import towns, twin_mesa, twin_numpy, yardstick
from experiments.benchmark.choices import in_table_order, share_alike

VARIANTS = {
    "as measured": {},
    "as by default": {"perception.nearest": 10, "perception.uninformed": 0.6, "perception.network": 2},
    "other weights": {"choice.peers": {"majority": -2.0, "minority": 3.0}, "choice.theme": 4.0, "choice.beta": 3.0},
    "short lists, two kinds": {"choice.length": 3, "choice.peers_full": 0.2, "households.tolerant_full": 0.9},
}


@pytest.fixture(scope="module")
def year():
    """A city of 3,000 with every term at work, a closed school among the nearest, and some tolerant families."""
    made = towns.of_choice(3_000)
    world = made.before
    best = int(np.argmax(world.schools.reputation))
    world = supply(world, made.rules.edit("orders.closed", (best,)))
    assert not world.schools.open[best]
    table = world.households
    return made._replace(before=world._replace(households=table._replace(tolerant=table.id % 5 == 0)))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("twin", [twin_mesa, twin_numpy], ids=["mesa", "numpy"])
def test_a_twin_makes_the_lists_of_the_model(year, twin, variant):
    """All lists are the same, school by school; but for worths that differ in the last bits, one in some thousands."""
    rules = year.rules
    for lever, value in VARIANTS[variant].items():
        rules = rules.edit(lever, value)
    turn = rank(perceive(year.before, rules), rules).round
    assert turn.rows.size > 300
    assert (turn.sibling >= 0).mean() > 0.2
    assert share_alike(twin.Town(year.before, rules).lists(), in_table_order(turn)) >= 0.995


def test_everything_is_at_work_in_the_city_that_is_measured(year):
    """Private and subsidised schools with fees, themes of several kinds, zones, and nearly sixteen schools a family."""
    schools = year.before.schools
    assert set(schools.sector) == {0, 1, 2}
    assert set(schools.theme) == {-1, 0, 1, 2, 3} and (schools.fee > 0).any()
    assert (year.before.city.school_zone >= 0).any()
    known = (towns.of_choice(20_000).ranked.round.considered >= 0).sum(axis=1)
    assert 13 < known.mean() <= 16


def test_twins_that_differ_are_seen():
    wanted = np.array([[1, 2, -1], [3, -1, -1], [4, 5, 6]], np.int32)
    assert share_alike([[1, 2], [3], [4, 5, 6]], wanted) == 1
    assert share_alike([[2, 1], [3], [4, 5]], wanted) == pytest.approx(1 / 3)


def test_the_floor_takes_the_best_of_a_race():
    """The kernel's bits are those of max over exp(u) x -log(u), u the keyed uniforms, to the precision of its polynomials."""
    from tests.reference import randomness as rnd

    looks = 5000
    uniforms = [rnd.uniform23(rnd.bits(i, 7)) for i in range(looks)]
    best = np.int32(yardstick.floor(looks)).view(np.float32)
    assert best == pytest.approx(max(math.exp(u) * -math.log(u) for u in uniforms), rel=1e-5)


@pytest.mark.parametrize("x", [1e-7, 0.01, 0.3, 0.7071, 0.7072, 0.99, 1.0, 1.4, 30.0])
def test_logarithm_and_exponential(x):
    """As precise as the model's own."""
    assert yardstick.logarithm(np.float32(x)) == pytest.approx(math.log(np.float32(x)), abs=4e-6)
    assert yardstick.exponential(np.float32(-x)) == pytest.approx(math.exp(-np.float32(x)), rel=1e-5)


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_the_floor_is_vector_code_of_32_bit_lanes():
    """A slow floor would flatter: products and logarithms are done for eight or sixteen evaluations at once."""
    import llvmlite.binding

    if not llvmlite.binding.get_host_cpu_features().get("avx2"):
        pytest.skip("other instructions than those looked for")
    compiled = numba.njit(nogil=True, error_model="numpy")(yardstick.floor.py_func)
    compiled(10)
    code = compiled.inspect_asm(compiled.signatures[0])
    assert re.search(r"vpmulld\s.*%[yz]mm", code) and re.search(r"vmulps\s.*%[yz]mm", code)
    assert not re.search(r"vpmul(udq|lq)\s.*%[yz]mm", code), "products in 64 bits"
