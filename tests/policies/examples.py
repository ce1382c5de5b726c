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
    "magnet": Example({"themes": 1, "theme": "music", "lag": 1, "life": 5, "quality": 0.7, "taste": 2.0}),
    "mechanism": Example({"mechanism": "top_trading_cycles"}),
    "reserved_places": Example({"share": 0.3, "maximum": 0.5, "order": "open_first"}),
}
