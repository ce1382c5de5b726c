"""Pattern 2: equal tolerance for school and neighbourhood still gives more school than residential segregation.

On the lattice of Dignum et al. (2022), homes settled first, then schools. The whole map of where it holds is made by
``schoolflight replicate dignum`` (map.csv); here are four of its points, three seeds each.
"""

import numpy as np
import pytest

from experiments.replications.dignum_stages import over_few
from experiments.replications.lab import Lab

SEEDS = (1, 2, 3)


def excess(tmp_path, *overrides):
    """{alpha: (seed,) school H minus residential H}."""
    config = Lab(tmp_path).scenario("dignum", "choice.distance_form=min_max", *overrides)
    runs = [over_few(config, seed) for seed in SEEDS]
    return {a: np.array([run["school_h"][i] - run["homes_h"] for run in runs]) for i, a in enumerate(runs[0]["alpha"])}


@pytest.mark.parametrize(("f", "least"), [(0.5, 0.2), (0.7, 0.5)])
def test_2_equal_tolerance_segregates_schools_more_than_homes(tmp_path, f, least):
    """Measured at alpha .4: .39 at f = .5, .74 at f = .7, sd .06; contrast: nothing by distance only."""
    found = excess(tmp_path, f"households.tolerance={f}")
    assert abs(found[0.0]).max() < 0.05
    assert found[0.2].min() > 0.03
    assert found[0.4].min() > least
