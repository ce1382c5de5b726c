"""For each policy of the shelf, values that move every lever it declares in the classroom city, at full intensity.

``Example(values, overrides)``: parameters of the policy, and what the classroom must have besides for it to bite.
"""

from typing import NamedTuple


class Example(NamedTuple):
    """A policy's parameters, and overrides of the classroom scenario."""

    values: dict
    overrides: tuple[str, ...] = ()


EXAMPLES: dict[str, Example] = {
    "anti_stigma": Example({"share": 0.8, "damping": 1.0}, ("reputation.stigma=0.4", "reputation.label=-0.3")),
    "campaign": Example({"further": 3, "information": 0.4, "groups": ["minority"]}, ("perception.nearest=3",)),
    "detection": Example({"rate": 0.9}),
    "growth_signal": Example({"precision": 0.5}, ("reputation.intake=0.4",)),
    "magnet": Example({"themes": 1, "quality": 0.7}, ("response.theme_lag=0",)),
    "mechanism": Example({"mechanism": "top_trading_cycles"}),
    "mediators": Example({}, ("perception.nearest=3",)),
    "publication_ban": Example({}, ("reputation.intake=0.4", "perception.growth=0.3", "perception.lights=0.3")),
    "reserved_places": Example({"share": 0.3, "maximum": 0.5, "order": "open_first"}),
    "school_visits": Example({"count": 2}),
    "traffic_light": Example({"trust": 1.0, "of": "quality"}),
}
