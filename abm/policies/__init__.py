"""The shelf of policies: one file each. A test finds a file that is missing here."""

from abm.policies.balanced_late_arrivals import BalancedLateArrivals
from abm.policies.campaign import Campaign
from abm.policies.detection import Detection
from abm.policies.fees_covered import FeesCovered
from abm.policies.magnet import Magnet
from abm.policies.mechanism import MechanismSwitch
from abm.policies.policy import Policy
from abm.policies.pre_assignment import PreAssignment
from abm.policies.protected_schools import ProtectedSchools
from abm.policies.reserved_places import ReservedPlaces

SHELF: dict[str, type[Policy]] = {
    "balanced_late_arrivals": BalancedLateArrivals,
    "campaign": Campaign,
    "detection": Detection,
    "fees_covered": FeesCovered,
    "magnet": Magnet,
    "mechanism": MechanismSwitch,
    "pre_assignment": PreAssignment,
    "protected_schools": ProtectedSchools,
    "reserved_places": ReservedPlaces,
}
