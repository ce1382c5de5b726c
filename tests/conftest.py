"""Small models that many tests read; each is run once a process."""

import pytest
from hypothesis import settings

from abm.model import SchoolChoiceModel
from tests.builders import scenario
from tests.pages import FLAGS, chromium

settings.register_profile("house", deadline=None, derandomize=True)  # the first call compiles; random tests repeat
settings.load_profile("house")


class History:
    """A finished run with the world of each year, before and after admission, its rules and its measurements."""

    def __init__(self, config, seed=1):
        self.model = SchoolChoiceModel(config, seed)
        self.config = config
        self.worlds = [self.model.world]
        self.choices, self.rules, self.indicators = [None], [self.model.rules], [self.model.indicators]
        for _ in range(config.run.years):
            self.model.step()
            self.worlds.append(self.model.world)
            self.choices.append(self.model.at_choice)
            self.rules.append(self.model.rules)
            self.indicators.append(self.model.indicators)


@pytest.fixture(scope="session")
def history():
    """``history(name, *overrides)``: a shipped scenario run once, for all tests that look at it."""
    made = {}

    def get(name, *overrides):
        if (name, overrides) not in made:
            made[name, overrides] = History(scenario(name, *overrides))
        return made[name, overrides]

    return get


@pytest.fixture(scope="session")
def classroom(history):
    """The classroom city over its ten years."""
    return history("classroom")


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, for one module at a time: a process holds one Playwright only, and its loop must end."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not chromium():
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        yield made
        made.close()
