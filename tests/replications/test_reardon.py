"""College sorting: the links of resources and enrolment on a small city, and the whole replication."""

from experiments.replications.lab import Lab
from experiments.replications.reardon import LINKS, NO_ERROR, play, switched

SMALL = ("city.pupils=800", "city.schools=20")


def sorting(tmp_path, links, *overrides, seed=1):
    """The correlation of status and quality attended in a small city with some of the links."""
    return play(Lab(tmp_path).scenario("reardon", *SMALL, *switched(links), *overrides), seed)["sorting"]


def test_a_combination_switches_off_the_other_links():
    assert switched("no link") == [f"{key}=0.0" for key in LINKS.values()]
    assert switched("information") == ["households.attainment_status=0.0", "choice.length_slope=0.0"]
    assert switched("all three") == []


def test_strong_achievement_sorts_and_no_link_does_not(tmp_path):
    """800 students: without links within four standard errors of 0; with attainment that is status far above."""
    assert abs(sorting(tmp_path, "no link")) < 4 / 800**0.5
    assert sorting(tmp_path, "achievement", "households.attainment_status=1.0") > 0.4


def test_information_acts_through_errors_of_belief_alone(tmp_path):
    """The same families, tastes and lottery: without errors it makes no difference to the bit, with errors it does."""
    assert sorting(tmp_path, "information", *NO_ERROR) == sorting(tmp_path, "no link", *NO_ERROR)
    assert sorting(tmp_path, "information") != sorting(tmp_path, "no link")
