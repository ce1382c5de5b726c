"""The shelf of policies: one file each. A test finds a file that is missing here."""

from abm.policies.anti_stigma import AntiStigma
from abm.policies.area_funding import AreaFunding
from abm.policies.balanced_late_arrivals import BalancedLateArrivals
from abm.policies.campaign import Campaign
from abm.policies.class_size import ClassSize
from abm.policies.close_schools import CloseSchools
from abm.policies.common_admission import CommonAdmission
from abm.policies.contact import Contact
from abm.policies.controlled_choice import ControlledChoice
from abm.policies.cut_places import CutPlaces
from abm.policies.detection import Detection
from abm.policies.extra_teachers import ExtraTeachers
from abm.policies.fees_covered import FeesCovered
from abm.policies.growth_signal import GrowthSignal
from abm.policies.label import Label
from abm.policies.magnet import Magnet
from abm.policies.mechanism import MechanismSwitch
from abm.policies.mediators import Mediators
from abm.policies.merge_schools import MergeSchools
from abm.policies.mixed_housing import MixedHousing
from abm.policies.no_fees import NoFees
from abm.policies.open_school import OpenSchool
from abm.policies.paired_zones import PairedZones
from abm.policies.people_funding import PeopleFunding
from abm.policies.points import Points
from abm.policies.policy import Policy
from abm.policies.pre_assignment import PreAssignment
from abm.policies.protected_schools import ProtectedSchools
from abm.policies.publication_ban import PublicationBan
from abm.policies.redrawn_zones import RedrawnZones
from abm.policies.relocate_school import RelocateSchool
from abm.policies.reserved_places import ReservedPlaces
from abm.policies.revitalisation import Revitalisation
from abm.policies.school_visits import SchoolVisits
from abm.policies.sectors import Sectors
from abm.policies.traffic_light import TrafficLight
from abm.policies.transport import Transport

SHELF: dict[str, type[Policy]] = {
    "anti_stigma": AntiStigma,
    "area_funding": AreaFunding,
    "balanced_late_arrivals": BalancedLateArrivals,
    "campaign": Campaign,
    "class_size": ClassSize,
    "close_schools": CloseSchools,
    "common_admission": CommonAdmission,
    "contact": Contact,
    "controlled_choice": ControlledChoice,
    "cut_places": CutPlaces,
    "detection": Detection,
    "extra_teachers": ExtraTeachers,
    "fees_covered": FeesCovered,
    "growth_signal": GrowthSignal,
    "label": Label,
    "magnet": Magnet,
    "mechanism": MechanismSwitch,
    "mediators": Mediators,
    "merge_schools": MergeSchools,
    "mixed_housing": MixedHousing,
    "no_fees": NoFees,
    "open_school": OpenSchool,
    "paired_zones": PairedZones,
    "people_funding": PeopleFunding,
    "points": Points,
    "pre_assignment": PreAssignment,
    "protected_schools": ProtectedSchools,
    "publication_ban": PublicationBan,
    "redrawn_zones": RedrawnZones,
    "relocate_school": RelocateSchool,
    "reserved_places": ReservedPlaces,
    "revitalisation": Revitalisation,
    "school_visits": SchoolVisits,
    "sectors": Sectors,
    "traffic_light": TrafficLight,
    "transport": Transport,
}
