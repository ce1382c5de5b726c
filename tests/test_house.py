"""Rules of the house: imports go to lower floors only, shelves are whole, every parameter is declared in full."""

import ast
import dataclasses
import json
import re

import pytest

from abm.admission import MECHANISMS
from abm.cities import MAKERS
from abm.config import AdmissionConfig, Config, parameters
from abm.indicators import DESCRIPTIONS
from abm.scenario import configure, load, to_tree
from experiments.parameters import everything, render
from tests.builders import CONFIGS, ROOT, scenario

# The floors of the house (docs: architecture). A room may be a file or a folder; an import goes to a lower floor, or
# stays on its own. ``compiled`` is the ground under the house.
FLOORS = {
    "asked_once": 0, "cache_folder": 0, "catchments": 0, "cells": 0, "columns": 0, "compiled": 0, "config": 0, "disk_cache": 0, "floats": 0, "geometry": 0, "interrupts": 0, "lanes": 0, "memory": 0, "normal": 0, "orders": 0, "randomness": 0, "ranking": 0, "sorting": 0,
    "rules": 0, "segregation": 0, "shortcuts": 0, "turns": 0, "vectors": 0, "ways": 0,
    "blueprint": 1, "cities": 1, "city": 1, "households": 1, "kinship": 1, "network": 1, "residents": 1, "schools": 1, "settling": 1, "siting": 1,
    "classes": 2, "indicators": 2, "nearby": 2, "nearest": 2, "rezoning": 2, "world": 2,
    "admission": 3, "beliefs": 3, "choice": 3, "considering": 3, "demography": 3, "enrolment": 3, "giving": 3, "homes": 3, "housing": 3, "leaving": 3, "looking": 3, "messages": 3, "moving": 3, "offers": 3,
    "outreach": 3, "points": 3, "policies": 3, "proposals": 3, "reputation": 3, "reserves": 3, "response": 3, "scenario": 3, "scoring": 3, "sight": 3, "start": 3,
    "staying": 3, "supply": 3, "tickets": 3, "tolerance": 3, "transfers": 3, "utility": 3, "values": 3, "worth": 3, "zoning": 3,
    "agents": 4, "authority": 4, "explain": 4, "model": 4,
    "results": 5, "rows": 5, "figures": 5, "summary": 5,
    "page": 6, "report": 6,
}  # fmt: skip
FILES = sorted((ROOT / "abm").rglob("*.py"))


def room(path):
    """The room a file of abm stands in."""
    return path.relative_to(ROOT / "abm").parts[0].removesuffix(".py")


