"""Every language has every word, with the same blanks; none is unused, empty, or left in English by oversight."""

import collections
import itertools
import json
import re

import pytest

from abm.policies import SHELF
from experiments.app.presets import presets
from experiments.app.server import PAGE
from experiments.app.story import WAYS
from experiments.app.switches import shelf
from experiments.app.verdict import CODES
from tests.builders import CONFIGS, ROOT, scenario

APP = PAGE.parent
WORDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((PAGE / "words").glob("*.json"))}
OTHERS = [name for name in WORDS if name != "en"]
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in [*PAGE.glob("*.js"), *PAGE.glob("*.html")])
ENTRIES = shelf(scenario("classroom"))
INPUTS = [made for entry in ENTRIES for made in entry["parameters"]]
SIGNS = {
    "km",
    "unit.km",
    "km_column",
    "scale",
    "school_title",
    "story_to",
    "share_png",
    "share_svg",
}  # no words to translate
COGNATES = {  # the same word in both languages
    "it": SIGNS | {"choice.private", "no"},
    "es": SIGNS | {"no"},
    "ca": SIGNS | {"no"},
    "nb": SIGNS | {"choice.private", "for_whom", "pause", "refused"},
}
FIGURES = ("D", "flight", "first_choice", "distance", "cost", "gap")
SHIPPED = [scenario(name) for name in CONFIGS]
GROUPS = {name for config in SHIPPED for name in (*config.city.groups, config.city.minority)}
PRESETS = [preset for name in CONFIGS for preset in presets(ROOT / "configs" / f"{name}.toml")]
IDLE = ("common_admission", "fees_covered", "no_fees")  # whose reason in a shipped city is more than "nothing to do"
SIDES = ("majority", "minority", "detected")  # groups that a policy can be aimed at


def declared():
    """Keys of what the server declares in English: the other languages must have them, English may."""
    choices = {name for made in INPUTS for name in made.get("choices", ()) if name} | set(SIDES)
    units = {made["unit"] for made in INPUTS if made["control"] in ("slider", "number")}
    units = {unit for unit in units if not unit.startswith("share") and unit not in ("0 to 1", "utility")}
    return (
        {f"policy.{kind}" for kind in SHELF}
        | {f"policy.{kind}.{part}" for kind in SHELF for part in ("what", "evidence", "wrong")}
        | {f"policy.{kind}.idle" for kind in IDLE}
        | set(hints())
        | {f"group.{name}" for name in GROUPS}
        | {f"title.{one}" for one in (*(config.title for config in SHIPPED), *(preset["title"] for preset in PRESETS))}
        | {f"about.{preset['title']}" for preset in PRESETS}
        | {f"parameter.{made['key']}" for made in INPUTS}
        | {f"choice.{name}" for name in choices}
        | {f"unit.{unit}" for unit in units}
    )


def hints():
    """What parameters mean in English, by key: one for a meaning that policies share, else one for each policy."""
    meanings = collections.defaultdict(collections.Counter)
    for made in INPUTS:
        meanings[made["key"]][made["doc"]] += 1
    shared = {key: seen.most_common(1)[0][0] for key, seen in meanings.items() if seen.most_common(1)[0][1] > 1}
    out = {f"hint.{key}": doc for key, doc in shared.items()}
    for entry in ENTRIES:
        for made in entry["parameters"]:
            if shared.get(made["key"]) != made["doc"]:
                out[f"hint.{entry['kind']}.{made['key']}"] = made["doc"]
    return out


def put_together():
    """Keys that the page puts together from a family and a name."""
    return (
        {f"area.{entry['area']}" for entry in ENTRIES}
        | {f"level.{level}" for level in ("municipality", "region", "state", "school")}
        | {f"{family}.{key}" for family in ("figure", "rise") for key in FIGURES}
        | {f"verdict.{code}" for code in CODES}
        | {f"way.{way}" for way in ("up", "down", "same", *WAYS)}
        | of_stories()
        | of_exports()
    )


def of_stories():
    """Keys of the maps' layers and of the stories of schools and families."""
    page = {name: (PAGE / f"{name}.js").read_text(encoding="utf-8") for name in ("family", "legend")}
    layers = re.findall(r"(\w+): (?:true|false)", re.search(r"layers = \{(.*?)\}", page["legend"])[1])
    terms = re.findall(r"(\w+): \[", re.search(r"TERMS = \{(.*?)\};", page["family"], re.S)[1])
    turns = itertools.product(("share", "pupils", "reputation"), ("rose", "fell", "still"))
    return (
        {f"layer.{layer}" for layer in layers}
        | {f"sector.{sector}" for sector in ("state", "subsidised", "private")}
        | {f"of.{figure}" for figure in ("pupils", "share", "demand", "reputation")}
        | {f"turn.{figure}_{way}" for figure, way in turns}
        | {f"{family}.{term}" for family in ("term", "reason") for term in terms}
    )


