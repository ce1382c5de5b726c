"""For each policy of the shelf, values that move every lever it declares in the classroom city, at full intensity.

``Example(values, overrides)``: parameters of the policy, and what the classroom must have besides for it to bite.
"""

from typing import NamedTuple


class Example(NamedTuple):
    """A policy's parameters, and overrides of the classroom scenario."""

    values: dict
    overrides: tuple[str, ...] = ()


EXAMPLES: dict[str, Example] = {
    "area_funding": Example({"budget": 400_000.0}),
    "campaign": Example({"further": 3, "information": 0.4, "side": "minority"}),
    "contact": Example({"step": 0.1, "generational": 0.5, "floor": 0.3}, ("transfers.reconsider=0.5",)),
    "detection": Example({"rate": 0.9}),
    "extra_teachers": Example({"teachers": 3.0, "share": 0.5}),
    "label": Example({"stigma": 1.0, "share": 0.5}),
    "magnet": Example({"themes": 1, "quality": 0.7}, ("response.theme_lag=0",)),
    "mechanism": Example({"mechanism": "top_trading_cycles"}),
    "mixed_housing": Example({"share": 0.5}),
    "people_funding": Example({"budget": 400_000.0, "by": "vulnerable"}),
    "reserved_places": Example({"share": 0.3, "maximum": 0.5, "order": "open_first"}),
    "revitalisation": Example({"rate": 0.3, "displacement": 0.8, "status": 2.0, "quality": 2.0}),
}
