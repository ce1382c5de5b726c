"""The disk cache of kernels: cold, stale, damaged, shared by processes, full, or nowhere to be written. Results stay."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from abm import cache_folder
from tests.builders import ROOT
from tests.test_compiled import CODE

# Two small kernels, one of them for two kinds of numbers; says the numbers, what came from the cache, and the cache's folder.
PROBE = """
import sys
import numpy as np
from abm import cache_folder
from abm.kinship import together
from abm.randomness import Key, draw
kinds = [np.int32, np.int64] if "back" in sys.argv else [np.int64, np.int32]
orders = [together(np.array([2, 0, 1, 0], kind), 3).tolist() for kind in kinds]
print(orders, draw(Key(1, "taste"), [1, 2, 3]).tolist())
print(sum(together.stats.cache_hits.values()), sum(together.stats.cache_misses.values()), cache_folder.CACHE_FOLDER)
"""
WANTED = "[[1, 3, 2, 0], [1, 3, 2, 0]]"


def start(*arguments, cache=None, root=ROOT, code=PROBE, **variables):
    """A process that runs the probe with the cache in the folder ``cache``."""
    env = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT")} | variables
    env |= {"PYTHONPATH": str(root)} | ({"NUMBA_CACHE_DIR": str(cache)} if cache else {})
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *arguments], cwd=root, env=env, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def said(process):
    """Its first line, how often it found ``together`` in the cache and how often not, and the folder."""
    out, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    first, last = out.strip().splitlines()[-2:]
    hits, misses, folder = last.split(maxsplit=2)
    return first, int(hits), int(misses), folder


def probe(*arguments, **options):
    return said(start(*arguments, **options))


def files(folder, end):
    return sorted(folder.rglob(f"*.{end}"))


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A cache that a process has filled, and what that process said."""
    folder = tmp_path_factory.mktemp("warm")
    first, hits, misses, _ = probe(cache=folder)
    assert (first.startswith(WANTED), hits, misses) == (True, 0, 2)
    return folder, first