def of_exports():
    """Keys of sessions and exports: of the menu, of notes, of the file that plays, of the handout, of the film."""
    page = {name: (PAGE / f"{name}.js").read_text(encoding="utf-8") for name in ("about", "exports", "handout")}
    notes = set(re.findall(r'_note\("(\w+)"', (APP / "session.py").read_text(encoding="utf-8"))) | {
        "goes_on",
        "no_file",
    }
    limits = re.findall(r'"(\w+)"', re.search(r"LIMITS = \[(.*?)\]", page["about"])[1])
    figures = set(re.findall(r'\["(\w+)", \(v\)', page["handout"])) | {"cost"}
    menu = re.findall(r'(?:button|part)\("(\w+)"', page["exports"])
    return (
        {f"session.{note}" for note in notes}
        | {f"limit.{limit}" for limit in limits}
        | {f"handout.{figure}" for figure in figures}
        | {f"share_{word}" for word in menu}
        | set(re.findall(r'self\.say\(["\']([\w.]+)["\']', (APP / "export" / "drawing.py").read_text(encoding="utf-8")))
    )


def written():
    """Keys that stand in the page's modules as they are."""
    own = {key for key in WORDS["en"] if "." not in key}
    return {key for key in own if re.search(rf"""["'`]{re.escape(key)}["'`]""", TEXT)}


def asked():
    """Keys that the modules ask for as they are."""
    plain = re.findall(r'say\("([\w.]+)"', TEXT) + re.findall(r'data-(?:word|label)="([\w.]+)"', TEXT)
    return set(plain) | {key for pair in re.findall(r'say\([^()"]*\? "([\w.]+)" : "([\w.]+)"', TEXT) for key in pair}


def test_the_languages_of_the_page_have_files():
    listed = re.search(r"LANGUAGES = \{(.*?)\}", (PAGE / "words.js").read_text(encoding="utf-8"))[1]
    assert set(re.findall(r"(\w+):", listed)) == set(WORDS) == {"en", "it", "ca", "es", "nb"}


def test_what_the_page_asks_for_is_there():
    assert asked() | put_together() <= set(WORDS["en"])


def test_no_word_is_unused():
    assert set(WORDS["en"]) - declared() - put_together() - written() == set()


@pytest.mark.parametrize("name", OTHERS)
def test_no_word_is_missing_or_too_many(name):
    assert set(WORDS[name]) == set(WORDS["en"]) | declared()


@pytest.mark.parametrize("name", list(WORDS))
def test_keys_stand_once_and_texts_are_whole(name):
    pairs = json.loads((PAGE / "words" / f"{name}.json").read_text(encoding="utf-8"), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys))
    for key, text in pairs:
        assert text.strip() == text != "", key
        assert "  " not in text and "<" not in text, key
        assert text.count("{") == text.count("}") == len(re.findall(r"\{\w+\}", text)), key


@pytest.mark.parametrize("name", OTHERS)
def test_blanks_are_those_of_the_english(name):
    for key, text in WORDS[name].items():
        english = WORDS["en"].get(key, "")
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english)), key


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_left_in_english_but_listed_cognates(name):
    same = {key for key, text in WORDS[name].items() if text == english(key)}
    assert same == COGNATES[name]


def english(key):
    """The text in English: as written, or the declared name as the page shows it."""
    family, _, plain = key.partition(".")
    if family == "hint":
        return hints()[key]
    if key in WORDS["en"] or family not in ("policy", "parameter", "choice", "unit"):
        return WORDS["en"].get(key, "")
    for part in ("what", "evidence", "wrong"):
        if key.endswith(f".{part}"):
            return next(entry[part] for entry in ENTRIES if key == f"policy.{entry['kind']}.{part}")
    return plain.replace("_", " ")


@pytest.mark.parametrize("name", OTHERS)
def test_titles_tell_policies_apart_and_sentences_end(name):
    for family, members in (("policy", SHELF), ("title", [preset["title"] for preset in PRESETS]), ("group", GROUPS)):
        titles = [WORDS[name][f"{family}.{member}"] for member in members]
        assert len(set(titles)) == len(titles)
    for key, text in WORDS[name].items():
        if key.endswith((".what", ".evidence", ".wrong", ".idle")) or key.startswith(
            ("rise.", "verdict.", "hint.", "about.")
        ):
            assert text.endswith("."), key


@pytest.mark.parametrize("name", OTHERS)
def test_evidence_keeps_its_sources(name):
    """Every year of a study, and every figure of two digits or more, stands in the English too."""
    for entry in ENTRIES:
        for part in ("evidence", "wrong"):
            told, declared = WORDS[name][f"policy.{entry['kind']}.{part}"], entry[part]
            for figure in re.findall(r"\d+(?:[.,]\d+)*", told):
                plain = re.sub(r"[.,]", "", figure)
                assert plain in re.sub(r"[.,](?=\d)", "", declared), (entry["kind"], figure)
