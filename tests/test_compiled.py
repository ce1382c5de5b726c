"""Compiled and plain kernels give the same bits; the cache knows every edit."""

import contextlib
import gc
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import TypingError
from numba.core.event import Listener, install_listener
from numba.core.ir import Inst
from numba.core.postproc import PostProcessor
from numba.core.types.functions import BaseFunction

from abm import cache_folder, compiled, shortcuts
from abm.compiled import kernel
from abm.floats import ln
from abm.model import SchoolChoiceModel
from tests.builders import ROOT, scenario

CODE = """
import hashlib, sys
import numpy as np
from abm.model import SchoolChoiceModel
from abm.scenario import load
model = SchoolChoiceModel(load("configs/classroom.toml", sys.argv[1:]), 1, collect=False)
digest = hashlib.sha256()
for year in range(4):
    if year:
        model.step()
    world = model.world
    for table in (world.households, world.schools, world.seen, *([world.round, world.round.neighbours] if world.round else [])):
        for column in (column for column in table if not isinstance(column, tuple)):
            digest.update(np.ascontiguousarray(column).tobytes())
    digest.update(repr([(*r[:3], repr(float(r[3]))) for r in model.indicators.rows]).encode())
print(digest.hexdigest())
"""


def run(jit, *overrides):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE, *overrides], cwd=ROOT, capture_output=True, text=True, timeout=240,
        env=os.environ | {"NUMBA_DISABLE_JIT": "0" if jit else "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_compiled_or_not_three_years_give_the_same_bits():
    """Every table of the classroom and every measurement, with moves and strategic families, in both ways of running."""
    overrides = ("run.years=3", "moving.rate=0.1", "choice.strategic=0.3", "city.pupils=200", "city.schools=5")
    assert run(True, *overrides) == run(False, *overrides)


def test_the_published_forms_give_the_same_bits_too():
    overrides = ('choice.form="cobb_douglas"', 'choice.distance_form="ratio"', "choice.beta=12.0", "city.pupils=100")
    assert run(True, *overrides) == run(False, *overrides)


def test_messages_visits_and_colours_give_the_same_bits():
    policies = '{ kind = "campaign" }, { kind = "school_visits", count = 2 }, { kind = "traffic_light" }, { kind = "mediators" }'
    overrides = (
        f"policies=[{policies}]",
        "perception.nearest=2",
        "choice.strategic=0.3",
        "city.pupils=100",
        "city.schools=5",
    )
    assert run(True, *overrides) == run(False, *overrides)
    assert run(True, *overrides) != run(True, *overrides[1:])


@pytest.mark.parametrize("searches", [True, False])
def test_what_is_pasted_into_kernels_can_be_called_too(searches):
    """Before and after a kernel has pasted it in, the same bits; whether garbage is searched for stays as it was."""
    x = np.float32(0.3)
    (gc.enable if searches else gc.disable)()
    try:
        found = [ln(x), kernel(lambda x: ln(x))(x), ln(x)]
        assert gc.isenabled() == searches
    finally:
        gc.enable()
    assert len({np.float32(value).tobytes() for value in found}) == 1


def _spread(sizes, share):
    """Arrays, branches, a pair's least and a power: a bit of all that numba is asked about."""
    out, units = np.zeros((sizes.size, 2), np.float64), sizes.size
    for u in range(units):
        for g in range(2):
            out[u, g] = min(sizes[u] * share**g, 3.5) if u else math.sqrt(sizes[u] + g)
    return out[:, 1].copy(), out.sum()


def test_the_long_way_round_gives_the_same_bits(monkeypatch):
    """As a version of numba that was never tried takes it; and numba is left as it was, after a failure too."""
    monkeypatch.setattr(compiled, "CACHE_FOLDER", None)
    sizes, before = np.linspace(0.1, 9.0, 40), (BaseFunction.get_call_type, PostProcessor.run, Inst._rec_list_vars)
    column, total = kernel(_spread)(sizes, 0.3)
    with pytest.raises(TypingError):
        kernel(_spread)(sizes, "no number")
    assert before == (BaseFunction.get_call_type, PostProcessor.run, Inst._rec_list_vars)
    monkeypatch.setattr(shortcuts, "TRIED", False)
    long_column, long_total = kernel(_spread)(sizes, 0.3)
    assert (column.tobytes(), total) == (long_column.tobytes(), long_total)


def test_a_constant_is_a_number_like_others():
    """A kernel called by another with 0 and with a number is compiled once."""
    part = kernel(lambda x: x + 1)
    assert kernel(lambda x: part(0) + part(x))(4) == 6
    assert len(part._part.signatures) == 1


def test_the_digest_is_of_every_source_file(tmp_path, monkeypatch):
    """A copy has the same digest; one byte more, or a file under another name, another one."""
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.py").write_text("y = 2\n")
    monkeypatch.setattr(cache_folder, "PACKAGE", tmp_path)

    def digest():
        return cache_folder.source_digest(cache_folder.sources())

    first = digest()
    assert digest() == first
    (tmp_path / "deep" / "b.py").write_text("y = 3\n")
    second = digest()
    (tmp_path / "deep" / "b.py").rename(tmp_path / "deep" / "c.py")
    assert len({first, second, digest()}) == 3


def test_the_cache_depends_on_kernels_and_their_constants_alone():
    """An edit where a kernel stands, or where it takes a number from, starts a fresh folder; an edit of a policy does not."""
    files = cache_folder.sources()
    kernels = cache_folder.kernel_sources(files)
    for name, text in files.items():
        if b"@kernel" in text or b"@inlined" in text:
            assert name in kernels
    assert {"sight.py", "geometry.py", "households.py", "compiled.py", "disk_cache.py"} <= set(kernels)
    assert not {"rules.py", "results.py", "policies/magnet.py", "config/families.py"} & set(kernels)
    made = {
        "hot.py": b"from abm.compiled import kernel\nfrom abm.cold import (\n    LIMIT,\n    face,\n)\n",
        "cold.py": b"LIMIT = 3\n", "face.py": b"from abm.hot import run\n", "compiled.py": b"",
        "disk_cache.py": b"", "cache_folder.py": b"", "shortcuts.py": b"", "asked_once.py": b"",
    }  # fmt: skip
    assert set(cache_folder.kernel_sources(made)) == set(made) - {"face.py"}


def test_where_no_folder_can_be_written_there_is_none(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(cache_folder, "_candidates", lambda: [tmp_path / "file", tmp_path / "file" / "x"])
    assert cache_folder._cache_folder("abc") is None
    monkeypatch.setattr(cache_folder, "_candidates", lambda: [tmp_path / "file", tmp_path / "good"])
    assert cache_folder._cache_folder("abc") == tmp_path / "good" / "abc"


def test_the_cache_goes_where_it_is_told(monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    assert list(cache_folder._candidates()) == [Path("/somewhere")]


def test_the_model_runs_without_a_cache():
    """An environment where nothing can be cached: kernels compile anew, numbers are the same."""
    model = SchoolChoiceModel(scenario("classroom", "run.years=0"), 1, collect=False)
    assert model.world.households.id.size == 400


class Interrupting(Listener):
    """Presses Ctrl-C as soon as a function begins to be compiled."""

    def on_start(self, event):
        signal.raise_signal(signal.SIGINT)

    def on_end(self, event):
        pass


@pytest.mark.parametrize("handles", [signal.default_int_handler, signal.SIG_IGN])
def test_ctrl_c_waits_until_a_kernel_is_compiled(handles):
    """It is then raised, or not heeded, as ever; the machine code is there."""
    made = kernel(lambda x: x + 1)
    before = signal.signal(signal.SIGINT, handles)
    try:
        raised = pytest.raises(KeyboardInterrupt) if callable(handles) else contextlib.nullcontext()
        with install_listener("numba:compile", Interrupting()), raised:
            made(1)
        assert signal.getsignal(signal.SIGINT) is handles
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(made.overloads) == 1 and made(1) == 2
