"""For each policy of the shelf, values that move every lever it declares in the classroom city, at full intensity.

``Example(values, overrides)``: parameters of the policy, and what the classroom must have besides for it to bite.
"""

from typing import NamedTuple


class Example(NamedTuple):
    """A policy's parameters, and overrides of the classroom scenario."""

    values: dict
    overrides: tuple[str, ...] = ()


EXAMPLES: dict[str, Example] = {
    "campaign": Example({"further": 3, "information": 0.4, "side": "minority"}),
    "detection": Example({"rate": 0.9}),
    "magnet": Example({"themes": 1, "quality": 0.7}, ("response.theme_lag=0",)),
    "mechanism": Example({"mechanism": "top_trading_cycles"}),
    "paired_zones": Example({}),
    "redrawn_zones": Example({"walk_km": 3.0}),
    "reserved_places": Example({"share": 0.3, "maximum": 0.5, "order": "open_first"}),
    "sectors": Example({"size": 3}),
}
