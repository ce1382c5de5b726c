"""Real tables: formats that must agree, identities of the blueprint, the three real cities."""

import json

import numpy as np
import pytest

from abm.cities.geography import containing
from abm.cities.tables import make
from abm.city import PRIVATE, STATE, SUBSIDISED
from abm.config.declare import ScenarioError
from abm.geometry import distances
from abm.scenario import configure, to_tree
from abm.segregation import dissimilarity
from tests.cities.conftest import AREAS, SCHOOLS, config, feature, tree, write_csv, write_geojson

KINDS = ("csv", "outlined", "web")


def two(heads):
    """(unit, 2) minority and majority."""
    return np.stack([heads[..., 1:].sum(axis=-1), heads[..., 0]], axis=-1)


@pytest.mark.parametrize("kind", KINDS)
def test_schools_and_areas_come_out_as_they_went_in(small, kind):
    plan = make(config(small, kind), 1)
    assert plan.area_names == tuple(a[0] for a in AREAS) and plan.school_names == tuple(s[0] for s in SCHOOLS)
    assert plan.district_names == ("Centre", "North", "South")
    assert plan.area_district.tolist() == [1, 1, 1, 0, 0, 0, 2, 2, 2]
    assert plan.school_sector.tolist() == [STATE] * 4 + [PRIVATE, STATE]
    assert plan.school_district.tolist() == [1, 1, 0, 2, 0, 2]
    heads = plan.flows.sum(axis=0)
    assert two(heads)[:, 0].tolist() == [s[5] for s in SCHOOLS]
    assert heads.sum(axis=1).tolist() == [s[4] for s in SCHOOLS]
    assert (plan.flows.sum(axis=1) == plan.pupils).all() and (plan.pupils[4] == 0).all()
    assert (plan.school_places * 5 >= heads.sum(axis=1)).all()
    assert (np.diff(plan.place_area) >= 0).all() and set(plan.place_area) == set(range(9))
    assert (np.bincount(plan.place_area, plan.homes) >= plan.pupils.sum(axis=1)).all() and (plan.homes >= 1).all()
    assert len(plan.outlines) == (0 if kind == "csv" else 9)


def test_formats_agree_on_distances(small):
    plans = [make(config(small, kind), 1) for kind in KINDS]
    ways = [distances(p.area_x, p.area_y, p.school_x, p.school_y) for p in plans]
    assert ways[1] == pytest.approx(ways[0], rel=1e-3, abs=1e-4)
    assert ways[2] == pytest.approx(ways[0], rel=1e-3, abs=1e-4)
    across = np.hypot(plans[0].area_x[2] - plans[0].area_x[0], plans[0].area_y[2] - plans[0].area_y[0])
    assert across == pytest.approx(2 * 0.0128 * 111.32 * np.cos(np.radians(45.455)), rel=3e-3)  # km on the sphere


@pytest.mark.parametrize("kind", KINDS)
def test_residuals_and_ways_are_reported(small, kind):
    plan = make(config(small, kind), 1)
    residents = np.array([a[2:5] for a in AREAS], float)
    foreign, pupils = sum(s[5] for s in SCHOOLS), sum(s[4] for s in SCHOOLS)
    scale = np.array([pupils - foreign, foreign, foreign]) / [residents[:, 0].sum(), *[residents[:, 1:].sum()] * 2]
    miss = np.abs(plan.pupils - residents * scale)
    assert plan.notes["residual_largest"] == pytest.approx(miss.max()) and miss.max() < 2.5
    assert plan.notes["residual_mean"] == pytest.approx(miss.mean())
    assert plan.notes["residual_share"] == pytest.approx(miss.sum() / pupils)
    assert plan.notes["residents"] == residents.sum() and plan.notes["pupils"] == pupils
    way = distances(plan.place_x, plan.place_y, plan.school_x, plan.school_y)
    way = np.array([way[plan.place_area == a].mean(axis=0) for a in range(9)])
    assert plan.notes["mean_distance_km"] == pytest.approx((plan.flows.sum(axis=2) * way).sum() / pupils, rel=1e-5)


