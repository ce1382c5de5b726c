"""Chance at length: choices against the exact logit, and the random numbers under a battery of tests."""

import contextlib
import re
import shutil
import subprocess

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from abm.choice import perceive, rank
from abm.compiled import kernel
from abm.households import pack
from abm.randomness import Key, bits32
from abm.rules import Rules
from tests.builders import STATE, blueprint, hand_config, household_keys, table, world
from tests.reference.choice import logit, plackett_luce

DRAWS, PART = 20_000_000, 500_000
AWAY = (0.1, 0.2, 0.5, 0.9, 1.0, 1.6, 2.5, 4.0, 6.0, 9.0)  # km: the last is chosen once in 20,000 times


@pytest.mark.slow
@pytest.mark.parametrize("weights", [{"distance": -1.0}, {"distance": 0.0}], ids=["by distance", "by taste alone"])
def test_twenty_million_choices_are_the_logits(weights):
    """First choices by Perceive and Rank, of families with ids as the model gives them, chi-square; and the first two listed.

    40 runs of half a million families, each of another seed, with 10 schools.
    """
    zero = dict.fromkeys(
        ("distance_beyond", "reputation", "peers", "vulnerable", "emulation", "theme", "private", "zone", "sibling"), 0.0
    )  # fmt: skip
    config = hand_config(
        choice={**zero, "fee": -0.0, "length": 2, **weights}, perception={"noise": 0.0, "nearest": len(AWAY)}
    )
    plan = blueprint(config, [(km, STATE, 9) for km in AWAY], [0.0])
    serial = np.arange(PART)
    families = table(np.zeros(PART, int), id=pack(1, serial // 64, 0, 0, serial % 64))
    count = np.zeros((len(AWAY), len(AWAY)), np.int64)
    for seed in range(DRAWS // PART):
        state = world(config, plan, families, seed=seed)
        first, second = rank(perceive(state, Rules.of(config)), Rules.of(config)).round.lists.T.astype(np.int64)
        count += np.bincount(first * len(AWAY) + second, minlength=count.size).reshape(count.shape)
    worth = [weights["distance"] * km for km in AWAY]
    assert chisquare(count.sum(axis=1), np.array(logit(worth)) * DRAWS).pvalue > 0.001
    apart = ~np.eye(len(AWAY), dtype=bool)
    wanted = np.array(
        [[0 if a == b else plackett_luce(worth, a, b) for b in range(len(AWAY))] for a in range(len(AWAY))]
    )
    wanted *= DRAWS
    kept = apart & (wanted > 20)
    rare = [count[apart & ~kept].sum()], [wanted[apart & ~kept].sum()]
    seen, wanted = np.append(count[kept], rare[0]), np.append(wanted[kept], rare[1])
    seen, wanted = seen[wanted > 5], wanted[wanted > 5]
    assert chisquare(seen, wanted * seen.sum() / wanted.sum()).pvalue > 0.001


@kernel
def _words(keys, schools, transposed):
    """uint32 numbers in the order in which families look at schools; or school by school, all families of each."""
    out = np.empty(keys.size * schools, np.uint32)
    for h in range(keys.size):
        for s in range(schools):
            out[s * keys.size + h if transposed else h * schools + s] = bits32(keys[h], np.uint32(s))
    return out


def words(order):
    """Numbers of taste without end, part by part: areas of 30 families, 16 schools each; another year after 2^20 areas."""
    serial, year = np.arange(1 << 18), 0
    while True:
        for begin in range(0, 1 << 20, serial.size // 32):
            keys = household_keys(Key(1, "taste"), pack(year, begin + serial // 32, 0, 0, serial % 32))
            yield _words(keys, 16, order == "schools")
        year += 1


# Of the tests that dieharder's list calls good, those that need no number of their own.
BATTERY = (0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 15, 16, 17, 100, 101, 205, 206, 209)
RESULT = re.compile(r"^\s*(\S+)\|\s*\d+\|\s*\d+\|\s*\d+\|\s*([\d.]+)\|", re.MULTILINE)


def battery(order, test, said):
    """[(name, p)] of one of dieharder's tests, fed through a pipe with numbers in ``order``; ``said`` is a file for its table."""
    with open(said, "wb") as file:
        run = ["dieharder", "-g", "200", "-d", str(test)]
        child = subprocess.Popen(run, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.DEVNULL)
    with contextlib.suppress(BrokenPipeError):  # it has read enough
        for part in words(order):
            child.stdin.write(part)
    with contextlib.suppress(BrokenPipeError):
        child.stdin.close()
    assert child.wait(600) == 0
    return [(name, float(p)) for name, p in RESULT.findall(said.read_text())]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("dieharder") is None, reason="dieharder is not installed (apt-get install dieharder)")
@pytest.mark.parametrize("order", ["families", "schools"])
def test_dieharder_finds_nothing(order, tmp_path):
    """The numbers of taste as families look at schools, and school by school: no p within 1e-5 of 0 or 1, and all p even.

    Keys are fixed, so the figures are the same in each run.
    """
    found = [pair for test in BATTERY for pair in battery(order, test, tmp_path / "said")]
    print(order, *(f"{name} {p:.4f}" for name, p in found), sep="\n")
    p = np.array([p for _, p in found])
    assert p.size >= len(BATTERY)
    assert p.min() > 1e-5 and p.max() < 1 - 1e-5
    assert kstest(p, "uniform").pvalue > 0.001
