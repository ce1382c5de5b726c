"""The figures: drawn for every kind of run, with captions, the same bytes each time, free of names and links."""

import re

import numpy as np
import pytest

from abm.figures import FIGURES, draw
from abm.figures.flows import _median
from abm.figures.schools import surroundings
from abm.figures.style import inline, spaced
from abm.summary import Numbers
from tests.test_summary import ONE_GROUP, make_run


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    run, config = make_run(tmp_path_factory.mktemp("figures") / "run", "city.subsidised_share=0.25", seeds=2)
    return run, config, draw(run, config)


def test_each_figure_is_saved_with_title_and_caption(drawn):
    run, _, pictures = drawn
    assert len(pictures) == len(FIGURES) == len({picture.name for picture in pictures})
    for picture in pictures:
        assert (run.folder / "figures" / f"{picture.name}.png").read_bytes()[:4] == b"\x89PNG"
        assert picture.title and "Source: this run of the model." in picture.caption
        assert "run" in picture.caption  # how many, or which


def test_the_same_run_gives_the_same_drawings(drawn):
    n = Numbers(*drawn[:2])
    assert [make(n) for make in FIGURES[:3]] == drawn[2][:3]  # PNG and SVG, to the byte


def test_drawings_have_no_links_and_no_names(drawn):
    run, _, pictures = drawn
    names = set(run.table("schools").name)
    for picture in pictures:
        assert "http" not in picture.svg and "<metadata" not in picture.svg
        assert not any(f">{name}<" in picture.svg for name in names)
        used = set(re.findall(r'(?:href="|url\()#([^")]+)', picture.svg))
        assert used <= set(re.findall(r'id="([^"]+)"', picture.svg))


def test_names_inside_drawings_differ_between_figures(drawn):
    ids = [set(re.findall(r'id="([^"]+)"', picture.svg)) for picture in drawn[2]]
    assert sum(map(len, ids)) == len(set.union(*ids))


def test_a_run_without_years_is_drawn(tmp_path):
    pictures = draw(*make_run(tmp_path / "run", "run.years=0", seeds=1))
    assert pictures[0].title == "Segregation at the start"
    assert [picture.name for picture in pictures] == ["segregation", "distribution", "map", "flows", "catchments"]


def test_a_grid_of_one_group_is_drawn(tmp_path):
    grid = ('city.kind="grid"', "city.cells=12", "city.block=4", "city.torus=true")
    pictures = draw(*make_run(tmp_path / "run", *grid, *ONE_GROUP, "run.years=1", seeds=1))
    assert [picture.name for picture in pictures] == ["map", "flows", "flight", "access"]
    assert all("nan" not in re.sub(r"data:image[^\"]*", "", picture.svg) for picture in pictures)


def test_a_title_claims_no_more_than_the_numbers(drawn):
    n = Numbers(*drawn[:2])
    rise = n.values("dissimilarity") - n.values("dissimilarity", year=0)
    assert ("more" in drawn[2][0].title) == (np.quantile(rise, 0.1) > 5e-4)


def test_a_private_school_is_set_beside_the_homes_around_it(drawn):
    n = Numbers(*drawn[:2])
    table = n.schools[(n.schools.seed == n.typical) & (n.schools.year == 0)]
    around = surroundings(n, table)
    state = (table.sector == "state").to_numpy()
    assert np.isfinite(around[~state]).all()
    there = table.local_minority_share.to_numpy()
    assert np.allclose(around[state & (there > 0)], there[state & (there > 0)])


def test_shares_of_flows_add_up(drawn):
    table = drawn[0].table("flows")
    keys = ["year", "side", "home_district", "seed"]
    heads = table.pivot_table("pupils", keys, "destination", aggfunc="sum", sort=False)
    assert _median(heads, ["year", "side"]).sum(axis=1).to_numpy() == pytest.approx(np.ones(4), abs=0.02)


def test_labels_keep_apart():
    out = spaced([0.1, 0.11, 0.5], 0.05)
    assert out[1] - out[0] == pytest.approx(0.05) and out[2] == 0.5
    assert min(spaced([0.0, 0.0], 0.1)) == 0.0
    assert spaced([], 0.1) == []


def test_inline_takes_the_headers_off():
    svg = '<?xml?><!DOCTYPE svg><svg xmlns:xlink="http://a" xmlns="http://b"><metadata>x</metadata><g id="axes_1"><use xlink:href="#m1"/></g></svg>'
    assert inline(svg) == '<svg><g><use href="#m1"/></g></svg>'