def test_decay_shortens_ways_and_observed_ways_are_met(small):
    base = tree(small, "outlined")
    far = make(configure(base), 1).notes["mean_distance_km"]
    base["city"]["tables"]["decay_km"] = 0.2
    near = make(configure(base), 1).notes["mean_distance_km"]
    base["city"]["tables"]["schools"]["distance_m"] = "way"
    seen = make(configure(base), 1).notes
    assert near < far
    assert seen["mean_distance_km_observed"] == pytest.approx(
        np.average([s[6] for s in SCHOOLS], weights=[s[4] for s in SCHOOLS]) / 1000
    )
    assert abs(seen["mean_distance_km"] - seen["mean_distance_km_observed"]) < 0.25
    assert seen["mean_distance_gap_km"] < 0.3


def test_same_seed_same_city_other_seed_other_places(small):
    one, again, other = (make(config(small, "outlined"), seed) for seed in (1, 1, 2))
    for a, b in zip(one, again, strict=True):
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b)
    assert one.notes == again.notes
    assert (one.place_x != other.place_x).any() and (one.school_x == other.school_x).all()


def test_places_lie_in_their_area(small):
    plan = make(config(small, "outlined"), 1)
    assert (containing(plan.place_x, plan.place_y, plan.outlines) == plan.place_area).all()
    base = tree(small)
    base["city"]["tables"]["areas"]["area_km2"] = "km2"
    plan = make(configure(base), 1)
    away = np.hypot(plan.place_x - plan.area_x[plan.place_area], plan.place_y - plan.area_y[plan.place_area])
    assert away.max() <= np.sqrt(0.99 / np.pi) + 1e-9 and away.max() > 0.3
    plan = make(config(small), 1)  # neither outline nor size: half way to the next area
    away = np.hypot(plan.place_x - plan.area_x[plan.place_area], plan.place_y - plan.area_y[plan.place_area])
    assert away.max() <= 0.51


def test_status_has_the_spread_asked_for(small):
    base = tree(small)
    base["city"]["tables"]["status_sd"] = 0.3
    plan = make(configure(base), 1)
    weight = plan.pupils.sum(axis=1)
    assert np.average(plan.area_status, weights=weight) == pytest.approx(0)
    assert np.sqrt(np.average(plan.area_status**2, weights=weight)) == pytest.approx(0.3)
    assert np.corrcoef(plan.area_status, [a[5] for a in AREAS])[0, 1] == pytest.approx(1)
    base["city"]["tables"]["areas"]["status"] = ""
    assert (make(configure(base), 1).area_status == 0).all()


def test_districts_by_name_or_first_letter_or_none(small):
    base = tree(small)
    areas = base["city"]["tables"]["areas"]
    areas |= {
        "district": "code",
        "districts": {"Upper": ["a1", "a2", "a3", "b1", "b2", "b3"], "Lower": ["c1", "c2", "c3"]},
    }
    plan = make(configure(base), 1)
    assert plan.district_names == ("Upper", "Lower") and plan.area_district.tolist() == [0] * 6 + [1] * 3
    areas |= {"district_letters": 1, "districts": {"Upper": ["a", "b"], "Lower": "c"}}
    assert make(configure(base), 1).area_district.tolist() == [0] * 6 + [1] * 3
    areas |= {"district": "", "districts": {}}
    assert make(configure(base), 1).district_names == ("Synthetic city",)


