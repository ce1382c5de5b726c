"""What counts for families, as kilometres of way to school: each weight of the utility over the weight of distance."""

from collections.abc import Sequence

import numpy as np

from abm.config import Config
from abm.summary.numbers import NOT_DEFINED, words
from abm.summary.tables import Table

TASTE_SD = np.pi / np.sqrt(6)  # standard deviation of a standard Gumbel number
WEIGHTS = {
    "reputation": "one standard deviation more reputation",
    "peers": "the preferred mix of pupils instead of the least preferred",
    "vulnerable": "vulnerable pupils only, instead of none",
    "emulation": "all neighbours of the own group attend, instead of none",
    "theme": "a theme the family likes best",
    "fee": "1000 euro more in fees a year, at mean income",
    "private": "a private school, beyond all else",
    "zone": "the school of the own zone",
    "sibling": "an older sibling attends",
}


def weights(config: Config, sets: Sequence[Config] = ()) -> Table:
    """Weights of the utility as kilometres: weight / |weight of distance|, for the majority and the minority.

    ``sets``: the scenario under each set of parameters that was run, whose smallest and largest worth is told.
    """
    title, minority = "", words(config.city.minority)
    head = ("worth to a family of", words(config.city.groups[0]), minority)
    if config.choice.form != "logit":
        note = "This run uses the utility of a published model, whose weights are not per kilometre."
        return Table(title, head, [], note)
    run = sets or (config,)
    km = np.abs(_each(run, "choice.distance"))  # (set, group)
    rows = []
    for name, label in WEIGHTS.items():
        value = _each(run, f"choice.{name}")
        worth = np.divide(value, km, out=np.full(value.shape, np.nan), where=km > 0)
        rows.append((label, *(_worth(part) for part in (worth[:, :1], worth[:, 1:]))))
    own = km[:, 0]
    note = (
        f"Read: this counts as much as a school so many kilometres nearer (minus: farther), up to {config.choice.knee_km:g} km "
        "from home; beyond, a kilometre weighs more. Weight divided by the weight of distance; all are parameters "
        "of the scenario. Taste that the model does not explain is worth "
        f"{_worth(TASTE_SD / own if own.all() else np.full(1, np.nan))} (one standard deviation, {head[1]})."
        + (f" From the smallest to the largest of {len(sets)} sets of parameters." if len(sets) > 1 else "")
    )
    return Table(title, head, rows, note)


def _each(configs: Sequence[Config], key: str) -> np.ndarray:
    """(set, group) a by-group parameter under each set."""
    return np.array([config.by_group(key) for config in configs], float)


def _worth(km: np.ndarray) -> str:
    if not km.size or not np.isfinite(km).all():
        return NOT_DEFINED
    low, high = f"{km.min() + 0.0:+.1f} km", f"{km.max() + 0.0:+.1f} km"
    return low.replace("-", "−") if low == high else f"{low} to {high}".replace("-", "−")
