"""Parameters of the school system: admission, transfers, reputation, response, moves, outcomes."""

from typing import Literal

from abm.config.declare import Flag, Number, Text, Whole, fault, param, section


@section
class PointsConfig:
    """Priorities at a school as points. Zero: does not count."""

    sibling: Whole = param(40, unit="points", low=0, high=10000, doc="An older sibling at the school.", source="Barcelona to 2021")  # fmt: skip
    zone: Whole = param(30, unit="points", low=0, high=10000, doc="Lives in the school's zone.", source="Barcelona")
    district: Whole = param(0, unit="points", low=0, high=10000, doc="Lives in the school's district.", source="Barcelona: 15")  # fmt: skip
    near: Whole = param(0, unit="points", low=0, high=10000, doc="The school is among the `near_schools` nearest.", source="Amsterdam")  # fmt: skip
    near_schools: Whole = param(8, unit="schools", low=1, high=64, doc="How many nearest schools give `near` points.", source="Amsterdam: eight (assumption)")  # fmt: skip
    relative: Whole = param(0, unit="points/km", low=0, high=1000, doc="Relative proximity: for each km by which the nearest other school is farther than this one, counted so that nobody has less than 0; added whatever `proximity` says.", source="City of Stockholm, grundskola.stockholm")  # fmt: skip
    workplace: Whole = param(0, unit="points", low=0, high=10000, doc="A parent works in the school's district.", source="Barcelona: 20")  # fmt: skip
    proximity: Literal["sum", "best"] = param("sum", unit="choice", doc="Zone, district, near and workplace points add up, or only the best of them counts.", source="Barcelona: one counts (school circulars)")  # fmt: skip
    low_income: Whole = param(0, unit="points", low=0, high=10000, doc="Detected as vulnerable.", source="Barcelona: 15 from 2022")  # fmt: skip
    attainment: Whole = param(0, unit="points", low=0, high=10000, doc="Times the rank, 0 to 1, of the child's earlier attainment among all children: selective schools.", source="form: Reardon et al. 2016")  # fmt: skip


@section
class AdmissionConfig:
    """How places are given."""

    mechanism: Literal[
        "immediate_acceptance", "deferred_acceptance", "top_trading_cycles", "serial_dictatorship", "zone_assignment"
    ] = param("immediate_acceptance", unit="choice", doc="The mechanism.", source="Abdulkadiroglu & Sonmez 2003")
    tie_breaking: Literal["single", "multiple"] = param("single", unit="choice", doc="One lottery number for all schools, or one a school.")  # fmt: skip
    draws: Whole = param(1, unit="draws", low=1, high=1000, doc="Draws of the lottery for what families see of the entrants: the mean composition over them; the first takes effect. 1: they see what happened.", source="5: Michailidis et al. 2024")  # fmt: skip
    points: PointsConfig = PointsConfig()
    reserved: Number = param(0.0, unit="share", low=0, high=1, doc="Share of each school's places reserved for detected pupils (free for others if unused).", source="Barcelona's shock plan (Decree 11/2021)")  # fmt: skip
    reserved_others: Number = param(0.0, unit="share", low=0, high=1, doc="Share of each school's places reserved for pupils who are not detected (free for the detected if unused): with `reserved`, soft quotas of both types.", source="Hafalir, Yenmez & Yildirim 2013; soft quotas: Kessel & Olme")  # fmt: skip
    maximum: Number = param(1.0, unit="share", low=0, high=1, doc="Largest share of a school's places for detected pupils.")  # fmt: skip
    band: Number = param(1.0, unit="share", low=0, high=1, doc="A school's intake may differ by this much from the share of detected pupils among the year's applicants, up and down; 1: by anything.", source="Cambridge, Massachusetts: 0.1")  # fmt: skip
    order: Literal["reserve_first", "open_first"] = param("reserve_first", unit="choice", doc="Reserved or open places are given first.", source="Dur, Kominers, Pathak & Sonmez 2018")  # fmt: skip
    preassigned: Number = param(0.0, unit="share", low=0, high=1, doc="Share of detected entrants to whom a school is proposed before the match.")  # fmt: skip
    preassign_radius: Whole = param(6, unit="schools", low=1, high=64, doc="Nearest schools in the match among which the proposed one is chosen.")  # fmt: skip
    preassign_share: Number = param(0.1, unit="share", low=0, high=1, doc="Largest share of a school's places that is proposed; its reserved places if they are more.")  # fmt: skip
    preassign_benefit: Number = param(1.0, unit="utility", low=0, high=50, doc="Worth of the proposed school beyond its utility: meals, materials, a place for certain.")  # fmt: skip
    preassign_fees: Flag = param(False, unit="yes/no", doc="Schools in the match that charge a fee are proposed too, and whoever accepts a proposal pays no fee.")  # fmt: skip
    private: Literal["outside", "inside"] = param("outside", unit="choice", doc="Private schools make their offers before and outside the match, or take part.")  # fmt: skip
    subsidised: Literal["outside", "inside"] = param("inside", unit="choice", doc="The same for subsidised private schools.")  # fmt: skip
    ex_officio_state: Flag = param(True, unit="yes/no", doc="The unplaced are placed only at schools in the match that are of the state or without a fee.")  # fmt: skip

    def check(self):
        """Mechanism, lottery and shares fit together."""
        if self.mechanism == "serial_dictatorship" and self.tie_breaking == "multiple":
            raise fault('serial_dictatorship goes by one lottery; set tie_breaking = "single"')
        if self.reserved > self.maximum:
            raise fault(
                f"reserved = {self.reserved:g} is more than maximum = {self.maximum:g}; lower it, or raise maximum"
            )
        if self.reserved + self.reserved_others > 1 + 1e-9:
            raise fault(
                f"reserved = {self.reserved:g} and reserved_others = {self.reserved_others:g} are more than all places; lower one"
            )


