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
    "anti_stigma": Example({"share": 0.8, "damping": 1.0}, ("reputation.stigma=0.4", "reputation.label=-0.3")),
    "area_funding": Example({"budget": 400_000.0}),
    "balanced_late_arrivals": Example({"radius": 8}, ("demography.late_arrivals=0.1",)),
    "campaign": Example({"further": 3, "information": 0.4, "groups": ["minority"]}, ("perception.nearest=3",)),
    "class_size": Example({"pupils": 8}),
    "close_schools": Example({"number": 2}),
    "common_admission": Example(
        {"fee": 1.0}, ("city.subsidised_share=0.25", 'admission.subsidised="outside"'), ({"fee": 0.0},)
    ),
    "contact": Example({"step": 0.1, "generational": 0.5, "floor": 0.3}, ("transfers.reconsider=0.5",)),
    "controlled_choice": Example({"band": 0.0}, variants=({"districts": ("District 1",)},)),
    "cut_places": Example({"margin": 0.0}),
    "detection": Example({"rate": 0.9, "error": 0.1}),
    "extra_teachers": Example({"teachers": 3.0, "share": 0.5}),
    "fees_covered": Example({"covered": 0.8}),
    "growth_signal": Example({"precision": 0.5}, ("reputation.intake=0.4",)),
    "label": Example({"stigma": 1.0, "share": 0.5}),
    "magnet": Example({"themes": 1, "theme": "music", "lag": 1, "life": 5, "quality": 0.7, "taste": 2.0}),
    "mechanism": Example({"mechanism": "top_trading_cycles"}),
    "mediators": Example({}, ("perception.nearest=3",)),
    "merge_schools": Example({"number": 2, "within_km": 4.0}),
    "mixed_housing": Example({"share": 0.5}),
    "no_fees": Example({"private": True}),
    "open_school": Example({"sites": 2, "places": 10}),
    "paired_zones": Example({}),
    "people_funding": Example({"budget": 400_000.0, "by": "vulnerable"}),
    "points": Example(
        {"sibling": 5, "zone": 0, "district": 10, "near": 20, "workplace": 3, "low_income": 15, "proximity": "best"}
    ),
    "pre_assignment": Example({"radius": 4, "share": 0.3, "benefit": 2.0}),
    "protected_schools": Example({"above": 0.02}, ("demography.late_arrivals=0.1",)),
    "publication_ban": Example({}, ("reputation.intake=0.4", "perception.growth=0.3", "perception.lights=0.3")),
    "redrawn_zones": Example({"walk_km": 3.0}),
    "relocate_school": Example({"number": 2}),
    "reserved_places": Example(
        {"share": 0.3, "maximum": 0.5, "order": "open_first"}, variants=({"districts": ("District 1",)},)
    ),
    "revitalisation": Example({"rate": 0.3, "displacement": 0.8, "status": 2.0, "quality": 2.0}),
    "school_visits": Example({"count": 2}),
    "sectors": Example({"size": 3}),
    "traffic_light": Example({"trust": 1.0, "of": "quality"}),
    "transport": Example(
        {"links": [{"between": ["west", "east"], "minutes": 2.0}], "discount": 0.8},
        ('city.stops=[{name="west", x=-1.0, y=0.0}, {name="east", x=1.0, y=0.0}]', "perception.nearest=3"),
    ),
}
