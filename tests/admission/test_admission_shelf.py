"""The shelf is complete, and the kernels give the same answer uncompiled."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import abm.admission
from abm.admission import MECHANISMS, match

HELPERS = {"__init__", "audit", "checks", "market", "rounds"}

SCRIPT = """
import json, sys
import numpy as np
from abm.admission import MECHANISMS, match
from abm.admission.audit import at_lists, justified_envy, wasted_seats
rng = np.random.default_rng(3)
lists = np.argsort(rng.random((40, 6)), axis=1)[:, :4].astype(np.int32)
points = rng.integers(0, 3, size=lists.shape).astype(np.int32)
lottery = rng.integers(0, 2**32, size=lists.shape, dtype=np.uint32)
types, out = rng.integers(0, 2, size=40), []
for name in MECHANISMS:
    for rules in ({}, {"reserves": [[1, 2]] * 6, "quotas": [[3, -1]] * 6}):
        for order in ("reserve_first", "open_first"):
            draws = lottery[:, 0] if name == "serial_dictatorship" or order == "open_first" else lottery
            school = match(name, lists, points, [5] * 6, types=types, lottery=draws, order=order, **rules)
            envy = justified_envy(school, lists, points, [5] * 6, lottery=draws)
            out.append([school.tolist(), envy, wasted_seats(school, lists, [5] * 6)])
print(json.dumps(out))
"""


def test_every_mechanism_is_on_the_shelf():
    files = {path.stem for path in Path(abm.admission.__file__).parent.glob("*.py")}
    assert files - HELPERS == set(MECHANISMS)
    assert all(function.__name__ == name for name, function in MECHANISMS.items())


def test_uncompiled_kernels_give_the_same():
    def run(**environment):
        code = [sys.executable, "-W", "error", "-c", SCRIPT]
        root = Path(abm.admission.__file__).parents[2]
        done = subprocess.run(code, capture_output=True, text=True, cwd=root, env={**os.environ, **environment})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert run(NUMBA_DISABLE_JIT="1") == run()


def test_a_city_of_some_size_is_valid():
    rng = np.random.default_rng(0)
    lists = np.argsort(rng.random((3000, 40)), axis=1)[:, :8].astype(np.int32)
    for name in MECHANISMS:
        school = match(name, lists, None, np.full(40, 60), lottery=rng.integers(0, 2**32, 3000, dtype=np.uint32))
        assert np.bincount(school[school >= 0], minlength=40).max() <= 60