@section
class TransfersConfig:
    """What happens during the year."""

    late_placement: Literal["room", "nearest", "balanced"] = param("room", unit="choice", doc="Late arrivals go to the schools with most room among the nearest; to the nearest with room; to the lowest share of the minority with room.")  # fmt: skip
    late_radius: Whole = param(12, unit="schools", low=1, high=64, doc="Nearest schools among which a late arrival is placed.")  # fmt: skip
    balanced: Number = param(0.0, unit="share", low=0, high=1, doc="Share of late arrivals placed at the lowest share of the minority with room, whatever the rule for the others.")  # fmt: skip
    reconsider: Number = param(0.1, unit="share/year", low=0, high=1, doc="Share of enrolled families who look again.", spread=(0.3, 2.0))  # fmt: skip
    turns: Literal["chance", "share", "cycle"] = param("chance", unit="choice", doc="Who looks again: each family by chance; that share of the families, exactly; the same, but nobody again before all had a turn.", source="share: Sage & Flache 2021; cycle: Dignum et al. 2022")  # fmt: skip
    rounds: Whole = param(1, unit="rounds/step", low=1, high=100000, doc="Rounds of looking again in a step, one after another; the rate is that of a round.")  # fmt: skip
    sees: Literal["start", "now"] = param("start", unit="choice", doc="Whoever looks again sees compositions as at the start of the round, or as they stand when its turn comes.", source="start: Dignum et al. 2022; now: Sage & Flache 2021")  # fmt: skip
    keep: Whole = param(0, unit="pupils", low=0, high=100000, doc="Nobody leaves a school with as few pupils as this, or fewer.", source="50: Dignum et al. 2022")  # fmt: skip
    cost: Number = param(1.0, unit="utility", low=0, high=1000, doc="Utility a new school must offer beyond the present one.")  # fmt: skip


@section
class ReputationConfig:
    """How a school's believed worth moves. The signal adds up terms in standard deviations over schools."""

    memory: Number = param(0.8, unit="share", low=0, high=1, doc="Share of last year's reputation that stays.", spread=(0.85, 1.15))  # fmt: skip
    results: Number = param(0.6, unit="weight", low=-10, high=10, doc="Weight of true quality (growth) in the signal.", spread=(0.4, 1.6))  # fmt: skip
    intake: Number = param(0.0, unit="weight", low=-10, high=10, doc="Weight of the pupils' mean status: raw results. Off: composition is in the utility already.")  # fmt: skip
    demand: Number = param(0.3, unit="weight", low=-10, high=10, doc="Weight of first choices per place.")
    stigma: Number = param(0.0, unit="weight", low=-10, high=10, doc="Loss by the share of the minority. Off: composition is in the utility already.")  # fmt: skip
    label: Number = param(0.0, unit="sd", low=-10, high=10, doc="Shift by a public priority label; negative: stigma.")


