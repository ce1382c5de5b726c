"""What an export is asked of: a session, both its futures played to the end, and names for files."""

import re
from typing import NamedTuple

from abm.config import Config
from abm.config.declare import ScenarioError
from experiments.app.futures import Future, Studio, pointed, with_policies
from experiments.app.session import Session

BASELINE, POLICIES = "baseline", "policies"
LONGEST = 60  # characters of the policies in a file's name


class Asked(NamedTuple):
    """A session with its scenario and both futures: as it goes on, and with the policies."""

    session: Session
    base: Config
    config: Config
    futures: tuple[Future, Future]

    @property
    def name(self) -> str:
        """A file's name without its ending."""
        return named(self.session)


def named(session: Session) -> str:
    """Scenario, policies and seed, as a file is called."""
    kinds = "+".join(dict.fromkeys(entry["kind"] for entry in session.policies)) or "no_policy"
    return slug(f"schoolflight_{session.scenario}_{kinds[:LONGEST]}_seed{session.seed}")


def slug(text: str) -> str:
    """Letters that any file system takes."""
    return re.sub(r"[^A-Za-z0-9_+-]+", "-", text)


def asked(session: Session, base: Config, studio: Studio) -> Asked:
    """Both futures of a session, played to their last year; ScenarioError where one cannot be."""
    first = studio.future(base, session.seed, session.years)
    config = with_policies(base, pointed(first, session.policies))
    second = studio.future(config, session.seed, session.years, first.key)
    for future in (first, second):
        future.done.wait()
        if future.error:
            raise ScenarioError(future.error)
        if len(future.states) <= session.years:
            raise ScenarioError("the future was dropped before it was played to its end; ask for it again")
    return Asked(session, base, config, (first, second))
