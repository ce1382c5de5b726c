"""The shelf of policies: one file each. A test finds a file that is missing here."""

from abm.policies.campaign import Campaign
from abm.policies.detection import Detection
from abm.policies.magnet import Magnet
from abm.policies.mechanism import MechanismSwitch
from abm.policies.paired_zones import PairedZones
from abm.policies.policy import Policy
from abm.policies.redrawn_zones import RedrawnZones
from abm.policies.reserved_places import ReservedPlaces
from abm.policies.sectors import Sectors

SHELF: dict[str, type[Policy]] = {
    "campaign": Campaign,
    "detection": Detection,
    "magnet": Magnet,
    "mechanism": MechanismSwitch,
    "paired_zones": PairedZones,
    "redrawn_zones": RedrawnZones,
    "reserved_places": ReservedPlaces,
    "sectors": Sectors,
}