@section
class ResponseConfig:
    """How schools respond. Each response can be switched off."""

    themes: Flag = param(True, unit="yes/no", doc="Schools apply for a theme when they are stigmatised or short of demand, and take the offers made to them.")  # fmt: skip
    theme_funds: Whole = param(0, unit="schools/year", low=0, high=10000, doc="Applications for a theme that the authority grants in a year.")  # fmt: skip
    theme_patience: Whole = param(2, unit="years", low=1, high=100, doc="Years in a row that a school must be stigmatised, or short of demand, before it applies or reaches out.")  # fmt: skip
    theme_stigma: Number = param(0.1, unit="share", low=0, high=1, doc="Minority share above the city's from which a school counts as stigmatised.")  # fmt: skip
    theme_demand: Number = param(0.8, unit="first choices/place", low=0, high=100, doc="Demand below which a school is short of demand.")  # fmt: skip
    theme_lag: Whole = param(2, unit="years", low=0, high=50, doc="Years until families see a theme.")
    theme_life: Whole = param(0, unit="years", low=0, high=100, doc="Years that families see a theme; 0: for good, or as long as it is ordered.", source="Magnet alliances in Catalonia run 3-4 years")  # fmt: skip
    theme_quality: Number = param(0.3, unit="sd", low=-5, high=5, doc="True quality that a theme adopted now adds while it is seen.")  # fmt: skip
    funding: Flag = param(True, unit="yes/no", doc="Priority funding buys quality.")
    funding_quality: Number = param(0.1, unit="sd per 1000 euro/pupil", low=-5, high=5, doc="Lasting effect of funding on quality.")  # fmt: skip
    funding_lag: Number = param(2.0, unit="years", low=0, high=50, doc="Mean time until funding turns into quality.")
    teacher_cost: Number = param(60.0, unit="1000 euro/year", low=1, high=500, doc="Cost of a teacher: what a further teacher buys is counted as this much funding.")  # fmt: skip
    outreach: Number = param(0.25, unit="share", low=0, high=1, doc="Share of its funding that a school short of demand spends on making itself known; 0: none does.")  # fmt: skip
    outreach_reach: Number = param(2.0, unit="share per 1000 euro/pupil", low=0, high=1000, doc="Share of the families nearby whom outreach brings to consider the school (at most all).")  # fmt: skip
    outreach_km: Number = param(2.0, unit="km", low=0, high=500, doc="How far outreach goes.")
    places: Flag = param(True, unit="yes/no", doc="State schools add or cut an entry class by demand.")
    grow_above: Number = param(1.5, unit="first choices/place", low=0, high=100, doc="Demand from which a class is added.")  # fmt: skip
    shrink_below: Number = param(0.4, unit="entrants/place", low=0, high=1, doc="Use of places below which a class is cut.")  # fmt: skip
    patience: Whole = param(3, unit="years", low=1, high=100, doc="Years in a row before a school responds.")
    close_below: Whole = param(8, unit="entrants", low=0, high=1000, doc="Entrants below which a school that uses few of its places closes after `patience` years, its pupils going to the nearest with room; 0: never.")  # fmt: skip
    private_places: Flag = param(False, unit="yes/no", doc="Private schools, too, add or cut an entry class by demand; those without demand close.")  # fmt: skip
    fees: Flag = param(True, unit="yes/no", doc="Private schools raise fees when full and lower them when empty.")
    fee_step: Number = param(0.03, unit="share/year", low=0, high=1, doc="Largest change of a fee in a year.")


@section
class ClassesConfig:
    """How schools form classes. Without special kinds all classes are mixed: dealt evenly at random."""

    reception_years: Whole = param(0, unit="years", low=0, high=10, doc="Years that late arrivals spend in a reception class of their school, the year of arrival included; 0: none.")  # fmt: skip
    theme: Literal["none", "taste", "status"] = param("none", unit="choice", doc="A school with a theme that families see keeps one theme class in each grade with several classes: filled by greatest taste for the theme, or by highest status.")  # fmt: skip
    sorted: Number = param(0.0, unit="share of schools", low=0, high=1, doc="Share of schools that sort pupils into classes by status.")  # fmt: skip
    peers: Literal["school", "class"] = param("school", unit="choice", doc="Whose mean status counts as that of a pupil's peers in the outcomes.")  # fmt: skip


