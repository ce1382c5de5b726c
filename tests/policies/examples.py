"""For each policy of the shelf, values that move every lever it declares in the classroom city, at full intensity.

``Example(values, overrides, variants)``: parameters of the policy, what the classroom must have besides for it to bite,
and further values for levers that a policy edits only otherwise, as where schools are named.
"""

from typing import NamedTuple


class Example(NamedTuple):
    """A policy's parameters, overrides of the classroom scenario, and other parameters that move further levers."""

    values: dict
    overrides: tuple[str, ...] = ()
    variants: tuple[dict, ...] = ()


EXAMPLES: dict[str, Example] = {
    "balanced_late_arrivals": Example({"radius": 8}, ("demography.late_arrivals=0.1",)),
    "campaign": Example({"further": 3, "information": 0.4, "side": "minority"}),
    "class_size": Example({"pupils": 8}),
    "close_schools": Example({"number": 2}),
    "common_admission": Example(
        {"fee": 1.0}, ("city.subsidised_share=0.25", 'admission.subsidised="outside"'), ({"fee": 0.0},)
    ),
    "controlled_choice": Example({"band": 0.0}, variants=({"districts": ("District 1",)},)),
    "cut_places": Example({"margin": 0.0}),
    "detection": Example({"rate": 0.9, "error": 0.1}),
    "fees_covered": Example({"covered": 0.8}),
    "magnet": Example({"themes": 1, "quality": 0.7}, ("response.theme_lag=0",)),
    "mechanism": Example({"mechanism": "top_trading_cycles"}),
    "merge_schools": Example({"number": 2, "within_km": 4.0}),
    "no_fees": Example({"private": True}),
    "open_school": Example({"sites": 2, "places": 10}),
    "points": Example(
        {"sibling": 5, "zone": 0, "district": 10, "near": 20, "workplace": 3, "low_income": 15, "proximity": "best"}
    ),
    "pre_assignment": Example({"radius": 4, "share": 0.3, "benefit": 2.0}),
    "protected_schools": Example({"above": 0.02}, ("demography.late_arrivals=0.1",)),
    "relocate_school": Example({"number": 2}),
    "reserved_places": Example(
        {"share": 0.3, "maximum": 0.5, "order": "open_first"}, variants=({"districts": ("District 1",)},)
    ),
    "transport": Example(
        {"links": [{"between": ["west", "east"], "minutes": 2.0}], "discount": 0.8},
        ('city.stops=[{name="west", x=-1.0, y=0.0}, {name="east", x=1.0, y=0.0}]', "perception.nearest=3"),
    ),
}
