"""The server answers the page's questions, tells faults as sentences, and sends nothing from elsewhere."""

import re
import struct
import time

import pytest

from experiments.app import bands, server
from experiments.app.frames import MARK
from experiments.app.server import PAGE, application
from tests.app.asgi import ask

SCENARIO = """
base = "{base}"
title = "Tiny"
[run]
years = 3
[city]
pupils = 200
schools = 4
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    from tests.builders import ROOT

    folder = tmp_path_factory.mktemp("scenarios")
    path = folder / "tiny.toml"
    path.write_text(SCENARIO.format(base=(ROOT / "configs" / "classroom.toml").as_posix()))
    (folder / "bad.toml").write_text("[city]\npupil = 3\n")
    (folder / "policies").mkdir()
    (folder / "policies" / "reserve.toml").write_text(
        'base = "../tiny.toml"\ntitle = "A reserve"\ndescription = "Text."\n[[policies]]\nkind = "reserved_places"\n'
    )
    made = application({"tiny": path, "bad": folder / "bad.toml"}, "tiny")
    made.state.workers.count = 1
    yield made
    made.state.workers.close()


@pytest.fixture(scope="module")
def city(app):
    return ask(app, "/api/city?scenario=tiny").json


def wait(app, path, done):
    """Ask until ``done``."""
    end = time.monotonic() + 120
    while not done(answer := ask(app, path).json):
        assert time.monotonic() < end, answer
        time.sleep(0.05)
    return answer


def test_page_and_modules_come_from_this_folder_alone(app):
    page = ask(app, "/")
    assert page.status == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for path in [*PAGE.glob("*.js"), *PAGE.glob("*.css"), *PAGE.glob("*.html")]:
        assert not re.search(r"https?://", path.read_text(encoding="utf-8")), path.name
    for path in PAGE.glob("*.js"):
        assert ask(app, f"/page/{path.name}").status == 200


IMPORT = r'^import \{([^}]*)\} from "\./([\w.]+)";\n'


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_modules_import_what_is_there_and_what_they_use(path):
    text = path.read_text(encoding="utf-8")
    body = re.sub(IMPORT, "", text, flags=re.M)
    for names, other in re.findall(IMPORT, text, re.M):
        there = (PAGE / other).read_text(encoding="utf-8")
        for name in names.split(","):
            word = rf"(?<![\w$]){re.escape(name.strip())}(?![\w$])"
            assert re.search(rf"^export [^\n]*{word}", there, re.M), f"{other} has no {name}"
            assert re.search(word, body), f"{name} is not used"


def test_ids_that_modules_ask_for_are_on_the_page_or_made_by_them():
    texts = {path.name: path.read_text(encoding="utf-8") for path in PAGE.glob("*.*")}
    known = set(re.findall(r'\bid="([\w-]+)"', "".join(texts.values())))
    for name, text in texts.items():
        assert set(re.findall(r'\$\("([\w-]+)"\)', text)) <= known, name


def test_a_city_comes_with_its_shelf_and_presets(city):
    assert city["title"] == "Tiny"
    assert city["years"] == 3
    assert city["own_policies"] == 0
    assert len(city["town"]["schools"]["name"]) == 4
    assert city["town"]["schools"]["name"][0] == "School 1", "schools bear pseudonyms"
    assert [preset["title"] for preset in city["presets"]] == ["A reserve"]
    assert {"magnet", "transport"} <= {policy["kind"] for policy in city["shelf"]}


def test_a_future_is_played_and_tells_what_policies_cost(app, city):
    policies = [{"kind": "magnet", "start": 2}, {"kind": "reserved_places"}]
    made = ask(app, "/api/future", {"scenario": "tiny", "policies": policies, "near": city["baseline"]}).json
    told = wait(app, f"/api/future/{made['key']}", lambda told: told["played"] == 4)
    assert len(told["lines"]["D"]) == len(told["acts"]) == len(told["schools"]) == 4
    assert told["lines"]["gap"] == [None] * 4, "outcomes are off"
    assert [[act["kind"] for act in acts] for acts in told["acts"]] == [
        [], ["reserved_places"], ["magnet", "reserved_places"], ["magnet", "reserved_places"],
    ]  # fmt: skip
    for year in (1, 2, 3):
        assert sum(act["euro"] for act in told["acts"][year]) == pytest.approx(told["lines"]["cost"][year], abs=0.1)
    later = ask(app, f"/api/future/{made['key']}?since=3").json
    assert later["since"] == 3
    assert len(later["acts"]) == len(later["lines"]["D"]) == 1


def test_a_frame_is_the_families_of_a_year(app, city):
    wait(app, f"/api/future/{city['baseline']}", lambda told: told["played"] == 4)
    frame = ask(app, f"/api/future/{city['baseline']}/frame/2")
    mark, count, year, _ = struct.unpack_from("<4I", frame.body)
    assert (mark, year) == (MARK, 2)
    assert len(frame.body) == 16 + 13 * count


def test_bands_and_idle_policies_are_found_out_in_the_background(app, city, monkeypatch):
    monkeypatch.setattr(bands, "RUNS", 4)
    asked = ask(app, "/api/bands", {"scenario": "tiny", "policies": [{"kind": "reserved_places"}], "wrong": True}).json
    assert asked["total"] == 4
    assert asked["source"] == "spreads"
    told = wait(app, f"/api/bands/{asked['key']}", lambda told: told["error"] or told["done"] == [4, 4])
    assert told["error"] == ""
    assert len(told["bands"][1]["D"]["low"]) == 4
    assert told["effects"]["D"]["n"] == 4
    first = ask(app, "/api/idle?scenario=tiny").json
    assert first["total"] == len(city["shelf"])
    found = wait(app, "/api/idle?scenario=tiny", lambda told: told["done"] == told["total"])
    assert "no_fees" in found["reasons"]
    assert "magnet" not in found["reasons"]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/api/city?scenario=nowhere", None, 400, "no scenario 'nowhere'"),
        ("/api/city?scenario=bad", None, 400, "did you mean"),
        ("/api/future", {"policies": [{"kind": "magnett"}]}, 400, "did you mean 'magnet'"),
        ("/api/future", {"policies": [{"kind": "magnet", "lag": 99}]}, 400, "0 to 50"),
        ("/api/bands", {"policies": [{"kind": "magnet", "intensity": 3}]}, 400, "0 to 1"),
        ("/api/bands/unknown", None, 404, "not there"),
        ("/api/future/unknown", None, 404, "not there"),
    ],
)
def test_faults_are_sentences(app, path, body, status, words):
    answer = ask(app, path, body)
    assert answer.status == status
    assert words in answer.json["error"]


def test_a_question_that_is_no_json_is_told(app):
    assert ask(app, "/api/bands", raw=b"{").json == {"error": "the question is not JSON"}


@pytest.mark.parametrize("raw", [b"[]", b"3", b'"x"', b"null", b"true", b"[" * 100_000])
@pytest.mark.parametrize("path", ["/api/future", "/api/bands", "/api/session", "/api/export/csv"])
def test_json_of_another_shape_is_told(app, path, raw):
    answer = ask(app, path, raw=raw)
    assert answer.status == 400 and answer.json["error"].startswith("the question is not")


@pytest.mark.parametrize("path", ["/api/future", "/api/bands"])
@pytest.mark.parametrize(
    ("key", "value"),
    [("years", v) for v in (2**31, 1e300, float("inf"), float("nan"), -1, 2.7, True, "x", None, [3])]
    + [("seed", v) for v in (-1, 2**70, float("inf"), 1.5, "x", "9" * 5000)],
)
def test_years_and_seeds_that_would_never_end_are_refused(app, path, key, value):
    """A future of 2^31 years would keep the player busy, and all other futures waiting, for good."""
    answer = ask(app, path, {key: value})
    assert answer.status == 400 and answer.json["error"].startswith(f"{key}: must be a whole number from 0 to")
    assert ask(app, f"/api/city?{key}=-1" if key == "seed" else "/api/idle?seed=-1").status == 400


def test_a_question_that_is_too_long_is_not_read_to_its_end(app, monkeypatch):
    monkeypatch.setattr(server, "LARGEST", 100)
    answer = ask(app, "/api/future", raw=b" " * 101)
    assert answer.status == 413 and "too long" in answer.json["error"]


def test_only_its_own_page_is_answered(app):
    """Neither a page that has its own name lead here, nor one that sends its visitors' browsers with a question."""
    assert ask(app, "/api/scenarios", host="localhost:8765").status == 200
    assert ask(app, "/api/scenarios", host="127.0.0.1:8765", origin="http://127.0.0.1:8765").status == 200
    assert ask(app, "/api/scenarios", host="evil.example:8765").status == 400
    for origin in ("http://evil.example", "http://127.0.0.1:9999", "null"):
        answer = ask(app, "/api/future", {}, host="127.0.0.1:8765", origin=origin)
        assert answer.status == 403, origin


def test_scenarios_have_titles_and_a_broken_one_its_name(app, city):
    told = ask(app, "/api/scenarios").json
    assert told["titles"] == {"tiny": "Tiny", "bad": "bad"}


def test_a_policy_at_a_school_that_the_page_points_at(app, city):
    at = {"kind": "magnet", "rule": "named", "schools": ["School 2"]}
    asked = {"scenario": "tiny", "policies": [at], "near": city["baseline"]}
    key = ask(app, "/api/future", asked).json["key"]
    told = wait(app, f"/api/future/{key}?since=0", lambda answer: answer["played"] > 3)
    assert told["error"] == ""
    assert [any(row) for row in zip(*(year["theme"] for year in told["schools"]), strict=True)] == [
        False,
        True,
        False,
        False,
    ]
    wrong = ask(app, "/api/future", asked | {"policies": [at | {"schools": ["School 77"]}]}).json
    told = wait(app, f"/api/future/{wrong['key']}?since=0", lambda answer: answer["error"])
    assert "School 77" in told["error"]
    bands = ask(app, "/api/bands", asked)
    assert bands.status == 200