DAMAGES = {
    "cut": lambda data: data[: len(data) // 2], "emptied": lambda data: b"", "other": lambda data: b"something else",
    "holed": lambda data: data[:3000] + bytes(2000) + data[5000:],
}  # fmt: skip


@pytest.mark.parametrize("end, ways", [("nbc", ("holed", "cut")), ("nbi", ("cut", "emptied"))])
def test_damaged_files_are_compiled_anew(end, ways, warm, tmp_path):
    """One file of each kernel is damaged one way or the other: no error, the same numbers, mended after."""
    folder = shutil.copytree(warm[0], tmp_path / "copy")
    for k, path in enumerate(files(folder, end)):
        path.write_bytes(DAMAGES[ways[k % 2]](path.read_bytes()))
    assert probe(cache=folder)[:3] == (warm[1], 0, 2)
    assert probe(cache=folder)[:3] == (warm[1], 2, 0)


@pytest.mark.slow
@pytest.mark.parametrize("end", ["nbc", "nbi"])
@pytest.mark.parametrize("way", DAMAGES)
def test_every_damage_to_every_file(end, way, warm, tmp_path):
    folder = shutil.copytree(warm[0], tmp_path / "copy")
    for path in files(folder, end):
        path.write_bytes(DAMAGES[way](path.read_bytes()))
    assert probe(cache=folder)[0] == warm[1]
    for path in files(folder, "nbc"):
        path.unlink()
    assert probe(cache=folder)[:3] == (warm[1], 0, 2)


def test_processes_that_compile_at_once_do_not_mix_up_their_code(tmp_path):
    """Two at once on an empty folder, kinds of numbers in either order: the same numbers, then and afterwards."""
    both = [start(*(["back"] * (k % 2)), cache=tmp_path) for k in range(2)]
    firsts = {said(process)[0] for process in both}
    first, hits, misses, _ = probe(cache=tmp_path)
    assert firsts == {first} and hits + misses == 2
    assert probe(cache=tmp_path)[:3] == (first, 2, 0)
    assert not list(tmp_path.rglob("*.tmp.*"))


@pytest.mark.slow
def test_an_entry_is_named_by_what_it_holds(tmp_path):
    """Whichever kind comes first: no two processes can mean different code by one name."""
    names = []
    for k, arguments in enumerate(([], ["back"])):
        probe(*arguments, cache=tmp_path / str(k))
        names.append([path.name for path in files(tmp_path / str(k), "nbc")])
    assert names[0] == names[1]


def test_an_edit_of_another_file_is_seen(tmp_path):
    """The kernel's own file stands as it was; the mixer of another file, which is pasted into it, has another constant."""
    root = tmp_path / "copy"
    shutil.copytree(ROOT / "abm", root / "abm", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "abm" / "probe.py").write_text(
        "from abm.compiled import kernel\nfrom abm.randomness import mix64\n\n\n@kernel\ndef probe(z):\n    return mix64(z)\n"
    )
    code = (
        "import numpy as np; from abm import cache_folder; from abm.probe import probe; print(probe(np.uint64(0)));"
        "print(sum(probe.stats.cache_hits.values()), 0, cache_folder.CACHE_FOLDER)"
    )
    text = (root / "abm" / "randomness.py").read_text()
    told = [probe(cache=tmp_path / "cache", root=root, code=code) for _ in range(2)]
    assert [t[:2] for t in told] == [(str(0xE220A8397B1DCDAF), 0), (str(0xE220A8397B1DCDAF), 1)]
    about = (root / "abm" / "probe.py").stat()
    (root / "abm" / "randomness.py").write_text(text.replace("0xBF58476D1CE4E5B9", "0xBF58476D1CE4E5BB"))
    edited = probe(cache=tmp_path / "cache", root=root, code=code)
    assert edited[0] != told[0][0] and edited[1] == 0
    assert (root / "abm" / "probe.py").stat() == about
    (root / "abm" / "randomness.py").write_text(text)
    back = probe(cache=tmp_path / "cache", root=root, code=code)
    assert back[:2] == (told[0][0], 1) and back[3] == told[0][3] != edited[3]


# A kernel that the cache may hold, and one that it cannot hold, into which the first is pasted.
PASTED = """
import numba
import numpy as np
from abm import cache_folder
from abm.sorting import by_number
numbers = np.array([7, 3, 5], np.uint64) << np.uint64(60)
alone, pasted = by_number(numbers), numba.njit(lambda numbers: by_number(numbers)[::-1].copy())(numbers)
print(alone.tolist(), pasted.tolist())
print(sum(by_number.stats.cache_hits.values()), sum(by_number.stats.cache_misses.values()), cache_folder.CACHE_FOLDER)
"""


def test_a_kernel_from_the_cache_can_be_pasted_into_a_new_one(tmp_path):
    """Its code for that is read only then."""
    for hits in range(2):
        assert probe(cache=tmp_path, code=PASTED)[:3] == ("[1, 2, 0] [0, 2, 1]", hits, 1 - hits)


# No home, not even in the system's list of users; no folder for temporary files.
NOWHERE = """
import os, pwd, tempfile
def nobody(*_): raise KeyError("nobody")
def none(): raise FileNotFoundError("no usable temporary directory")
pwd.getpwuid, tempfile.gettempdir = nobody, none
for name in ("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"): os.environ.pop(name, None)
"""


def test_without_any_folder_kernels_are_compiled_in_each_process(warm):
    assert probe(code=NOWHERE + PROBE) == (warm[1], 0, 2, "None")


def test_read_only_folders_and_files_do_not_stop_it(warm, tmp_path):
    """The first place is a file; a home that cannot be written gives way to the folder for temporary files."""
    (tmp_path / "file").write_text("")
    other = tmp_path / "temporary"
    other.mkdir()
    told = probe(HOME=str(tmp_path / "file"), XDG_CACHE_HOME=str(tmp_path / "file"), TMPDIR=str(other))
    assert told[0] == warm[1] and told[3].startswith(str(other))


def test_warm_is_what_others_compiled_before(tmp_path):
    """What a process has compiled itself by then, to try a scenario out, does not hide that the rest is still to come."""
    code = """
from abm import cache_folder
(cache_folder.CACHE_FOLDER / "kernel.nbi").touch()
print(cache_folder.is_warm())
"""
    for before in ("False", "True"):
        out, errors = start(code=code, XDG_CACHE_HOME=str(tmp_path)).communicate(timeout=60)
        assert out.strip() == before, errors


@pytest.mark.slow
def test_a_full_disk_does_not_stop_it(warm, tmp_path):
    """Every file that is written fails when it is half done: numbers as ever, and no rubbish is left."""
    full = """
from abm import cache_folder
import numba.core.caching as caching
def full(self, data): raise OSError(28, "No space left on device")
caching.IndexDataCacheFile._dump = full
"""
    assert probe(cache=tmp_path / "full", code=full + PROBE)[:3] == (warm[1], 0, 2)
    assert not files(tmp_path / "full", "nbc")


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners of files here")
def test_a_folder_that_others_may_write_is_not_trusted(tmp_path, monkeypatch):
    """Cached code is run as found. The folder for temporary files is everybody's: what is ours there is for us alone."""
    ours = cache_folder._private(tmp_path / "ours")
    assert ours.stat().st_mode & 0o777 == 0o700
    ours.chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path)
    for folder in (ours, tmp_path / "link"):
        with pytest.raises(PermissionError):
            cache_folder._private(folder)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache_folder.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / f"schoolflight-kernels-{os.getuid()}").mkdir()
    (tmp_path / f"schoolflight-kernels-{os.getuid()}").chmod(0o777)
    assert list(cache_folder._candidates()) == [tmp_path / "schoolflight" / "kernels"]


WHOLE = ("run.years=2", "moving.rate=0.1", "choice.strategic=0.3")


@pytest.mark.slow
def test_the_whole_model_cold_warm_twice_at_once_and_without_a_folder(tmp_path):
    """The same digest of all tables from two processes that compile at once, from the cache, without one, and after damage."""
    two = [start(*WHOLE, cache=tmp_path, code=CODE) for _ in range(2)]
    digests = [process.communicate(timeout=600)[0] for process in two]
    digests.append(start(*WHOLE, cache=tmp_path, code=CODE).communicate(timeout=600)[0])
    digests.append(start(*WHOLE, code=NOWHERE + CODE).communicate(timeout=600)[0])
    for k, path in enumerate(files(tmp_path, "nb?")):
        path.write_bytes(path.read_bytes()[: -1 - 100 * (k % 3)])
    digests.append(start(*WHOLE, cache=tmp_path, code=CODE).communicate(timeout=600)[0])
    assert re.fullmatch(r"[0-9a-f]{64}\n", digests[0])
    assert len(set(digests)) == 1
