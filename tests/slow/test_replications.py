"""Every paper of the shelf in full, as ``schoolflight replicate all`` runs it: what agrees, and the disagreements that are known."""

import pytest

from experiments.replications.lab import Lab
from experiments.replications.paper import SHELF, paper
from experiments.replications.sage_flache import MAPS, surface_cells

# Quantities that do not agree, each told on the paper's page. One that agrees again is news, too: then strike it out.
DISAGREE = {
    "dignum": {"school H, alpha 1, as specified"},
    "michailidis": {"largest reduction, blocks, c = 0, two links"},
    "schelling": {
        f"{what}, wanted {f:.2f}, as Mesa's example"
        for what in ("like neighbours", "families content")
        for f in (0.75, 0.8)
    },
}
CHECKS = {
    "schelling": 31, "stoica_flache": 6, "sage_flache": 22, "dignum": 24, "michailidis": 14, "ukanwa": 12, "larsen": 6,
    "kessel_olme": 10, "maroulis": 5, "diaz": 9, "reardon": 8, "card_mas_rothstein": 17,
}  # fmt: skip
TABLES = {
    "sage_flache": {"surface"}, "dignum": {"map"}, "michailidis": {"weight", "reductions", "full_sorting", "dealing"},
    "ukanwa": {"dose", "weights", "residence"}, "kessel_olme": {"variants"}, "schelling": {"ends"},
    "card_mas_rothstein": {"pooled"}, "larsen": {"thresholds"}, "reardon": {"other_sizes"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("key", SHELF)
def test_the_whole_replication(key, tmp_path):
    outcome = paper(key).replicate(Lab(tmp_path, quick=False, jobs=2, bar=False))
    assert {check.quantity for check in outcome.checks if not check.agrees} == DISAGREE.get(key, set())
    assert len(outcome.checks) == CHECKS[key]
    assert TABLES.get(key, set()) <= set(outcome.tables)
    assert outcome.pictures
    if key == "sage_flache":
        surface_is_whole(outcome.tables["surface"])


def surface_is_whole(rows):
    """A row a cell for both readings of the grid and each map, in the columns that users of the file expect."""
    assert list(rows.columns) == ["fm", "alpha", "tolerant", "residential_d", "school_d_mean", "school_d_sd", "seeds"]
    there = set(zip(rows.fm, rows.alpha, rows.tolerant, strict=True))
    assert {(fm, *cell) for fm in MAPS for cell in surface_cells()} <= there
