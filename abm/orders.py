"""Orders: what the authority wants of single schools, districts and families this year; the process in charge executes them.

An order names schools and districts by their rows. Orders hold for one year: a policy gives them anew each year it is in
force. What is built, closed or moved by an order stays when the order is gone; all else falls back to what it was.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Message:
    """Information that reaches some families: schools to consider, and less error about what schools are worth.

    ``information`` is on all schools; of a message that names schools, on those within ``radius_km`` alone.
    """

    name: str  # keys the draw of who is reached: messages of one name reach the same families
    groups: tuple[int, ...]  # whose families; empty: all
    detected: bool  # only families detected as vulnerable
    reach: float  # share of these families, 0 to 1
    nearest: int = 0  # further nearest schools that a reached family considers
    schools: tuple[int, ...] = ()  # schools it hears of: considered by families within ``radius_km``
    radius_km: float = 0.0  # km
    information: float = 0.0  # share of the missing information that it gives, 0 to 1
    districts: tuple[int, ...] = ()  # whose families, by home; empty: all
    strategy: float = 0.0  # share of the reached who learn how to play a mechanism that rewards it


@dataclasses.dataclass(frozen=True)
class Cover:
    """Fees that the authority pays for some families."""

    groups: tuple[int, ...]  # whose families; empty: all
    detected: bool  # only families detected as vulnerable
    share: float  # of the fee that is paid for them, 0 to 1


@dataclasses.dataclass(frozen=True)
class Ticket:
    """Free or cheaper rides for some families: km beyond walking distance count less, and schools there are looked at."""

    groups: tuple[int, ...]  # whose families; empty: all
    detected: bool  # only families detected as vulnerable
    districts: tuple[int, ...]  # of the homes; empty: all
    discount: float  # share of each km beyond ``choice.knee_km`` that no longer counts, 0 to 1
    further: int = 0  # most further schools that a family considers since they are now as near as others were


@dataclasses.dataclass(frozen=True)
class Opening:
    """A new school."""

    name: str
    x: float  # km east
    y: float  # km north
    places: int  # in the entry grade
    quality: float = 0.0  # sd
    theme: str = ""


@dataclasses.dataclass(frozen=True)
class Zoning:
    """Other admission zones than the city's own."""

    place: tuple[int, ...]  # (place,) zone of each address point, -1: none
    school: tuple[int, ...]  # (school,) zone of each school, -1: none


@dataclasses.dataclass(frozen=True)
class Orders:
    """The orders of one year; empty ones change nothing. Tables are {row: value}, of schools unless said otherwise."""

    # admission
    mechanism: dict[int, str] = dataclasses.field(default_factory=dict)  # schools that give places by another mechanism
    inside: tuple[int, ...] = ()  # private and subsidised schools that take part in the match
    reserved: dict[int, float] = dataclasses.field(default_factory=dict)  # share of places instead of the general one
    maximum: dict[int, float] = dataclasses.field(default_factory=dict)  # largest share instead of the general one
    band: dict[int, float] = dataclasses.field(default_factory=dict)  # width of the band instead of the general one
    zoning: Zoning | None = None
    # supply
    opened: tuple[Opening, ...] = ()
    closed: tuple[int, ...] = ()
    merged: tuple[tuple[int, int], ...] = ()  # (school that closes, school that takes its pupils)
    relocated: dict[int, tuple[float, float]] = dataclasses.field(default_factory=dict)  # (km east, km north)
    intake: dict[int, float] = dataclasses.field(default_factory=dict)  # times the places of the next cohort
    class_size: dict[int, int] = dataclasses.field(default_factory=dict)  # pupils of a full class
    fee: dict[int, float] = dataclasses.field(default_factory=dict)  # share of the fee that families still pay
    themes: dict[int, str] = dataclasses.field(default_factory=dict)  # themes offered to named schools
    # detection and enrolment
    protected: tuple[int, ...] = ()  # no further late arrivals
    proposed: tuple[int, ...] = ()  # the only schools that are proposed to detected entrants; empty: any in the match
    covered: tuple[Cover, ...] = ()  # whose fees are paid
    # communication
    messages: tuple[Message, ...] = ()
    corrected: dict[int, float] = dataclasses.field(default_factory=dict)  # share of undeserved bad name put right
    # priority
    funding: dict[int, float] = dataclasses.field(default_factory=dict)  # 1000 euro a pupil and year
    teachers: dict[int, float] = dataclasses.field(default_factory=dict)  # further teachers
    labelled: tuple[int, ...] = ()  # public priority label
    # neighbourhood
    housing: dict[int, float] = dataclasses.field(
        default_factory=dict
    )  # district: share of its new families dealt mixed
    revitalised: dict[int, float] = dataclasses.field(default_factory=dict)  # district: pull on families, per year
    links: tuple[tuple[str, str, float], ...] = ()  # further links between stops, minutes
    tickets: tuple[Ticket, ...] = ()  # free or cheaper rides
    contact: dict[int, float] = dataclasses.field(default_factory=dict)  # fall of the preferred own share, per year
