"""Dignum et al. 2022: the school stage against a slow twin, the oracles on a few runs; the whole under the marker slow."""

import numpy as np
import pytest

from abm.model import SchoolChoiceModel
from abm.randomness import Key
from abm.turns import take_turns
from experiments.replications.dignum import AS_CODED, _case
from experiments.replications.dignum_stages import at_schools, over_few
from experiments.replications.lab import Lab

# 353 families, 16 schools of 45 places
SMALL = ("city.cells=20", "city.side_km=20.0", "city.block=5", "city.school_places=45", "perception.nearest=16")


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path, quick=True, jobs=1, bar=False)


FULL = 0.613  # at M = .6 a share of .3 and one of 1 would tie, to be told apart by rounding


def value(x, f=0.5, full=FULL):
    """V of an own-group share."""
    return x / f if x <= f else full + (1 - x) * (1 - full) / (1 - f)


def slow_step(world, alpha, keep, p):
    """(household,) school after one step, as the paper says it: each in turn goes down its list of all schools."""
    families, places = world.households, world.schools.places[:, 0]
    school, heads = families.school.copy(), np.zeros((places.size, 2), int)
    np.add.at(heads, (school, families.group), 1)
    total, seen = heads.sum(axis=1), heads / np.maximum(heads.sum(axis=1), 1)[:, None]
    turns = take_turns(
        families.id, 0.125, "cycle", 1, world.year, Key(world.seed, "reconsider", world.year + 1),
        Key(world.seed, "order", world.year + 1, 16),
    )  # fmt: skip
    for h in turns.who:
        here = school[h]
        if total[here] <= keep:
            continue
        way = world.city.distance[families.place[h]].astype(float)
        worth = [alpha * value(seen[s, families.group[h]]) + (1 - alpha) / (1 + (way[s] / p) ** 2) for s in range(places.size)]  # fmt: skip
        nearness = list(world.city.nearest[families.place[h]])  # ties: the own school, then the nearer one
        for s in sorted(nearness, key=lambda s: (-round(worth[s], 6), s != here)):
            if s == here:
                break
            if total[s] < places[s]:
                school[h] = s
                total[here] -= 1
                total[s] += 1
                break
    return school


@pytest.mark.parametrize(("alpha", "keep"), [(0.0, 10), (0.3, 10), (0.7, 0), (1.0, 15)])
def test_the_school_stage_is_that_of_a_slow_twin(lab, alpha, keep):
    """Twenty-five steps, family by family."""
    config = lab.scenario(
        "dignum",
        *SMALL,
        f"choice.alpha={alpha}",
        f"transfers.keep={keep}",
        "choice.ratio_p=8.0",
        f"choice.peers_full={FULL}",
    )
    model = SchoolChoiceModel(config, 1, collect=False, measure=lambda *_: {})
    moved = 0
    for _ in range(25):
        wanted = slow_step(model.world, alpha, keep, 8.0)
        moved += (wanted != model.world.households.school).sum()
        model.step()
        assert (model.world.households.school == wanted).all()
    assert moved > 50


def test_the_lattice_is_the_papers(lab):
    """2,205 families, 25 schools of 177 places in the middle of their neighbourhoods, each neighbourhood's nearest."""
    world = SchoolChoiceModel(lab.scenario("dignum"), 1, collect=False, measure=lambda *_: {}).world
    assert world.households.id.size == 2205
    assert world.schools.places[:, 0].tolist() == [177] * 25
    assert (world.city.distance.argmin(axis=1) == world.city.place_area).all()
    assert abs(int((world.households.group == 0).sum()) - 1102.5) == 0.5


def test_composition_counts_and_the_floor_decides_without_nearness(lab):
    """One seed: nearness alone leaves schools mixed; weight on composition parts the groups."""
    h = {alpha: at_schools(*_case(lab, AS_CODED, alpha, 1)[1:])["school_h"] for alpha in (0.0, 0.6)}
    assert h[0.0] < 0.03
    assert h[0.6] > 0.5


def test_both_stages_and_the_oracles(lab):
    """Distance only: school H is residential H. Utilities lie in [0, 1]. Equal tolerance: schools more segregated."""
    found = over_few(lab.scenario("dignum", "choice.distance_form=min_max"), 1)
    homes, schools = found["homes_h"], dict(zip(found["alpha"], found["school_h"], strict=True))
    assert found["homes_converged"]
    assert schools[0.0] == pytest.approx(homes, abs=0.05)
    assert schools[0.4] > homes + 0.15
    assert min(found["schools_low"]) >= 0
    assert max(found["schools_high"]) <= 1 + 1e-6