def imported(path):
    """Dotted names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_go_to_lower_floors(path):
    here = room(path)
    if here == "__init__":
        return  # the front door names what lies behind it
    assert here in FLOORS, f"{here} stands on no floor: add it to FLOORS"
    for name in imported(path):
        parts = name.split(".")
        assert parts[0] != "experiments", f"{path} imports {name}"
        if parts[0] != "abm" or len(parts) < 2 or parts[1].startswith("_"):
            continue
        there = parts[1]
        assert there in FLOORS, f"{path} imports {name}"
        assert FLOORS[there] <= FLOORS[here], f"{path} (floor {FLOORS[here]}) imports {name} (floor {FLOORS[there]})"


def test_no_room_imports_itself_in_a_circle():
    """Between rooms, following imports never comes back (imports inside functions count too)."""
    roads = {}
    for path in FILES:
        if room(path) != "__init__":
            there = {n.split(".")[1] for n in imported(path) if n.startswith("abm.")}
            roads.setdefault(room(path), set()).update(there & set(FLOORS) - {room(path)})

    def visit(at, way):
        assert at not in way, " -> ".join([*way, at])
        for there in sorted(roads.get(at, ())):
            visit(there, [*way, at])

    for start in sorted(roads):
        visit(start, [])


@pytest.mark.parametrize(("package", "rooms"), [("matplotlib", {"figures", "report"}), ("mesa", {"model", "agents"})])
def test_packages_that_stay_in_their_rooms(package, rooms):
    """matplotlib from floor 5 up; Mesa in the model and its agents only."""
    users = {room(path) for path in FILES if any(n.split(".")[0] == package for n in imported(path))}
    assert users <= rooms
    assert users, f"nobody imports {package}"


def test_every_mechanism_is_on_its_shelf_and_in_the_configuration():
    """A file of abm/admission that defines a function of its own name is a mechanism; assignment by zone is built on one."""
    files = {
        p.stem for p in (ROOT / "abm" / "admission").glob("*.py")
        if any(isinstance(n, ast.FunctionDef) and n.name == p.stem for n in ast.parse(p.read_text()).body)
    }  # fmt: skip
    assert files == set(MECHANISMS)
    named = next(p for p in parameters(AdmissionConfig) if p.key == "mechanism").choices
    assert set(named) == files | {"zone_assignment"}


def test_every_maker_of_cities_is_on_its_shelf():
    for kind, module in MAKERS.items():
        assert (ROOT / (module.replace(".", "/") + ".py")).exists()
        assert module == f"abm.cities.{kind}"


@pytest.mark.parametrize("parameter", everything(), ids=lambda p: p.key)
def test_every_parameter_has_unit_meaning_and_source(parameter):
    p = parameter
    assert p.unit and p.source and len(p.doc) > 10 and p.doc.endswith("."), p
    numbers = p.default if isinstance(p.default, list | tuple) else [p.default]
    if any(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
        assert p.low is not None, f"{p.key} has no lower bound"
        assert p.high is not None, f"{p.key} has no upper bound"


def test_the_table_of_parameters_is_complete():
    """Every field of every section of the configuration is in the table that the docs print, once."""
    keys = [row["key"] for row in json.loads(render("json"))]
    assert len(keys) == len(set(keys))

    def fields(cls, prefix=""):
        for f in dataclasses.fields(cls):
            if dataclasses.is_dataclass(f.type):
                yield from fields(f.type, f"{prefix}{f.name}.")
            elif f.name not in ("policies", "districts"):
                yield f"{prefix}{f.name}"

    assert set(fields(Config)) <= set(keys)
    assert len(render("text").splitlines()) == 2 * len(keys)
    assert render("markdown").count("\n") == len(keys) + 1


@pytest.mark.parametrize("name", CONFIGS)
def test_shipped_scenarios_load_and_survive_a_round_trip(name):
    config = scenario(name)
    tree = to_tree(config)
    assert configure(tree) == config
    assert configure(json.loads(json.dumps(tree))) == config
    assert config.title != Config().title
    assert config.description


# folders of files of another kind; their own tests load them
NO_SCENARIOS = ("sweeps", "calibration", "forecast", "trials")


@pytest.mark.parametrize(
    "path",
    sorted(
        {*(ROOT / "configs").rglob("*.toml")}
        - {file for kind in NO_SCENARIOS for file in (ROOT / "configs" / kind).glob("*.toml")}
    ),
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_every_scenario_file_loads(path):
    config = load(path)
    assert configure(to_tree(config)) == config


def test_defaults_survive_a_round_trip():
    assert configure(to_tree(Config())) == Config()
    assert configure({}) == Config()


def test_every_indicator_is_described(classroom):
    """Each measurement has words for it; each description is of a measurement that exists or is switched on."""
    seen = {row[0] for i in classroom.indicators for row in i.rows}
    assert seen <= set(DESCRIPTIONS)
    switched = {"achievement_gap", "early_leaving", "proposed", "proposals_accepted", "late_at_protected"}
    assert set(DESCRIPTIONS) - seen <= switched


def test_every_file_says_what_it_is():
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_files_keep_to_their_length():
    """60 to 250 lines a file is the rule; none beyond 400."""
    long = {path.name: n for path in FILES if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}


def test_no_forbidden_names_of_files():
    for path in FILES:
        assert not re.search(r"utils|core|misc|helper", path.stem)
