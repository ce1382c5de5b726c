"""The synthetic city: the dissimilarity asked for, districts' heads to the pupil, places within their areas."""

import numpy as np
import pytest

from abm import cities
from abm.config.declare import ScenarioError
from abm.scenario import configure, load
from abm.segregation import dissimilarity
from tests.builders import CONFIGS, ROOT, town


def two(pupils):
    return np.stack([pupils[:, 1:].sum(axis=1), pupils[:, 0]], axis=1)


def made(seed=1, **settings):
    base = {"pupils": 6000, "area_pupils": 60, "schools": 20}
    return cities.make(configure({"city": base | settings}), seed)


@pytest.mark.parametrize("share", [0.05, 0.25, 0.6])
@pytest.mark.parametrize("target", [0.0, 0.1, 0.3, 0.5, 0.7])
@pytest.mark.parametrize(
    "groups",
    [2, 6],
)
def test_the_city_has_the_residential_dissimilarity_and_shares_asked_for(target, share, groups):
    """Within .01 over small areas; heads of the groups exactly. Where 0 cannot be met (few pupils) the error says so.

    D = 0 to the pupil needs areas whose size times the share is whole; at D .7 and a share of .05 an area of 60 has 3.
    """
    names = [f"g{k}" for k in range(groups)]
    shares = [1 - share] + [share / (groups - 1)] * (groups - 1)
    try:
        plan = made(groups=names, shares=shares, residential_dissimilarity=target)
    except ScenarioError as error:
        assert target == 0.0
        assert "cannot be met" in str(error) and "nearest is" in str(error)
        return
    assert dissimilarity(two(plan.pupils)) == pytest.approx(target, abs=0.01)
    heads = plan.pupils.sum(axis=0)
    assert heads.sum() == 6000
    assert np.abs(heads - np.array(shares) * 6000).max() < 1


def test_it_holds_over_seeds():
    for seed in range(1, 6):
        plan = made(seed, layout=0, residential_dissimilarity=0.4)
        assert dissimilarity(two(plan.pupils)) == pytest.approx(0.4, abs=0.01)


def test_the_layout_is_the_same_for_every_seed_unless_it_is_0():
    a, b = made(1), made(2)
    assert (a.pupils == b.pupils).all() and (a.place_x == b.place_x).all() and (a.school_x == b.school_x).all()
    a, b = made(1, layout=0), made(2, layout=0)
    assert (a.pupils != b.pupils).any()


@pytest.mark.parametrize("name", CONFIGS)
def test_shipped_cities_keep_their_districts_heads(name):
    """Pupils by district and group as in the scenario, to the pupil where they are whole; D within .01."""
    config = load(ROOT / "configs" / f"{name}.toml")
    plan = cities.make(config, 1)
    assert dissimilarity(two(plan.pupils)) == pytest.approx(config.city.residential_dissimilarity, abs=0.01)
    got = np.zeros((len(plan.district_names), len(config.city.groups)))
    np.add.at(got, plan.area_district, plan.pupils)
    if config.city.districts:
        wanted = np.array([[d.pupils.get(g, 0.0) for g in config.city.groups] for d in config.city.districts])
        assert np.abs(got - wanted).max() < 1
        schools = [d.state_schools + d.subsidised_schools + d.private_schools for d in config.city.districts]
        assert np.bincount(plan.school_district, minlength=len(schools)).tolist() == schools
    assert got.sum() == plan.pupils.sum()


def test_an_unreachable_dissimilarity_is_an_error_with_a_remedy():
    with pytest.raises(ScenarioError, match="lower it or make area_pupils smaller"):
        made(residential_dissimilarity=0.95, area_pupils=3000.0)


def test_districts_that_are_too_unequal_are_an_error_with_a_remedy():
    districts = [
        {"name": "a", "pupils": {"majority": 500.0}, "state_schools": 2, "state_pupils": 500.0},
        {"name": "b", "pupils": {"minority": 500.0}, "state_schools": 2, "state_pupils": 500.0},
    ]
    with pytest.raises(ScenarioError, match="raise it or give less unequal districts"):
        made(districts=districts, residential_dissimilarity=0.2)


@pytest.mark.parametrize(
    ("faulty", "wanted"),
    [
        (
            {"side_km": 0.01},
            "side_km, schools or district_count: of a district, area_km2 = .* 0.01 to 10000; change them",
        ),
        ({"side_km": 1000.0, "district_count": 2}, "area_km2 = "),
        ({"schools": 1_000_000, "district_count": 1}, "state_schools = 1000000 is out of bounds"),
    ],
)
def test_districts_that_nobody_could_declare_are_not_invented_either(faulty, wanted):
    with pytest.raises(ScenarioError, match=wanted):
        made(**faulty)


def test_one_area():
    """A single district with a single area: D is 0 and nothing breaks."""
    plan = made(pupils=40, district_count=1, area_pupils=1000.0, residential_dissimilarity=0.0, schools=2)
    assert plan.pupils.shape == (1, 2)
    assert plan.pupils.sum() == 40


def test_places_are_sorted_by_area_and_lie_near_it():
    plan = made()
    assert (np.diff(plan.place_area) >= 0).all()
    assert set(plan.place_area) == set(range(len(plan.area_names)))
    reach = np.hypot(plan.place_x - plan.area_x[plan.place_area], plan.place_y - plan.area_y[plan.place_area])
    assert reach.max() <= max(plan.notes["area_radius"]) + 1e-9


def test_places_for_pupils_cover_the_city_with_the_slack():
    """Entry places times grades exceed pupils by the slack, and by less than one place a grade and school more."""
    config = configure({"city": {"pupils": 6000, "schools": 20, "slack": 0.2}})
    plan = cities.make(config, 1)
    room = plan.school_places.sum() * config.city.grades
    assert 6000 * 1.2 <= room <= 6000 * 1.2 + 20 * config.city.grades


def test_sectors_have_their_shares():
    plan = made(schools=20, private_share=0.2, subsidised_share=0.3)
    assert np.bincount(plan.school_sector).tolist() == [10, 6, 4]


def test_shares_of_sectors_beyond_1_are_refused():
    with pytest.raises(ScenarioError, match="more than 1"):
        made(private_share=0.6, subsidised_share=0.6)


def test_distances_are_straight():
    config = configure({"city": {"pupils": 500, "schools": 4, "area_pupils": 50.0}})
    plan = cities.make(config, 1)
    place = town(config, plan)
    for p in range(0, plan.place_x.size, 7):
        for s in range(4):
            way = np.hypot(plan.place_x[p] - plan.school_x[s], plan.place_y[p] - plan.school_y[s])
            assert place.distance[p, s] == pytest.approx(way, rel=1e-6)
