"""schoolflight: an agent-based model of school choice and segregation in European cities.

``load`` reads a scenario, ``SchoolChoiceModel`` runs it: ``SchoolChoiceModel(load("configs/classroom.toml"), seed=1).run()``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.config import Config
    from abm.config.declare import ScenarioError
    from abm.model import SchoolChoiceModel
    from abm.scenario import load

__version__ = "0.1.0"
_HOMES = {
    "Config": "abm.config",
    "ScenarioError": "abm.config.declare",
    "SchoolChoiceModel": "abm.model",
    "load": "abm.scenario",
}
__all__ = ["Config", "ScenarioError", "SchoolChoiceModel", "load"]


def __getattr__(name: str):
    """Import on first use, so that the command line answers at once."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'abm' has no attribute {name!r}")
