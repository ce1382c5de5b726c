"""A sweep file: a base scenario, what to vary, by which design, over which seeds, and what to keep."""

import dataclasses
import difflib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.scenario import configure, parse, read, to_tree
from experiments.sweep.factors import DESIGNS, POSTERIOR, Factor, factor_of, flat, try_out, whole_number
from experiments.sweep.sets import sets_of

HEADLINES = (
    "dissimilarity", "theil_h", "isolation", "outside_local_school:majority", "private:majority", "first_choice",
    "distance_km", "exits:majority", "left_city",
)  # fmt: skip
KEYS = (
    "title", "base", "design", "samples", "levels", "design_seed", "seeds", "seed", "years", "keep", "indicators", "effect",
    "posterior", "vary",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A sweep file, resolved. Every point of the design is run with the same seeds, so that points can be compared in pairs.

    Only each draw of a posterior has seeds of its own (:meth:`experiments.sweep.design.Design.seed`).
    """

    title: str
    base: dict[str, Any]  # the whole scenario as a tree
    arms: dict[str, list]  # policies by name, where "policies" is varied
    factors: tuple[Factor, ...]
    design: str
    samples: int
    levels: int
    design_seed: int
    seeds: int
    seed: int
    keep: tuple[int, ...]  # years
    indicators: tuple[str, ...]  # name, name:group or name:group:scope
    effect: str = ""  # arm whose effect is asked for: every point is run without and with it
    posterior: str = ""  # file of parameter sets, as named
    sets: tuple[tuple[float, ...], ...] = ()  # (set, parameter) its values; parameters are the first factors
    weights: tuple[float, ...] = ()  # of the sets

    def identity(self) -> str:
        """Twelve digits of everything a result depends on but the code: not what the sweep and its files are called."""
        text = json.dumps(dataclasses.asdict(self) | {"title": "", "posterior": ""}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def load(path: Path, data: Path | None = None) -> Sweep:
    """The sweep in a TOML file, with the folder of real tables that its base names. ScenarioError names the file, the key and the remedy."""
    if not path.is_file():
        raise ScenarioError(f"{path}: no such sweep file; name an existing one, such as configs/sweeps/classroom.toml")
    tree = parse(path)
    where = str(path)
    for key in tree:
        if key not in KEYS:
            raise ScenarioError(f"{where}: {key}: unknown key; a sweep has {', '.join(KEYS)}")
    if not isinstance(tree.get("base"), str):
        raise ScenarioError(f'{where}: base: name the scenario to vary, such as base = "../classroom.toml"')
    base = read(path.parent / tree["base"])
    configure(base, str(path.parent / tree["base"]))
    if "years" in tree:
        base["run"] = base.get("run", {}) | {"years": tree["years"]}
    if data is not None:
        city = base.get("city", {})
        base["city"] = city | {"tables": city.get("tables", {}) | {"folder": str(data)}}
    config = configure(base, where)
    design = tree.get("design", "grid")
    if design not in DESIGNS:
        raise ScenarioError(f"{where}: design: {design!r} is not a design; one of {', '.join(DESIGNS)}")
    vary = tree.get("vary", {})
    if not isinstance(vary, Mapping) or (not vary and design != POSTERIOR):
        raise ScenarioError(
            f'{where}: vary: give a table [vary] with dotted keys, such as "choice.peers_full" = [0.6, 0.8]'
        )
    effect = tree.get("effect", "")
    if effect and (not isinstance(effect, str) or effect == "none" or "policies" in vary):
        raise ScenarioError(f"{where}: effect: name one file with policies, and do not vary policies beside it")
    arms = _arms(["none", effect] if effect else vary.get("policies", []), path, config)
    treated = configure(to_tree(config) | {"policies": arms[Path(effect).stem]}, where) if effect else config
    sets = sets_of(tree, path, config)
    factors = tuple(factor_of(str(key), entry, treated, design, where) for key, entry in flat(vary).items())
    for factor in factors:
        try_out(factor, treated, where)
    sweep = Sweep(
        title=str(tree.get("title", config.title)), base=to_tree(config), arms=arms, factors=sets.factors + factors, design=design,
        samples=whole_number(tree, "samples", 64, 1, 10_000_000, where), levels=whole_number(tree, "levels", 4, 2, 1000, where),
        design_seed=whole_number(tree, "design_seed", 1, 0, 2**31, where), seeds=whole_number(tree, "seeds", 10, 1, 10_000_000, where),
        seed=whole_number(tree, "seed", 1, 0, 2**40, where), keep=_keep(tree.get("keep", "last"), config.run.years, where),
        indicators=_indicators(tree.get("indicators", list(HEADLINES)), where), effect=Path(effect).stem if effect else "",
        posterior=tree.get(POSTERIOR, ""), sets=sets.values, weights=sets.weights,
    )  # fmt: skip
    if design == "sobol" and sweep.samples & (sweep.samples - 1):
        raise ScenarioError(
            f"{where}: samples = {sweep.samples}: Sobol's sequence needs a power of two, such as {1 << sweep.samples.bit_length()}"
        )
    return sweep


def _arms(levels: Any, path: Path, config: Config) -> dict[str, list]:
    """The policies of each file of ``levels``; "none" is the base without any."""
    arms: dict[str, list] = {}
    for level in levels if isinstance(levels, list) else []:
        if not isinstance(level, str):
            raise ScenarioError(f'{path}: vary.policies: a list of scenario files with policies, or "none"')
        name = Path(level).stem
        if name in arms:
            raise ScenarioError(f"{path}: vary.policies: two files are called {name}; rename one")
        arms[name] = [] if level == "none" else list(read(path.parent / level).get("policies", []))
        configure(to_tree(config) | {"policies": arms[name]}, str(path.parent / level))
    return arms


def _keep(entry: Any, years: int, where: str) -> tuple[int, ...]:
    """Which years are kept: "last", "all", or a list."""
    if entry == "last":
        return (years,)
    if entry == "all":
        return tuple(range(years + 1))
    if isinstance(entry, list) and entry and all(isinstance(y, int) and 0 <= y <= years for y in entry):
        return tuple(sorted(set(entry)))
    raise ScenarioError(f'{where}: keep: must be "last", "all" or a list of years from 0 to {years}')


def _indicators(entry: Any, where: str) -> tuple[str, ...]:
    from abm.indicators import DESCRIPTIONS

    if not isinstance(entry, list) or not entry or not all(isinstance(name, str) for name in entry):
        raise ScenarioError(f'{where}: indicators: a list of names, such as ["dissimilarity", "private:majority"]')
    for name in entry:
        if name.partition(":")[0] not in DESCRIPTIONS:
            raise ScenarioError(
                f"{where}: indicators: no indicator {name.partition(':')[0]!r}{_meant(name.partition(':')[0], DESCRIPTIONS)}"
            )
    return tuple(dict.fromkeys(entry))


def _meant(word: str, names: Mapping[str, str]) -> str:
    """What a mistyped indicator may have been; where nothing is like it, the names there are."""
    close = difflib.get_close_matches(word, list(names), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; one of {', '.join(names)}"
