"""The shelf of policies: one file each. A test finds a file that is missing here."""

from abm.policies.campaign import Campaign
from abm.policies.common_admission import CommonAdmission
from abm.policies.controlled_choice import ControlledChoice
from abm.policies.detection import Detection
from abm.policies.magnet import Magnet
from abm.policies.mechanism import MechanismSwitch
from abm.policies.points import Points
from abm.policies.policy import Policy
from abm.policies.reserved_places import ReservedPlaces

SHELF: dict[str, type[Policy]] = {
    "campaign": Campaign,
    "common_admission": CommonAdmission,
    "controlled_choice": ControlledChoice,
    "detection": Detection,
    "magnet": Magnet,
    "mechanism": MechanismSwitch,
    "points": Points,
    "reserved_places": ReservedPlaces,
}
