"""Exports: the table equals the futures, the file that plays asks nothing of anybody, the film has every year."""

import csv
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from abm.config.declare import ScenarioError
from experiments.app.export import bundle, film, sample, single
from experiments.app.export.asked import asked
from experiments.app.export.drawing import Scene
from experiments.app.export.jobs import Jobs
from experiments.app.export.provenance import provenance
from experiments.app.export.table import table
from experiments.app.frames import town
from experiments.app.futures import Studio
from experiments.app.server import application
from experiments.app.session import Session
from tests.app.asgi import ask
from tests.builders import ROOT, scenario

MAGNET = {"kind": "magnet", "start": 2, "intensity": 1.0}


def both(name, years, policies=(MAGNET,), studio=None):
    """A session of a shipped scenario with both futures played."""
    session = Session(name, 3, years, 0, tuple(policies), {})
    return asked(session, scenario(name), studio or Studio())


def about(of):
    """The city as the page knows it, as far as the file needs it."""
    world = of.futures[0].states[0].world
    path = ROOT / "configs" / f"{of.session.scenario}.toml"
    return {"town": town(world, of.base), "title": of.base.title, "shelf": []} | provenance(of.base, path)


@pytest.fixture(scope="module")
def pair():
    return both("classroom", 4)


@pytest.fixture(scope="module")
def page(pair):
    return single.offline(pair, about(pair), {"language": "en"})


def test_the_table_holds_every_figure_of_both_futures(pair):
    rows = list(csv.DictReader(io.StringIO(table(pair))))
    found = {(row["future"], int(row["year"]), row["figure"]): row for row in rows}
    assert len(found) == len(rows)
    for name, future in zip(("baseline", "policies"), pair.futures, strict=True):
        for figure, values in future.lines.items():
            for year, value in enumerate(values):
                if np.isfinite(value):
                    row = found.pop((name, year, figure))
                    assert float(row["value"]) == pytest.approx(value, abs=5e-7)
                    assert row["seed"] == "3" and row["unit"]
    assert not found


def test_the_table_takes_bands_where_they_are_known(pair):
    bands = [{"D": {"low": [0.1] * 5, "mid": [0.2] * 5, "high": [0.3, 0.3, None, 0.3, 0.3]}}, {}]
    rows = [row for row in csv.DictReader(io.StringIO(table(pair, bands))) if row["figure"] == "D"]
    base = [row for row in rows if row["future"] == "baseline"]
    assert [row["high"] for row in base] == ["0.3", "0.3", "", "0.3", "0.3"]
    assert {row["low"] for row in rows if row["future"] == "policies"} == {""}


def test_files_are_called_by_scenario_policies_and_seed(pair):
    assert pair.name == "schoolflight_classroom_magnet_seed3"


def _targets(html):
    """All that a browser would fetch: sources and links of tags and of styles."""
    attributes = re.findall(r"\b(?:src|href|action|data|poster|srcset)\s*=\s*[\"']?([^\"'>\s]+)", html)
    return attributes + re.findall(r"url\(\s*[\"']?([^\"')]+)", html) + re.findall(r"@import\s+[\"']?([^\"';]+)", html)


def test_the_file_that_plays_asks_nothing_of_anybody(page):
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert all(target.startswith(("data:", "#", "blob:")) for target in _targets(markup))
    script = re.search(r"<script>(.*)</script>", page, re.S)[1]
    hosts = set(re.findall(r"\bhttps?://[^\s\"'`)]+", markup + script + json.dumps(single.unwrap(page)[0])))
    assert {host for host in hosts if "www.w3.org" not in host} == set()  # the name of SVG is no address that is asked
    assert "default-src 'none'" in page and "connect-src" not in page
    assert not re.search(r"^\s*(import|export)\b", script, re.M)


def test_the_file_holds_the_futures_whole(pair, page):
    tree, _ = single.unwrap(page)
    for told, future in zip(tree["futures"], pair.futures, strict=True):
        assert told == json.loads(json.dumps(future.told()))
    assert tree["session"]["policies"] == [MAGNET] and tree["session"]["seed"] == 3


def unpacked(tree, block):
    """The frames in a file, as page/packed.js reads them."""
    packed = tree["packed"]
    keys = np.frombuffer(block, "<u4", packed["keys"])
    at, frames = 4 * packed["keys"], []
    for n in packed["families"]:
        columns = []
        for width in packed["widths"]:
            columns.append(np.frombuffer(block, f"<u{width}", n, at).astype(np.int64))
            at += width * n
        step, place, school, flags = columns
        school = np.where(school == 256 ** packed["widths"][2] - 1, -1, school)
        frames.append((keys[np.cumsum(step)], place, school, flags))
    assert len(block) - at == 4 * packed["zones"]["places"] * (max(packed["zones"]["of"]) + 1)
    return frames


def test_packed_families_come_back_to_the_bit(pair, page):
    frames = unpacked(*single.unwrap(page))
    plain = [sample.read(future.frame(year)) for future in pair.futures for year in range(5)]
    assert len(frames) == len(plain)
    for columns, frame in zip(frames, plain, strict=True):
        for got, real in zip(columns, frame[1:], strict=True):
            assert np.array_equal(got, real)


def test_local_schools_stand_once_for_all_years_that_share_them(pair, page):
    tree, block = single.unwrap(page)
    zones = tree["packed"]["zones"]
    tables = np.frombuffer(block[-4 * zones["places"] * (max(zones["of"]) + 1) :], "<i4").reshape(-1, zones["places"])
    worlds = [future.states[year].world for future in pair.futures for year in range(5)]
    assert all(np.array_equal(tables[k], world.city.local) for k, world in zip(zones["of"], worlds, strict=True))
    assert len(np.unique(tables, axis=0)) == len(tables)