def test_schools_without_composition_start_from_their_places(small):
    base = tree(small, start="nearest", slack=0.25)
    schools = base["city"]["tables"]["schools"]
    for key in ("groups", "rest", "total"):
        schools.pop(key)
    schools["places"] = "pupils"
    plan = make(configure(base), 1)
    room = sum(s[4] for s in SCHOOLS) * 5
    assert plan.flows is None and plan.school_places.tolist() == [s[4] for s in SCHOOLS]
    assert plan.pupils.sum() == int(room / 1.25)
    residents = np.array([a[2:5] for a in AREAS], float)
    assert np.abs(plan.pupils - residents * plan.pupils.sum() / residents.sum()).max() < 1.5
    base["city"]["tables"]["pupils"] = 321
    assert make(configure(base), 1).pupils.sum() == 321
    base["city"]["tables"]["pupils"] = room + 1
    with pytest.raises(ScenarioError, match="more than the"):
        make(configure(base), 1)
    base["city"]["start"] = "observed"
    base["city"]["tables"]["pupils"] = 0
    with pytest.raises(ScenarioError, match='set start = "nearest"'):
        make(configure(base), 1)


def test_missing_places_by_sector(small):
    rows = [(c, s, p if c not in ("s3", "s5") else "") for c, s, _, _, p, _, _ in SCHOOLS]
    lines = (small / "schools.csv").read_text().splitlines()
    extended = [f"{line},{extra}" for line, extra in zip(lines, ["places", *(r[2] for r in rows)], strict=True)]
    (small / "schools.csv").write_text("\n".join(extended))
    base = tree(small, start="nearest")
    schools = base["city"]["tables"]["schools"]
    for key in ("groups", "rest", "total"):
        schools.pop(key)
    schools |= {"places": "places", "places_missing": {"private": 20}}
    plan = make(configure(base), 1)
    assert plan.school_names == ("s1", "s2", "s4", "s5", "s6") and plan.notes["schools_left_out"] == 1
    assert plan.school_places.tolist() == [101, 87, 99, 20, 64]
    schools["without"] = {"code": ["s1", "s5"]}
    assert make(configure(base), 1).school_names == ("s2", "s4", "s6")


def test_percentages(small):
    lines = [("code", "share", "all", "lon", "lat")]
    text = [line.split(",") for line in (small / "schools.csv").read_text().splitlines()[1:]]
    lines += [(r[0], round(100 * int(r[3]) / int(r[2]), 1), r[2], r[5], r[6]) for r in text]
    write_csv(small / "schools.csv", lines[0], lines[1:])
    base = tree(small)
    base["city"]["tables"]["schools"] = {
        "file": "schools.csv", "id": "code", "x": "lon", "y": "lat", "groups": {"foreign": "share"}, "percent": True,
        "total": "all", "rest": "italian",
    }  # fmt: skip
    heads = make(configure(base), 1).flows.sum(axis=0)
    assert two(heads)[:, 0].tolist() == [s[5] for s in SCHOOLS]


def test_uncertain_areas_move_homes_and_no_margin_of_the_schools(small):
    base = tree(small)
    base["city"]["tables"]["area_spread"] = 0.4
    certain, one, other = make(config(small), 1), make(configure(base), 1), make(configure(base), 2)
    for plan in (one, other):
        assert (plan.flows.sum(axis=0)[:, 0] == certain.flows.sum(axis=0)[:, 0]).all(), "schools' margins are hard"
        assert (two(plan.flows.sum(axis=0)) == two(certain.flows.sum(axis=0))).all()
        assert np.abs(plan.pupils - certain.pupils).max() > 10, "areas' margins are soft"
    assert (one.pupils != other.pupils).any(), "and drawn anew with the seed"
    residents = np.array([a[2:5] for a in AREAS], float)
    times = two(one.pupils)[[0, 1, 3, 5, 6, 7]] / two(residents)[[0, 1, 3, 5, 6, 7]]
    assert 0.1 < np.log(times).std() < 0.8, "about as uncertain as asked for"


def test_factors_change_groups_and_not_the_total(small):
    base = tree(small, start="nearest")
    for key in ("groups", "rest", "total"):
        base["city"]["tables"]["schools"].pop(key)
    base["city"]["tables"]["schools"]["places"] = "pupils"
    areas = base["city"]["tables"]["areas"]
    before = make(configure(base), 1).pupils
    areas["times"] = {"asian": 0.5}
    after = make(configure(base), 1).pupils
    residents = np.array([a[2:5] for a in AREAS], float) * [1, 1, 0.5]
    assert before.sum() == after.sum() and np.abs(after - residents * after.sum() / residents.sum()).max() < 1.5
    areas["times"] = {"asiann": 0.5}
    with pytest.raises(ScenarioError, match="did you mean 'asian'"):
        make(configure(base), 1)


