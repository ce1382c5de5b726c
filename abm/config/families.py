"""Parameters of the households: who they are, how they change, what they perceive, what they want."""

from typing import Literal

from abm.config.declare import ByGroup, Number, Whole, param, section


@section
class HouseholdsConfig:
    """Attributes of a family, drawn once from its stable id."""

    status_gap: Number = param(-0.7, unit="sd", low=-5, high=5, doc="Mean status of minority families minus that of majority families.", source="assumption; PISA 2018 gaps in Italy and Spain are .6 to .8 sd")  # fmt: skip
    status_area: Number = param(0.2, unit="share", low=0, high=1, doc="Share of the variance of status that lies between small areas (synthetic).")  # fmt: skip
    vulnerable_share: Number = param(0.2, unit="share", low=0, high=1, doc="Share of truly vulnerable pupils.")
    vulnerable_slope: Number = param(1.5, unit="logit per sd", low=0, high=10, doc="How much sooner families of low status are vulnerable.")  # fmt: skip
    vulnerable_exit: Number = param(0.1, unit="share/year", low=0, high=1, doc="Share of vulnerable families who cease to be so in a year; as many others become vulnerable.")  # fmt: skip
    detection: Number = param(0.35, unit="share", low=0, high=1, doc="Share of vulnerable pupils who are detected.", source="assumption; Barcelona tripled its rate in 2018-2021")  # fmt: skip
    detection_lag: Number = param(1.0, unit="years", low=0, high=20, doc="Mean time until detection follows: a new rate, and a family that becomes or ceases to be vulnerable.")  # fmt: skip
    false_detection: Number = param(0.0, unit="share", low=0, high=1, doc="Share of not vulnerable pupils detected by error.")  # fmt: skip
    information: Number = param(0.5, unit="0 to 1", low=0, high=1, doc="Mean information of a family of mean status.")
    information_slope: Number = param(0.2, unit="per sd", low=-1, high=1, doc="Rise of information with status.", source="direction: Reardon et al. 2016; size: assumption")  # fmt: skip
    attainment_status: Number = param(0.3, unit="correlation", low=-1, high=1, doc="Correlation of a child's earlier attainment with the family's status; looked at only by points for attainment.", source="direction: Reardon et al. 2016; size: assumption")  # fmt: skip
    tolerance: ByGroup = param({"majority": 0.9, "minority": 0.5}, unit="share", low=0.01, high=1, doc="Preferred share f of the own side, majority or minority, at a school.", source="assumption; Sage & Flache 2021 use .5 (tolerant) and .8 (intolerant)", spread=(0.85, 1.1))  # fmt: skip
    tolerance_spread: Number = param(0.08, unit="share", low=0, high=0.5, doc="Standard deviation of the preferred share between families.")  # fmt: skip
    tolerant: Number = param(0.0, unit="share", low=0, high=1, doc="Share of families of a second, tolerant kind, whatever their group.", source="Sage & Flache 2021")  # fmt: skip
    tolerant_prefers: Number = param(0.5, unit="share", low=0.01, high=1, doc="Preferred own-side share f of the tolerant kind.", source="Sage & Flache 2021")  # fmt: skip
    tolerant_full: Number = param(0.3, unit="0 to 1", low=0, high=1, doc="M of the tolerant kind: value V of a school, or an area, with none but the own side.", source="Sage & Flache 2021")  # fmt: skip
    contact: Number = param(0.0, unit="share per share", low=-2, high=2, doc="Long loop: how much less of the own side new parents prefer, the more of the other side was at school when they were pupils, counted from the start; negative: the more; 0: off.", source="sign open: Pettigrew & Tropp 2006 against Paluck, Green & Green 2019; size: assumption")  # fmt: skip
    contact_lag: Whole = param(15, unit="years", low=1, high=100, doc="Years from being a pupil to being a new parent, at least.")  # fmt: skip
    contact_span: Whole = param(10, unit="years", low=1, high=100, doc="New parents were pupils in that many years before, evenly.")  # fmt: skip
    contact_floor: Number = param(0.4, unit="share", low=0.05, high=1, doc="Preferred own share below which a contact programme brings nobody.")  # fmt: skip
    sibling_share: Number = param(0.38, unit="share", low=0, high=0.5, doc="Share of entrants with an older sibling in the stage.", source="Barcelona 2018: 38.1 % of applications had sibling points (press on municipal data)")  # fmt: skip
    works_elsewhere: Number = param(0.5, unit="share", low=0, high=1, doc="Share of families with a workplace in another district (workplace points).")  # fmt: skip


