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
    "class_size": Example({"pupils": 8}),
    "close_schools": Example({"number": 2}),
    "cut_places": Example({"margin": 0.0}),
    "detection": Example({"rate": 0.9}),
    "magnet": Example({"themes": 1, "quality": 0.7}, ("response.theme_lag=0",)),
    "mechanism": Example({"mechanism": "top_trading_cycles"}),
    "merge_schools": Example({"number": 2, "within_km": 4.0}),
    "no_fees": Example({"private": True}),
    "open_school": Example({"sites": 2, "places": 10}),
    "relocate_school": Example({"number": 2}),
    "reserved_places": Example({"share": 0.3, "maximum": 0.5, "order": "open_first"}),
}
