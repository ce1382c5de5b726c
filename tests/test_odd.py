"""The description of the model, abm/ODD.md, against the code: names, levers, headings, files; and texts that must fail."""

import dataclasses
import re
from collections import Counter

import pytest

from abm.config import Config, parameters
from abm.config.system import VERBS
from abm.indicators import DESCRIPTIONS, INDICES
from abm.orders import Orders
from abm.policies import SHELF
from abm.randomness import PROCESSES
from tests.builders import ROOT

ODD = (ROOT / "abm" / "ODD.md").read_text(encoding="utf-8")
KEYS = {p.key for p in parameters(Config)} | {f"orders.{field.name}" for field in dataclasses.fields(Orders)}
SECTIONS = {key.split(".")[0] for key in KEYS}
# What is in the model, in words under which it might be called missing.
THERE = (
    "rezoning", "sectors", "points", "reserve", "magnet", "theme", "label", "fund", "teachers", "late arrival", "pre-assign",
    "opening", "closing", "merg", "relocat", "moving schools", "publication", "information", "campaign", "contact effect",
    "tolerance", "housing", "travel", "transport", "network of stops", "trigger", "threshold", "budget", "within schools",
    "class size", "residential move", "reputation", "detection", "pilot", "controlled choice",
)  # fmt: skip


def section(text, heading):
    """What stands under a heading, up to the next one of its level or above."""
    level = len(heading.split()[0])
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, flags=re.M | re.S)
    return found.group(1) if found else ""


def quoted(text):
    """What stands in backticks, on one line."""
    return re.findall(r"`([^`\n]+)`", text)


def cells(text):
    """Rows of tables as lists of cells."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def wrong_policies(text):
    """Each policy of the shelf has one row, which says of it what its class says; and a line on its mechanism."""
    part = section(text, "### Policies")
    rows = [row for row in cells(part) if len(row) == 6 and row[0].startswith("`")]
    count = Counter(row[0].strip("`") for row in rows)
    out = [f"{kind}: {n} rows" for kind, n in count.items() if n != 1 or kind not in SHELF]
    out += [f"{kind}: no row" for kind in SHELF if kind not in count]
    for name, area, dose, level, levers, assumed in rows:
        cls = SHELF.get(name.strip("`"))
        if cls is None:
            continue
        said = (area, dose, level, sorted(quoted(levers)), assumed)
        if said != (cls.area, cls.dose, cls.decided_by, sorted(cls.levers), ", ".join(cls.assumed)):
            out.append(f"{name}: {said}")
    prose = {word for line in part.splitlines() if not line.startswith("|") for word in quoted(line)}
    return out + [f"{kind}: no word on its mechanism" for kind in SHELF if kind not in prose]


def wrong_verbs(text):
    """Each verb of the year has its heading among the submodels, and its row in the year's order."""
    headings = re.findall(r"^### (.+)$", section(text, "## 7. Submodels"), flags=re.M)
    order = [row[0].lower() for row in cells(section(text, "## 3. Process overview and scheduling"))[2:]]
    out = [verb for verb in VERBS if verb.capitalize() not in headings]
    return out if order == ["policies", *VERBS, "observe"] else [*out, f"the year's order is {order}"]


def wrong_files(text):
    """Files named exist."""
    named = {name for name in quoted(text) if re.match(r"(abm|tests|configs|experiments)/[\w./]*$", name)}
    assert len(named) > 60
    return [name for name in sorted(named) if not (ROOT / name).exists()]


def wrong_repeats(text):
    """No heading stands twice, nor a line of any length: what a merge by lines leaves behind."""
    lines = Counter(
        line for line in text.splitlines() if line.startswith("#") or (len(line) > 30 and not line.startswith("|--"))
    )
    first = Counter(row[0] for row in cells(section(text, "## 1. Purpose and patterns")))
    return [line for line, n in lines.items() if n > 1] + [f"pattern {name}" for name, n in first.items() if n > 1]


def wrong_missing(text):
    """What is said not to be in the model names no policy, no verb, nothing that is there."""
    part = " ".join(section(text, "### Not in the model yet").lower().split())
    words = [*THERE, *(kind.replace("_", " ") for kind in SHELF), *(f"{verb}s" for verb in VERBS if verb != "supply")]
    return [word for word in words if word in part] + ([] if part else ["nothing"])


