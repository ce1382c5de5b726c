"""Futures of a city: played year by year in the background, kept while they are looked at, shared by all tabs."""

import dataclasses
import logging
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
from experiments.app.frames import called, digest, families, standing
from experiments.compare.measures import MEASURES, figures
from experiments.engine import forget

KEPT = 10  # futures kept at once
FEWEST = 3  # futures kept at once however large they are
ROWS = 32_000_000  # families times years kept at once beyond that, about 2 GB


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
        self.done = threading.Event()  # played to the end, failed or dropped
        self._model: SchoolChoiceModel | None = None
        self._shared(before)

    def _shared(self, before: "Future | None") -> None:
        """Take over the years before any policy acts from a future of the same city and seed: they are the same to the bit."""
        if before is None or before.seed != self.seed or not before.states:
            return
        first = min((p.start for p in (*self.config.policies, *before.config.policies)), default=self.years + 1)
        bare = {"policies": ()}
        if dataclasses.replace(self.config, **bare) != dataclasses.replace(before.config, **bare):
            return
        common = min(first, len(before.states), self.years + 1)
        self.states = before.states[:common]
        self.schools = before.schools[:common]
        self.acts = before.acts[:common]
        self.lines = {name: values[:common] for name, values in before.lines.items()}

    def play(self) -> None:
        """Play the years that are missing."""
        while not self.done.is_set():
            self.advance()

    def advance(self) -> None:
        """Play one year more. What goes wrong becomes a sentence, and is the end of this future."""
        try:
            if len(self.states) <= self.years:
                self._year()
            if len(self.states) > self.years:
                self.close()
        except ScenarioError as error:
            self.close(str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("year %d of a future", len(self.states))
            self.close(f"year {len(self.states)} could not be played: {type(error).__name__}: {error}")

    def close(self, error: str = "") -> None:
        """No more years are played."""
        if self._model is not None:
            forget(self._model)
        self._model, self.error = None, error
        self.done.set()

    def _year(self) -> None:
        if self._model is not None:
            self._model.step()
        elif self.states:
            check(self.config, self.states[-1].world)
            self._model = self._at(self.states[-1])
            self._model.step()
        else:
            self._model = self._at(None)
        self._keep(self._model)

    def _at(self, state: State | None) -> SchoolChoiceModel:
        return SchoolChoiceModel(self.config, self.seed, collect=False, measure=headlines, state=state)

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
        """The model at the end of a played year with what choosers saw in it: that year is played once more.

        The state at a year's end is not enough: schools and rows have changed since families chose.
        """
        if year < 1 or year >= len(self.states):
            return self._at(self.states[year])
        model = self._at(self.states[year - 1])
        model.step()
        return model

    @property
    def rows(self) -> int:
        """Families times years in memory."""
        return self.states[0].world.households.id.size * (self.years + 1) if self.states else 0

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
    """Plays the futures asked for, a year at a time and the one asked for last first; keeps those looked at last."""

    def __init__(self):
        self.futures: OrderedDict[str, Future] = OrderedDict()
        self.asked: list[Future] = []  # not played to the end, asked for last at the end
        self.awake = threading.Condition()
        self.player: threading.Thread | None = None

    def future(self, config: Config, seed: int, years: int, near: str = "") -> Future:
        """The future asked for, begun if it is new; ``near``: key of one to take the first years from."""
        with self.awake:
            made = Future(config, seed, years, self.futures.get(near))
            known = self.futures.get(made.key)
            if known is not None:
                self.futures.move_to_end(made.key)
                if known in self.asked:
                    self.asked.remove(known)
                    self.asked.append(known)
                return known
            self.futures[made.key] = made
            self.asked.append(made)
            self._drop()
            if self.player is None:
                self.player = threading.Thread(target=self._play, daemon=True)
                self.player.start()
            self.awake.notify()
        return made

    def known(self, key: str) -> Future:
        """A future that is kept, which is being looked at. KeyError if it was dropped, or never asked for."""
        with self.awake:
            self.futures.move_to_end(key)
            return self.futures[key]

    def busy(self) -> bool:
        """Whether a future is being played."""
        return bool(self.asked)

    def _drop(self) -> None:
        """Forget futures nobody has looked at for longest, down to KEPT and ROWS. A future that is dropped is not played on."""
        while len(self.futures) > KEPT or (
            len(self.futures) > FEWEST and sum(future.rows for future in self.futures.values()) > ROWS
        ):
            self.futures.popitem(last=False)[1].done.set()

    def _play(self) -> None:
        while True:
            with self.awake:
                while not self.asked:
                    self.awake.wait()
                future = self.asked[-1]
                if future.done.is_set():
                    self.asked.pop().close(future.error)
                    continue
            future.advance()


def with_policies(config: Config, policies: Sequence[dict[str, Any] | Policy]) -> Config:
    """The scenario with policies added to its own. ScenarioError where one is not right."""
    entries = [dict(entry) if isinstance(entry, dict) else entry for entry in policies]
    return configure(to_tree(config) | {"policies": [*config.policies, *entries]}, "policies")


def pointed(base: Future, policies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The policies with the schools' own names where the page pointed at some by pseudonym; ``base``: the city's baseline."""
    while not base.states and not base.done.wait(0.02):
        pass
    names = base.states[0].world.city.school_names if base.states else ()
    own = [{"schools": [called(str(name), names) for name in entry.get("schools", ())]} for entry in policies]
    return [dict(entry) | (mine if mine["schools"] else {}) for entry, mine in zip(policies, own, strict=True)]


def _plain(values: Sequence[float]) -> list[float | None]:
    """Numbers as JSON has them: what is not a number is nothing."""
    return [None if not np.isfinite(v) else round(float(v), 6) for v in values]
