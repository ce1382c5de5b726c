"""The shelf of policies: one file each. A test finds a file that is missing here."""

from abm.policies.balanced_late_arrivals import BalancedLateArrivals
from abm.policies.campaign import Campaign
from abm.policies.class_size import ClassSize
from abm.policies.close_schools import CloseSchools
from abm.policies.common_admission import CommonAdmission
from abm.policies.controlled_choice import ControlledChoice
from abm.policies.cut_places import CutPlaces
from abm.policies.detection import Detection
from abm.policies.fees_covered import FeesCovered
from abm.policies.magnet import Magnet
from abm.policies.mechanism import MechanismSwitch
from abm.policies.merge_schools import MergeSchools
from abm.policies.no_fees import NoFees
from abm.policies.open_school import OpenSchool
from abm.policies.points import Points
from abm.policies.policy import Policy
from abm.policies.pre_assignment import PreAssignment
from abm.policies.protected_schools import ProtectedSchools
from abm.policies.relocate_school import RelocateSchool
from abm.policies.reserved_places import ReservedPlaces
from abm.policies.transport import Transport

SHELF: dict[str, type[Policy]] = {
    "balanced_late_arrivals": BalancedLateArrivals,
    "campaign": Campaign,
    "class_size": ClassSize,
    "close_schools": CloseSchools,
    "common_admission": CommonAdmission,
    "controlled_choice": ControlledChoice,
    "cut_places": CutPlaces,
    "detection": Detection,
    "fees_covered": FeesCovered,
    "magnet": Magnet,
    "mechanism": MechanismSwitch,
    "merge_schools": MergeSchools,
    "no_fees": NoFees,
    "open_school": OpenSchool,
    "points": Points,
    "pre_assignment": PreAssignment,
    "protected_schools": ProtectedSchools,
    "relocate_school": RelocateSchool,
    "reserved_places": ReservedPlaces,
    "transport": Transport,
}
