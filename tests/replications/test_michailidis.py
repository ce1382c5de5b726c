"""Michailidis et al. 2024: the exact case, round by round; new links; random networks; the whole replication (slow)."""

import networkx
import numpy as np
import pytest

from experiments.replications import networks
from experiments.replications.lab import Lab
from experiments.replications.michailidis import dealt, play, two_communities


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path, bar=False)


@pytest.mark.parametrize(("c", "wanted"), [(0.0, 0.56), (0.58, 0.56), (0.6, 1.0), (1.0, 1.0)])
def test_the_exact_case(lab, c, wanted):
    """From .78 own in the node's school V is .975, from .22 it is .275: the own school wins where .7 c > 1 - c, c > .588."""
    found = play(lab.scenario("michailidis", f"choice.alpha={c}", "run.years=3"), 1)
    assert found["homes"] == pytest.approx(0.56)
    assert found["d"] == pytest.approx([wanted] * 3)


def test_below_one_over_one_plus_m_sorted_schools_come_apart(lab):
    """M = .6, c = .6: sorted, the own school is worth .36 to those who live at the other, which is worth .4 as the nearer."""
    found = play(lab.scenario("michailidis", "choice.alpha=0.6", "choice.peers_full=0.6", "run.years=4"), 1)
    assert found["d"] == pytest.approx([1.0, 0.56, 1.0, 0.56])


def test_a_link_mixes_by_distance_alone_and_not_under_strong_homophily(lab):
    """Node 6 linked to the school at 5 has both schools next door: D falls at c = 0 (by a third), stays 1 at c = .6."""
    base = lab.scenario("michailidis", "run.years=4")
    fallen = {}
    for c in (0.0, 0.6):
        tree = networks.city(base, *[two_communities(base)[k] for k in (0, 2, 1)])
        tree["choice"]["alpha"] = c
        fallen[c] = play(networks.with_links(tree, [(5, 6)], [3]), 1)["d"]
    assert fallen[0.0][:2] == pytest.approx([0.56, 0.56])
    assert max(fallen[0.0][2:]) < 0.45
    assert fallen[0.6] == pytest.approx([1.0] * 4)


@pytest.mark.parametrize("make", [networks.blocks, networks.lattice])
def test_random_networks(make):
    """Connected, simple, two halves of equal size with a school each; homes of equal groups, four fifths on the own side."""
    graph, side, schools = make(3)
    assert networkx.is_connected(graph) and networkx.number_of_selfloops(graph) == 0
    assert sorted(graph) == list(range(len(side))) and 2 * sum(side) == len(side)
    assert [side[v] for v in schools] == [0, 1]
    homes = networks.settle(side, 5000, 3)
    assert homes.sum(axis=0).tolist() == [2500, 2500]
    own = homes[np.arange(len(side)), side].sum() / 5000
    assert own == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / 5000))
    assert networkx.utils.edges_equal(make(3)[0].edges, graph.edges)


@pytest.mark.parametrize("name", ["evenly", "at the schools", "at random"])
def test_other_dealings_keep_the_totals(lab, name):
    base = lab.scenario("michailidis")
    _, homes, _ = two_communities(dealt(base, name, 1))
    assert homes.sum() == 500
    if name != "at random":
        assert [homes[:6].sum(axis=0).tolist(), homes[6:].sum(axis=0).tolist()] == [[195, 55], [55, 195]]