def wrong_parameters(text):
    """Parameters and orders named in full exist; all orders are named."""
    named = {
        name for name in quoted(text) if re.fullmatch(r"[a-z]+(\.[a-z_]+)+", name) and name.split(".")[0] in SECTIONS
    }
    known = KEYS | {f"city.{name}" for name in ("stops", "links", "districts")}
    unknown = [name for name in sorted(named) if name not in known and not any(k.startswith(f"{name}.") for k in known)]
    return unknown + [key for key in KEYS if key.startswith("orders.") and key not in named]


def wrong_indicators(text):
    """Every indicator is named under Observe; of the companions of an index, the ending."""
    named = set(quoted(section(text, "### Observe")))
    made = {f"{index}_{ending}" for index in INDICES for ending in ("random", "nearest", "residential")}
    wanted = (set(DESCRIPTIONS) - made) | {"_random", "_nearest", "_residential"}
    return sorted(wanted - named)


def wrong_processes(text):
    """The table of random numbers names every process, and no other."""
    rows = cells(section(text, "### Randomness"))[2:]
    named = {name.strip() for row in rows for name in re.sub(r"\(.*\)", "", row[0]).split(",")}
    return sorted(named ^ set(PROCESSES))


def wrong_lines(text):
    """Prose is 120 characters wide at most."""
    return [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]


CHECKS = (
    wrong_policies, wrong_verbs, wrong_files, wrong_repeats, wrong_missing, wrong_parameters, wrong_indicators, wrong_processes,
    wrong_lines,
)  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_the_description_agrees_with_the_code(check):
    faults = check(ODD)
    assert not faults, "\n".join(map(str, faults))


SUPPLY = "### Supply\n"
BROKEN = {
    "a policy is left out": (wrong_policies, r"^\| `detection` \|.*\n", ""),
    "a policy stands twice": (wrong_policies, r"^(\| `detection` \|.*\n)", r"\1\1"),
    "a lever is left out": (wrong_policies, r", `households.false_detection` \| cost", " | cost"),
    "a lever too many": (wrong_policies, r"(\| `campaign` \|.*)`orders.messages`", r"\1`orders.messages`, `orders.fee`"),
    "another area": (wrong_policies, r"`transport` \| neighbourhood", "`transport` | supply"),
    "a policy without its mechanism": (wrong_policies, r"^- `growth_signal`: ", "- growth: "),
    "a verb has no heading": (wrong_verbs, r"^### Supply$", "### Schools"),
    "the year in another order": (wrong_verbs, r"^\| Supply \|.*\n(\| Demography.*\n)", r"\1| Supply | | |\n"),
    "a file that does not exist": (wrong_files, "`abm/moving.py`", "`abm/moves.py`"),
    "a heading twice": (wrong_repeats, "^### Demography\n", f"{SUPPLY}\n### Demography\n"),
    "a line twice": (wrong_repeats, r"^(\*Messages\* .*\n)", r"\1\1"),
    "a pattern twice": (wrong_repeats, r"^\| 9 \| Reserved", "| 9 | shown later | later |\n| 9 | Reserved"),
    "what is there called missing": (wrong_missing, r"networks of persons;", "networks of persons; policies on zones, labels;"),
    "a policy called missing": (wrong_missing, r"networks of persons;", "networks of persons; mixed housing;"),
    "a parameter that is gone": (wrong_parameters, r"`perception.network`", "`perception.campaign`"),
    "an order without a word": (wrong_parameters, r"`orders.protected`", "protected"),
    "an indicator without a word": (wrong_indicators, r"`rezoned`", "rezoned"),
    "a process without a word": (wrong_processes, r"^\| belief \|.*\n", ""),
    "a line too long": (wrong_lines, r"^\*Messages\*", "*Messages*" + " and more" * 9),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_description_is_found(name):
    check, old, new = BROKEN[name]
    text = re.sub(old, new, ODD, flags=re.M)
    assert text != ODD
    assert check(text)


@pytest.mark.parametrize("path", sorted((ROOT / "abm" / "policies").glob("*.py")), ids=lambda path: path.stem)
def test_the_files_of_policies_name_parameters_that_exist(path):
    named = {name for name in quoted(path.read_text(encoding="utf-8")) if re.fullmatch(r"[a-z]+(\.[a-z_]+)+", name)}
    assert [name for name in sorted(named) if name.split(".")[0] in SECTIONS and name not in KEYS] == []