@section
class DemographyConfig:
    """Who comes and who goes."""

    growth: ByGroup = param(
        0.0,
        unit="share/year",
        low=-0.5,
        high=0.5,
        doc="Growth of the entry cohort by group, counted from the start; siblings follow it some years later.",
    )
    late_arrivals: ByGroup = param({"majority": 0.002, "minority": 0.02}, unit="share/year", low=0, high=0.5, doc="Pupils who arrive during the year, as a share of the group's pupils.")  # fmt: skip
    leave: Number = param(0.01, unit="share/year", low=0, high=1, doc="Share of families who leave the city in a year for reasons of their own.")  # fmt: skip
    leave_unhappy: Number = param(0.05, unit="share", low=0, high=1, doc="Share of entrants placed at no school of their list who leave the city, at mean status.")  # fmt: skip
    leave_status: Number = param(0.5, unit="log per sd", low=-3, high=3, doc="How much likelier families of high status are to leave when unhappy.")  # fmt: skip


@section
class PerceptionConfig:
    """Which schools a family considers and what it believes about them. Capacity = sum of the numbers, 16 by default."""

    nearest: Whole = param(10, unit="schools", low=1, high=48, doc="Nearest schools considered by a fully informed family.")  # fmt: skip
    uninformed: Number = param(0.6, unit="share", low=0, high=1, doc="Share of these nearest schools that a family without information considers.", source="direction: Reardon et al. 2016; size: assumption")  # fmt: skip
    network: Whole = param(2, unit="schools", low=0, high=64, doc="Schools that most of the own group in the small area attends.")  # fmt: skip
    flagship: Whole = param(2, unit="schools", low=0, high=64, doc="Schools of highest reputation in the city, known to all.")  # fmt: skip
    noise: Number = param(0.8, unit="sd", low=0, high=20, doc="Standard deviation of the error of belief about reputation, without information.", spread=(0.3, 1.7))  # fmt: skip
    empty: Literal["city", "ideal"] = param("city", unit="choice", doc="A school without pupils is taken for the city's average, or for what each family likes best (V = 1).", source="ideal: Sage & Flache 2021")  # fmt: skip
    prior: Number = param(0.0, unit="share", low=0, high=1, doc="Share of what a family does not know of a school for which it takes the mean of the open schools, instead of what is heard with an error; 1: without information all schools seem alike.", source="form: low-income families in Diaz, Jimenez & Larroulet 2019")  # fmt: skip
    growth: Number = param(0.0, unit="share", low=0, high=1, doc="Share of what is believed of a school that is read off published figures of its pupils' growth (true quality), without error, instead of heard.")  # fmt: skip
    lights: Number = param(0.0, unit="share", low=0, high=1, doc="Share of what a family does not know for which it trusts the colour, of three, that is published of each school.", source="form: Diaz, Jimenez & Larroulet 2019")  # fmt: skip
    first_impression: Literal["pupils", "residents"] = param("pupils", unit="choice", doc="Whom families see in a school before its first intake of the run: its pupils of year 0, or those who live in the small area it stands in.", source="residents: Michailidis et al. 2024")  # fmt: skip
    lights_of: Literal["reputation", "quality"] = param("reputation", unit="choice", doc="What is published in three colours, a third of the open schools each; a colour is read as the mean of its schools.")  # fmt: skip