@section
class MovingConfig:
    """Residential moves, off by default; and what revitalisation does to homes and schools, where ordered."""

    rate: Number = param(0.0, unit="share/year", low=0, high=1, doc="Share of families who look for another home.")
    turns: Literal["chance", "share", "cycle"] = param("chance", unit="choice", doc="Who looks for a home: each family by chance; that share of the families, exactly; the same, but nobody again before all had a turn.", source="share: Sage & Flache 2021; cycle: Dignum et al. 2022")  # fmt: skip
    rounds: Whole = param(1, unit="rounds/step", low=1, high=100000, doc="Rounds of moves in a step, one after another; the rate is that of a round.")  # fmt: skip
    settle: Whole = param(0, unit="rounds", low=0, high=100000, doc="Rounds of moves before the start, while nobody has a school yet.", source="Sage & Flache 2021; Dignum et al. 2022")  # fmt: skip
    rule: Literal["logit", "threshold"] = param("logit", unit="choice", doc="Homes are compared by utility; or a family moves to a random free home if fewer neighbours than it prefers are of its own side.", source="threshold: Schelling 1971")  # fmt: skip
    neighbours: Literal["area", "radius"] = param("area", unit="choice", doc="Neighbours are the small area's families, or those within `radius` cells (grid).")  # fmt: skip
    radius: Whole = param(1, unit="cells", low=1, high=100, doc="Reach of the neighbourhood, diagonals included (grid).", source="1: Schelling 1971, Dignum et al. 2022; 6: Sage & Flache 2021")  # fmt: skip
    own_cell: Literal["same", "area"] = param("same", unit="choice", doc="The present home is judged by the same neighbourhood as free ones, or by its small area.", source="area: as the code of Dignum et al. 2022 does")  # fmt: skip
    tolerant_too: Flag = param(True, unit="yes/no", doc="Families of the tolerant kind are tolerant as neighbours, too; else they mind as the others do.", source="Sage & Flache 2021")  # fmt: skip
    candidates: Whole = param(8, unit="homes", low=1, high=1000, doc="Free homes that a family compares with its own.", source="Sage & Flache 2021; Dignum et al. 2022")  # fmt: skip
    vacancy: Number = param(0.05, unit="share", low=0, high=5, doc="Free homes per family at the start.")
    beta: Number = param(4.0, unit="1/utility", low=0, high=1000, doc="Multiplies utility: P ~ exp(beta U).")
    composition: Number = param(1.0, unit="utility", low=-50, high=50, doc="Weight of V(x) of the small area's own-side share.")  # fmt: skip
    access: Number = param(0.1, unit="utility/sd", low=-50, high=50, doc="Weight of the reputation of the local school.")  # fmt: skip
    price: Number = param(0.4, unit="utility/sd^2", low=0, high=50, doc="Loss by the square of the price beyond the family's means (both in sd of status).")  # fmt: skip
    cost: Number = param(0.2, unit="utility", low=0, high=50, doc="Cost of moving.")
    amenity: Number = param(2.0, unit="utility", low=-50, high=50, doc="Weight of an area's amenity: the sum of the pulls of revitalisation so far.")  # fmt: skip
    displacement: Number = param(0.5, unit="share", low=0, high=1, doc="Minority families who give way for each majority family that revitalisation draws; the others find new homes.")  # fmt: skip
    revival_status: Number = param(1.0, unit="sd", low=0, high=10, doc="Rise of new families' status in revitalised areas, per unit of pull; other areas lose as much in all.")  # fmt: skip
    revival_quality: Number = param(1.0, unit="sd", low=0, high=10, doc="Rise of the quality of schools in revitalised districts by new buildings, per unit of pull.")  # fmt: skip


@section
class OutcomesConfig:
    """Achievement and early leaving: assumptions, off unless switched on."""

    on: Flag = param(False, unit="yes/no", doc="Report the achievement gap and early leaving.")
    status: Number = param(0.35, unit="sd per sd", low=-5, high=5, doc="Own status on achievement.")
    quality: Number = param(0.15, unit="sd per sd", low=-5, high=5, doc="School's quality on achievement.")
    peers: Number = param(0.15, unit="sd per sd", low=-5, high=5, doc="Schoolmates' mean status on achievement.")
    neighbourhood: Number = param(0.05, unit="sd per sd", low=-5, high=5, doc="Small area's mean status on achievement.")  # fmt: skip
    early_leaving: Number = param(0.1, unit="share", low=0, high=1, doc="Share of early leavers at mean achievement.")
    early_slope: Number = param(1.0, unit="logit per sd", low=0, high=20, doc="Fall of early leaving with achievement.")


@section
class AuthorityConfig:
    """The education authority: what it may spend and who may decide what in this city."""

    budget: Number = param(0.0, unit="euro/year", low=0, high=1e12, doc="Most that the policies may cost in a year: they are paid in the order of the file, one that no longer fits is left out that year; 0: no limit.")  # fmt: skip
    decides: dict[Text, Literal["municipality", "region", "state", "school"]] = param({}, unit="policy = level", doc="Who may decide a policy in this city, where that is not as the policy itself says.")  # fmt: skip


VERBS = ("supply", "demography", "perceive", "rank", "admit", "enrol", "transfer", "reputation", "respond", "move")


@section
class RunConfig:
    """How long, how often, in which order."""

    years: Whole = param(15, unit="years", low=0, high=1000, doc="School years to run.")
    seeds: Whole = param(20, unit="runs", low=1, high=10000000, doc="Number of seeds.")
    seed: Whole = param(1, unit="integer", low=0, high=2**62, doc="First seed; the others follow it.")
    calendar: tuple[Text, ...] = param(VERBS, unit="verbs", doc="What happens in a step, in this order.")

    def check(self):
        """The calendar names verbs of the year."""
        for verb in self.calendar:
            if verb not in VERBS:
                raise fault(f"calendar has no verb {verb!r}; its verbs are {', '.join(VERBS)}")
        match = [verb for verb in self.calendar if verb in ("perceive", "rank", "admit", "enrol")]
        if match and match != ["perceive", "rank", "admit", "enrol"]:
            raise fault(
                "calendar must have perceive, rank, admit and enrol once each and in this order, or none of them"
            )