def test_a_sample_is_the_same_families_in_all_years_and_futures(pair):
    whole = [sample.read(future.frame(year)) for future in pair.futures for year in range(5)]
    thin = sample.thin(whole, 150)
    assert 100 < max(frame.key.size for frame in thin) < 200
    drawn = set(np.concatenate([frame.key for frame in thin]).tolist())
    for few, frame in zip(thin, whole, strict=True):
        assert set(few.key.tolist()) == drawn & set(frame.key.tolist())


def test_the_handout_has_the_numbers_of_the_lines_and_all_families(pair):
    html = single.handout(
        pair, about(pair), {"language": "en", "verdict": {"answer": "Not known.", "rows": [], "notes": []}}
    )
    tree, block = single.unwrap(html)
    for told, future in zip(tree["futures"], pair.futures, strict=True):
        for figure in ("D", "flight", "first_choice", "gap", "distance", "cost"):
            assert told["lines"][figure] == [None if not np.isfinite(v) else round(v, 6) for v in future.lines[figure]]
    assert tree["packed"]["years"] == [0, 4, 0, 4]
    sizes = [future.states[year].world.households.id.size for future in pair.futures for year in (0, 4)]
    assert [frame[0].size for frame in unpacked(tree, block)] == sizes


def test_the_film_has_every_year(pair):
    heard = []
    picture = Image.open(io.BytesIO(film.film(pair, "gif", "en", lambda done, total: heard.append((done, total)))))
    assert picture.n_frames == 5
    assert 600 <= picture.size[0] <= 700
    assert heard[-1] == (5, 5)
    shown = []
    for k in range(5):
        picture.seek(k)
        shown.append(np.asarray(picture.convert("RGB")).tobytes())
    assert len(set(shown)) == 5


def test_a_film_without_its_programme_says_what_to_do(pair, monkeypatch):
    monkeypatch.setattr(film.shutil, "which", lambda name: None)
    with pytest.raises(ScenarioError, match="ffmpeg"):
        film.film(pair, "mp4", "en")


def test_a_job_is_done_once_and_tells_its_error():
    jobs, done = Jobs(), []
    first = jobs.ask(("a",), "a.csv", "csv", lambda progress: done.append(1) or b"x")
    first.ended.wait(10)
    assert jobs.ask(("a",), "a.csv", "csv", lambda progress: b"y") is first and first.file == b"x" and done == [1]
    second = jobs.ask(("b",), "b.csv", "csv", lambda progress: 1 / 0)
    second.ended.wait(10)
    assert "ZeroDivisionError" in second.told()["error"] and not second.told()["ready"]


def test_the_server_makes_an_export_and_hands_it_out():
    app = application({"classroom": ROOT / "configs" / "classroom.toml"}, "classroom")
    session = {"scenario": "classroom", "seed": 3, "years": 1, "policies": [MAGNET]}
    status, _, body = ask(app, "/api/session", session)
    assert status == 200 and json.loads(body)["session"]["policies"] == [MAGNET]
    for kind, how, path in (("csv", "attachment", "/api/export/{}/file"), ("handout", "inline", "/handout/{}")):
        told = json.loads(ask(app, f"/api/export/{kind}", {"session": json.loads(body)["session"]})[2])
        while not told["ready"] and not told["error"]:
            told = json.loads(ask(app, f"/api/export/{told['key']}")[2])
        status, headers, file = ask(app, path.format(told["key"]))
        assert (status, told["error"]) == (200, "") and len(file) > 1000
        assert headers["content-disposition"].startswith(how) and told["name"] in headers["content-disposition"]
    assert ask(app, "/api/export/nothing")[0] == 404
    assert ask(app, "/api/export/spell", {"session": session})[0] == 400
    status, _, body = ask(app, "/api/export/csv", {"session": session | {"policies": [{"kind": "teleport"}]}})
    assert status == 400 and "teleport" in json.loads(body)["error"]


@pytest.mark.parametrize("entry", ["main.js", "offline.js", "handout.js"])
def test_the_page_goes_into_one_script(entry):
    assert f'modules["{entry}"]' in bundle.bundle(single.PAGE, entry)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('import * as all from "./b.js";\n', "not understood"),
        ('import { none } from "./b.js";\n', "exports no such name"),
        ('import { loose } from "./b.js";\n', "bound for good"),
        ('import { a } from "./a.js";\nexport const a = 1;\n', "circle"),
        ("export default 1;\n", "not understood"),
    ],
)
def test_a_module_that_is_not_understood_is_an_error(tmp_path, text, told):
    (tmp_path / "a.js").write_text(text)
    (tmp_path / "b.js").write_text("export let loose = 1;\nexport const one = [1, 2], two = { three: 3 };\n")
    with pytest.raises(bundle.BundleError, match=told):
        bundle.bundle(tmp_path, "a.js")


@pytest.mark.slow
def test_milan_fits_into_an_email():
    of = both("milan", 15)
    assert len(single.offline(of, about(of), {"language": "en"}).encode()) < 5_000_000


@pytest.mark.parametrize("language", ["it", "nb"])
def test_the_film_speaks_the_reader_s_language(pair, language):
    say = film.words(language)
    scene = Scene(pair, language, say)
    assert scene._word("title", pair.base.title) == say(f"title.{pair.base.title}") != pair.base.title
    assert scene._word("group", "minority") == say("group.minority")
    assert scene._word("group", "my_own_group") == "my own group"
