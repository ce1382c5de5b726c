"""Explain one household of a run: the run is repeated up to the year asked for, which the manifest makes possible."""

from pathlib import Path

from abm.cache_folder import DIGEST
from abm.config.declare import ScenarioError
from abm.households import LATE_MARK, entry_year, sibling_gap
from abm.model import SchoolChoiceModel
from abm.results import Run


def explain_household(folder: Path, household: int, seed: int | None, year: int | None) -> str:
    """The household's page. ScenarioError if the run, seed, year or household is not there."""
    run = Run(folder)
    manifest = run.manifest()
    seed = manifest["seeds"][0] if seed is None else seed
    if seed not in manifest["seeds"]:
        raise ScenarioError(
            f"{folder}: seed {seed} is not of this run; its seeds are {manifest['seeds'][0]} to {manifest['seeds'][-1]}"
        )
    config, sets = run.config(seed), run.sets()
    year = config.run.years if year is None else year
    if not 0 <= year <= config.run.years:
        raise ScenarioError(f"{folder}: year {year} is not of this run; its years are 0 to {config.run.years}")
    model = SchoolChoiceModel(config, seed, collect=False)
    pages = []
    while True:
        if model.year == year:
            break
        model.step()
    try:
        view = model.household(household)
    except IndexError as error:
        raise ScenarioError(f"{folder}, seed {seed}, year {year}: {error}") from None
    if manifest["code"] != DIGEST:
        pages.append(
            f"note: made by code {manifest['code']}, told by code {DIGEST}: what happened in the run may differ\n"
        )
    own = f", under its own set of parameters from {sets.file}: {told(sets.by_seed[seed])}" if sets else ""
    pages.append(f"{config.title}, seed {seed}, year {year}{own}\n\n{view}")
    table = model.world.households
    identity = int(view.about["household"].rsplit(" ", 1)[1])
    entered = int(entry_year(identity))
    late = sibling_gap(identity) == LATE_MARK
    if not view.considered and not late and 0 < entered <= year and identity in table.id:
        again = SchoolChoiceModel(config, seed, collect=False)
        for _ in range(entered):
            again.step()
        pages.append(f"\nin year {entered}, when it chose:\n\n{again.household(identity)}")
    return "\n".join(pages)


def told(values: dict[str, float]) -> str:
    """A set of parameters on one line."""
    return ", ".join(f"{key} = {value:.4g}" for key, value in values.items())