def test_zones_from_outlines_or_columns(small):
    halves = [
        [
            [
                [9.15 + 0.0128 * (0, 1.45, 3)[i], y]
                for i, y in ((k, 45.4), (k + 1, 45.4), (k + 1, 45.5), (k, 45.5), (k, 45.4))
            ]
        ]
        for k in (0, 1)
    ]
    write_geojson(small / "zones.geojson", [feature("Polygon", half, zone=f"Z{k}") for k, half in enumerate(halves)])
    base = tree(small, zones="table")
    with pytest.raises(ScenarioError, match="zones"):
        make(configure(base), 1)
    base["city"]["tables"]["zones"] = {"file": "zones.geojson", "id": "zone"}
    plan = make(configure(base), 1)
    assert plan.school_zone.tolist() == [int(s[2] > 1.45) for s in SCHOOLS]
    assert set(plan.place_zone[plan.place_area % 3 == 0]) == {0} and set(plan.place_zone[plan.place_area % 3 == 2]) == {
        1
    }
    base["city"]["tables"]["areas"]["zone"] = base["city"]["tables"]["schools"]["zone"] = "code"
    plan = make(configure(base), 1)
    assert len(set(plan.place_zone) | set(plan.school_zone)) == 15


@pytest.mark.parametrize("rest", [False, True])
def test_origins_by_district(small, rest):
    """Areas know the minority as a whole; a table of counts by category splits it by district."""
    counts = [("North", "Egypt", 10), ("North", "China", "30"), ("Centre", "Egypt", 5), ("Centre", "India", "..")]
    counts += [("Centre", "China", 15), ("South", "India", 8), ("South", "Egypt", 2), ("Far", "Mars", 9)]
    write_csv(small / "origins.csv", ["part", "country", "people"], counts)
    base = tree(small)
    tables = base["city"]["tables"]
    tables["areas"]["groups"] = {"italian": "it", "foreign": ["na", "as_m", "as_f"]}
    groups = {"north_african": "Egypt"} | ({} if rest else {"asian": ["China", "India"]})
    tables["origins"] = {"file": "origins.csv", "district": "part", "category": "country", "count": "people"}
    tables["origins"] |= {"hidden": "..", "groups": groups} | ({"rest": "asian", "whole": "na"} if rest else {})
    plan = make(configure(base), 1)
    by_district = np.array([plan.pupils[plan.area_district == d].sum(axis=0) for d in range(3)])
    whole = np.array([350, 150, 225]) if rest else np.array([20, 40, 10])  # Centre, North, South
    share = np.array([5, 10, 2]) / whole
    assert by_district[:, 1] == pytest.approx(by_district[:, 1:].sum(axis=1) * share, abs=2)
    assert (plan.flows.sum(axis=0)[:, 1:].sum(axis=1) == [s[5] for s in SCHOOLS]).all()
    tables["origins"]["hidden"] = ""
    with pytest.raises(ScenarioError, match=r"origins.csv, line 5: .* holds '\.\.', not a number"):
        make(configure(base), 1)


# --- real cities


@pytest.mark.parametrize("city", ["milan", "amsterdam", "barcelona"])
def test_real_scenarios_survive_a_round_trip(real, city):
    scenario = real(city)
    assert configure(to_tree(scenario)) == scenario


