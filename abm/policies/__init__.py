"""The shelf of policies: one file each, named like the policy. A test finds a file that is missing here."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from abm.policies.policy import Policy

_CLASSES = {
    "anti_stigma": "AntiStigma",
    "area_funding": "AreaFunding",
    "balanced_late_arrivals": "BalancedLateArrivals",
    "campaign": "Campaign",
    "class_size": "ClassSize",
    "close_schools": "CloseSchools",
    "common_admission": "CommonAdmission",
    "contact": "Contact",
    "controlled_choice": "ControlledChoice",
    "cut_places": "CutPlaces",
    "detection": "Detection",
    "extra_teachers": "ExtraTeachers",
    "fees_covered": "FeesCovered",
    "growth_signal": "GrowthSignal",
    "label": "Label",
    "magnet": "Magnet",
    "mechanism": "MechanismSwitch",
    "mediators": "Mediators",
    "merge_schools": "MergeSchools",
    "mixed_housing": "MixedHousing",
    "no_fees": "NoFees",
    "open_school": "OpenSchool",
    "paired_zones": "PairedZones",
    "people_funding": "PeopleFunding",
    "points": "Points",
    "pre_assignment": "PreAssignment",
    "protected_schools": "ProtectedSchools",
    "publication_ban": "PublicationBan",
    "redrawn_zones": "RedrawnZones",
    "relocate_school": "RelocateSchool",
    "reserved_places": "ReservedPlaces",
    "revitalisation": "Revitalisation",
    "school_visits": "SchoolVisits",
    "sectors": "Sectors",
    "traffic_light": "TrafficLight",
    "transport": "Transport",
}


class _Shelf(Mapping[str, type[Policy]]):
    """A policy's file is read when the policy is asked for: most scenarios have few of them, or none."""

    def __getitem__(self, kind: str) -> type[Policy]:
        name = _CLASSES[kind]
        return getattr(import_module(f"{__name__}.{kind}"), name)

    def __contains__(self, kind: object) -> bool:
        return kind in _CLASSES

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


SHELF: Mapping[str, type[Policy]] = _Shelf()