@section
class ChoiceConfig:
    """The utility of a school. Weights are per unit of the term; the taste has the scale of a standard Gumbel number."""

    form: Literal["logit", "cobb_douglas", "additive"] = param("logit", unit="choice", doc="Weighted sum of all terms; V^a D^(1-a); a V + (1-a) D.", source="McFadden 1974; Sage & Flache 2021; Dignum et al. 2022")  # fmt: skip
    distance: ByGroup = param(-0.6, unit="utility/km", low=-50, high=50, doc="Weight of distance.", source="assumption; -.3 to -1.2 in studies of European primary schools", spread=(0.6, 1.6))  # fmt: skip
    distance_beyond: ByGroup = param(-0.3, unit="utility/km", low=-50, high=50, doc="Weight of each km beyond the knee, in addition.")  # fmt: skip
    knee_km: Number = param(1.5, unit="km", low=0, high=1000, doc="Distance from which each km weighs more.")
    reputation: ByGroup = param({"majority": 0.5, "minority": 0.35}, unit="utility/sd", low=-50, high=50, doc="Weight of believed reputation.", spread=(0.4, 1.8))  # fmt: skip
    peers: ByGroup = param({"majority": 4.0, "minority": 1.0}, unit="utility", low=-50, high=50, doc="Weight of the composition V(x), 0 to 1, of the own side's share x.", source="form: Stoica & Flache 2014; size: assumption", spread=(0.3, 1.6))  # fmt: skip
    peers_full: Number = param(0.8, unit="0 to 1", low=0, high=1, doc="M: value V of a school with none but the own side.", source="assumption; Sage & Flache 2021 use .3 and .6")  # fmt: skip
    vulnerable: ByGroup = param(-0.5, unit="utility", low=-50, high=50, doc="Weight of the share of vulnerable pupils.", spread=(0.0, 2.0))  # fmt: skip
    emulation: ByGroup = param({"majority": 0.8, "minority": 1.6}, unit="utility", low=-50, high=50, doc="Weight of the share of the own group nearby who attend.", spread=(0.3, 1.8))  # fmt: skip
    emulation_prior: Number = param(5.0, unit="pupils", low=0, high=1000, doc="Pupils added to the own group nearby, so that few neighbours weigh little.")  # fmt: skip
    theme: ByGroup = param(0.5, unit="utility", low=-50, high=50, doc="Weight of a school's theme, times the family's taste for it, 0 to 1.", spread=(0.3, 2.0))  # fmt: skip
    fee: ByGroup = param(-0.5, unit="utility per 1000 euro", low=-50, high=0, doc="Weight of the yearly fee at mean status; halves with each unit of `fee_status`.", spread=(0.5, 1.7))  # fmt: skip
    fee_status: Number = param(0.7, unit="sd", low=0.05, high=50, doc="Rise of status that halves the weight of the fee.")  # fmt: skip
    private: ByGroup = param({"majority": 1.5, "minority": 0.5}, unit="utility", low=-50, high=50, doc="Appeal of a private or subsidised school beyond the other terms (creed, hours, network).", spread=(0.7, 1.3))  # fmt: skip
    zone: ByGroup = param(1.2, unit="utility", low=-50, high=50, doc="Attachment to a school of the own zone.", spread=(0.4, 1.7))  # fmt: skip
    sibling: ByGroup = param(2.0, unit="utility", low=-50, high=50, doc="Weight of an older sibling at the school.")
    alpha: Number = param(0.5, unit="0 to 1", low=0, high=1, doc="a: weight of composition against distance (cobb_douglas, additive).", source="Sage & Flache 2021; Dignum et al. 2022")  # fmt: skip
    distance_form: Literal["farthest", "min_max", "ratio"] = param("farthest", unit="choice", doc="D of a distance: (dmax - d)/dmax over the city; (dmax - d)/(dmax - dmin) over the household's schools; 1/(1 + (d/p)^q) (cobb_douglas, additive).", source="Sage & Flache 2021; Dignum et al. 2022; COMPASS 2024")  # fmt: skip
    ratio_p: Number = param(1.0, unit="km", low=0.001, high=100000, doc="p: distance of D = 1/2 (ratio).", source="COMPASS 2024")  # fmt: skip
    ratio_q: Number = param(2.0, unit="power", low=0, high=20, doc="q: steepness (ratio).", source="COMPASS 2024")
    beta: Number = param(1.0, unit="1/utility", low=0, high=10000, doc="Multiplies utility against the taste: P ~ exp(beta U).", source="1: logit; 12: Sage & Flache 2021; 50: Dignum et al. 2022")  # fmt: skip
    taste: Literal["persistent", "redrawn", "none"] = param("persistent", unit="choice", doc="Gumbel taste of a family for a school: for good; new each year; none (the best utility wins).")  # fmt: skip
    length: Whole = param(8, unit="schools", low=1, high=4096, doc="L: length of the list.")
    choosers: ByGroup = param(1.0, unit="share", low=0, high=1, doc="Share of families who choose at all; the others list their local school alone and never look again. Nested: who chooses at a lower share does at a higher.", source="Ukanwa, Jones & Turner 2022 vary it")  # fmt: skip
    first_look: Literal["none", "content", "tolerance"] = param("none", unit="choice", doc="Families first look at their local school and list it alone if it contents them: never; with at most the share `content` of the other side there; with at least the family's tolerance of the own side there.", source="form: Larsen 2015, after Schelling 1971")  # fmt: skip
    content: ByGroup = param({"majority": 0.3, "minority": 1.0}, unit="share", low=0, high=1, doc="Largest share of the other side at its local school with which a family looks no further (first_look = content).", source="assumption; Card, Mas & Rothstein 2008 find neighbourhoods that tip between .05 and .2")  # fmt: skip
    length_slope: Number = param(0.0, unit="schools per sd", low=-1000, high=1000, doc="Further schools that a family lists for each sd of status, rounded; all list at least one.", source="form: Reardon et al. 2016, number of applications")  # fmt: skip
    strategic: Number = param(0.0, unit="share", low=0, high=1, doc="Share of families who weigh utility with last year's chance of admission (immediate acceptance only).", source="assumption; Calsamiglia, Fu & Guell 2020 find such families in Barcelona")  # fmt: skip