def test_milan(real):
    plan = make(real("milan"), 1)
    heads = plan.flows.sum(axis=0)
    state = plan.school_sector == STATE
    assert heads.sum() == 51145 and two(heads)[:, 0].sum() == 13183 and len(heads) == 203
    assert dissimilarity(two(heads)) == pytest.approx(0.439, abs=5e-4)
    assert dissimilarity(two(heads)[state]) == pytest.approx(0.394, abs=5e-4)
    foreign, italian = two(heads)[~state].sum(axis=0) / two(heads).sum(axis=0)
    assert (round(italian, 3), round(foreign, 3)) == (0.248, 0.056)
    assert plan.notes["residential_dissimilarity_source"] == pytest.approx(0.219, abs=5e-4)
    assert dissimilarity(two(plan.pupils)) == pytest.approx(0.219, abs=2e-3)
    assert plan.notes["residual_largest"] < 2.5 and plan.notes["residual_share"] < 0.005
    assert np.bincount(plan.area_district).tolist() == [8, 6, 4, 11, 11, 9, 12, 14, 13]
    origins = plan.pupils[:, 1:].sum(axis=0) / plan.pupils[:, 1:].sum()
    assert origins == pytest.approx([0.200, 0.387, 0.168, 0.201, 0.043], abs=1e-3)
    assert (containing(plan.school_x, plan.school_y, plan.outlines) >= 0).all()
    assert (containing(plan.place_x, plan.place_y, plan.outlines) == plan.place_area).all()


def test_amsterdam(real):
    scenario = real("amsterdam")
    plan = make(scenario, 1)
    heads = plan.flows.sum(axis=0)
    assert dissimilarity(two(heads)) == pytest.approx(0.461, abs=5e-4)
    assert dissimilarity(two(heads)[plan.school_sector == STATE]) == pytest.approx(0.458, abs=5e-4)
    assert dissimilarity(two(heads)[plan.school_sector == SUBSIDISED]) == pytest.approx(0.464, abs=5e-4)
    assert plan.notes["residential_dissimilarity_source"] == pytest.approx(0.353, abs=5e-4)
    assert plan.notes["unknown_left_out_areas"] == 1632 and plan.notes["unknown_left_out_schools"] == 1866
    assert plan.notes["residents"] == 58493 and heads.sum() == 58553 - 1866
    assert plan.notes["mean_distance_km"] == pytest.approx(plan.notes["mean_distance_km_observed"], rel=0.05)
    assert (
        np.bincount(plan.area_district, minlength=8)[plan.district_names.index("Westpoort")],
        len(plan.area_names),
    ) == (1, 99)
    path = f"{scenario.city.tables.folder}/{scenario.city.tables.schools.file}"
    with open(path, encoding="utf-8") as file:
        raw = np.array([f["geometry"]["coordinates"] for f in json.load(file)["features"]]) / 1000
    web = np.hypot(*(raw[:, None] - raw[None]).transpose(2, 0, 1))
    own = distances(plan.school_x, plan.school_y, plan.school_x, plan.school_y)
    apart = own > 0.5
    assert web[apart] / own[apart] == pytest.approx(1.637, abs=0.006)


def test_amsterdam_decay_of_the_default_gives_the_observed_mean_way(real):
    notes = make(real("amsterdam", "city.tables.schools.distance_m=''"), 1).notes
    assert notes["mean_distance_km"] == pytest.approx(1.468, rel=0.02)


def test_barcelona(real):
    plan = make(real("barcelona"), 1)
    assert len(plan.area_names) == 1068 and plan.flows is None
    assert np.bincount(plan.school_sector).tolist() == [170, 142, 8]
    assert plan.school_places.sum() * 9 * 0.816 == pytest.approx(plan.pupils.sum(), rel=1e-3)
    assert dissimilarity(two(plan.pupils)) == pytest.approx(0.203, abs=2e-3)
    assert set(plan.school_zone) == set(range(29)) >= set(plan.place_zone)
    assert (
        containing(plan.place_x, plan.place_y, plan.outlines) == plan.place_area
    ).mean() > 0.97  # outlines are thinned
    weight = plan.pupils.sum(axis=1)
    assert np.sqrt(np.average(plan.area_status**2, weights=weight)) == pytest.approx(0.476)
    all_ages = make(real("barcelona", 'city.tables.areas.total="pop_2023"'), 1)
    assert all_ages.notes["residential_dissimilarity_source"] == pytest.approx(0.204, abs=5e-4)
