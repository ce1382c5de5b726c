"""The shelf of policies: one file each. A test finds a file that is missing here."""

from abm.policies.anti_stigma import AntiStigma
from abm.policies.campaign import Campaign
from abm.policies.detection import Detection
from abm.policies.growth_signal import GrowthSignal
from abm.policies.magnet import Magnet
from abm.policies.mechanism import MechanismSwitch
from abm.policies.mediators import Mediators
from abm.policies.policy import Policy
from abm.policies.publication_ban import PublicationBan
from abm.policies.reserved_places import ReservedPlaces
from abm.policies.school_visits import SchoolVisits
from abm.policies.traffic_light import TrafficLight

SHELF: dict[str, type[Policy]] = {
    "anti_stigma": AntiStigma,
    "campaign": Campaign,
    "detection": Detection,
    "growth_signal": GrowthSignal,
    "magnet": Magnet,
    "mechanism": MechanismSwitch,
    "mediators": Mediators,
    "publication_ban": PublicationBan,
    "reserved_places": ReservedPlaces,
    "school_visits": SchoolVisits,
    "traffic_light": TrafficLight,
}
