"""Futures of a city: played year by year in the background, kept while they are looked at, shared by all tabs."""

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from abm.authority import Memory, check
from abm.config import Config
from abm.config.declare import ScenarioError
from abm.indicators import headlines
from abm.model import SchoolChoiceModel, State
from abm.policies import Policy
from abm.scenario import configure, to_tree
from experiments.app.frames import digest, families, standing
from experiments.compare.measures import MEASURES, figures
from experiments.engine import forget

KEPT = 10  # futures kept at once
LARGE = 200_000  # families above which frames are made when asked for, not kept


class Future:
    """One future: a scenario with policies under one seed, as far as it is played."""

    def __init__(self, config: Config, seed: int, years: int, before: "Future | None" = None):
        self.config, self.seed, self.years = config, seed, years
        self.key = digest(to_tree(config), seed, years)
        self.states: list[State] = []
        self.lines: dict[str, list[float]] = {name: [] for name in MEASURES}
        self.schools: list[dict[str, list]] = []
        self.acts: list[list[dict[str, Any]]] = []
        self.error = ""
        self.done = threading.Event()
        self._shared(before)

    def _shared(self, before: "Future | None") -> None:
        """Take over the years before any policy acts from a future of the same city and seed: they are the same to the bit."""
        if before is None or before.seed != self.seed or not before.states:
            return
        first = min((p.start for p in (*self.config.policies, *before.config.policies)), default=self.years + 1)
        bare = {"policies": ()}
        if dataclasses.replace(self.config, **bare) != dataclasses.replace(before.config, **bare):
            return
        common = min(first, len(before.states))
        self.states = before.states[:common]
        self.schools = before.schools[:common]
        self.acts = before.acts[:common]
        self.lines = {name: values[:common] for name, values in before.lines.items()}

    def play(self, going=lambda: True) -> None:
        """Play the years that are missing; stops between two years when ``going`` says no."""
        try:
            state = self.states[-1] if self.states else None
            model = SchoolChoiceModel(self.config, self.seed, collect=False, measure=headlines, state=state)
            if state is None:
                self._keep(model)
            else:
                check(self.config, state.world)
            while len(self.states) <= self.years and going():
                model.step()
                self._keep(model)
            forget(model)
        except ScenarioError as error:
            self.error = str(error)
        finally:
            self.done.set()

    def _keep(self, model: SchoolChoiceModel) -> None:
        for name, value in zip(MEASURES, figures(model, None), strict=True):
            self.lines[name].append(float(value))
        self.schools.append(standing(model.world))
        self.acts.append(acts(model))
        self.states.append(model.state)

    def frame(self, year: int) -> bytes:
        """The families of a year, packed. IndexError if it is not played yet."""
        return families(self.states[year].world)

    def model(self, year: int) -> SchoolChoiceModel:
        """The model at the end of a played year, to ask it for a family's reasons."""
        return SchoolChoiceModel(self.config, self.seed, collect=False, measure=headlines, state=self.states[year])

    def told(self, since: int = 0) -> dict[str, Any]:
        """What the page polls: years played, figures and schools of those from ``since`` on, an error as a sentence."""
        played = len(self.states)
        return {
            "key": self.key, "played": played, "years": self.years, "error": self.error, "since": since,
            "lines": {name: _plain(values[since:played]) for name, values in self.lines.items()},
            "schools": self.schools[since:played], "acts": self.acts[since:played],
        }  # fmt: skip


def acts(model: SchoolChoiceModel) -> list[dict[str, Any]]:
    """What each policy did in the year that is now: its number in the scenario, kind, euro, pupils and schools treated."""
    done = model.world.ledger.get("authority", Memory()).acts
    return [
        {
            "policy": act.policy, "kind": model.config.policies[act.policy].kind, "funded": act.funded,
            "euro": round(act.euro, 2), "pupils": act.pupils, "schools": act.schools,
        }
        for act in done
    ]  # fmt: skip


class Studio:
    """Plays the futures asked for, the newest first, one at a time; keeps the latest ones."""

    def __init__(self):
        self.futures: OrderedDict[str, Future] = OrderedDict()
        self.lock = threading.Lock()
        self.stage = threading.Lock()

    def future(self, config: Config, seed: int, years: int, near: str = "") -> Future:
        """The future asked for, begun if it is new; ``near``: key of one to take the first years from."""
        made = Future(config, seed, years, self.futures.get(near))
        with self.lock:
            if made.key in self.futures:
                self.futures.move_to_end(made.key)
                return self.futures[made.key]
            self.futures[made.key] = made
            while len(self.futures) > KEPT:
                self.futures.popitem(last=False)
        threading.Thread(target=self._play, args=(made,), daemon=True).start()
        return made

    def _play(self, future: Future) -> None:
        with self.stage:
            future.play(lambda: future.key in self.futures)


def with_policies(config: Config, policies: Sequence[dict[str, Any] | Policy]) -> Config:
    """The scenario with policies added to its own. ScenarioError where one is not right."""
    entries = [dict(entry) if isinstance(entry, dict) else entry for entry in policies]
    return configure(to_tree(config) | {"policies": [*config.policies, *entries]}, "policies")


def _plain(values: Sequence[float]) -> list[float | None]:
    """Numbers as JSON has them: what is not a number is nothing."""
    return [None if not np.isfinite(v) else round(float(v), 6) for v in values]
