"""The shelf of policies: one file each. A test finds a file that is missing here."""

from abm.policies.area_funding import AreaFunding
from abm.policies.campaign import Campaign
from abm.policies.contact import Contact
from abm.policies.detection import Detection
from abm.policies.extra_teachers import ExtraTeachers
from abm.policies.label import Label
from abm.policies.magnet import Magnet
from abm.policies.mechanism import MechanismSwitch
from abm.policies.mixed_housing import MixedHousing
from abm.policies.people_funding import PeopleFunding
from abm.policies.policy import Policy
from abm.policies.reserved_places import ReservedPlaces
from abm.policies.revitalisation import Revitalisation

SHELF: dict[str, type[Policy]] = {
    "area_funding": AreaFunding,
    "campaign": Campaign,
    "contact": Contact,
    "detection": Detection,
    "extra_teachers": ExtraTeachers,
    "label": Label,
    "magnet": Magnet,
    "mechanism": MechanismSwitch,
    "mixed_housing": MixedHousing,
    "people_funding": PeopleFunding,
    "reserved_places": ReservedPlaces,
    "revitalisation": Revitalisation,
}
