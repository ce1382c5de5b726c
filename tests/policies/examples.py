"""For each policy of the shelf, values that move every lever it declares in the classroom city, at full intensity.

``Example(values, overrides)``: parameters of the policy, and what the classroom must have besides for it to bite.
"""

from typing import NamedTuple


class Example(NamedTuple):
    """A policy's parameters, and overrides of the classroom scenario."""

    values: dict
    overrides: tuple[str, ...] = ()


EXAMPLES: dict[str, Example] = {
    "balanced_late_arrivals": Example({"radius": 8}, ("demography.late_arrivals=0.1",)),
    "campaign": Example({"further": 3, "information": 0.4, "side": "minority"}),
    "detection": Example({"rate": 0.9, "error": 0.1}),
    "fees_covered": Example({"covered": 0.8}),
    "magnet": Example({"themes": 1, "quality": 0.7}, ("response.theme_lag=0",)),
    "mechanism": Example({"mechanism": "top_trading_cycles"}),
    "pre_assignment": Example({"radius": 4, "share": 0.3, "benefit": 2.0}),
    "protected_schools": Example({"above": 0.02}, ("demography.late_arrivals=0.1",)),
    "reserved_places": Example({"share": 0.3, "maximum": 0.5, "order": "open_first"}),
}
