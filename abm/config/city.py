"""Parameters of the city: a grid, a graph, a synthetic city from a few numbers or districts, or real tables."""

from typing import Literal

from abm.config.declare import Flag, Number, Text, Whole, fault, param, section

OWN_TABLES = "the scenario's own figures"


@section
class District:
    """One district of a synthetic city: aggregate figures of a group of neighbourhoods."""

    name: Text
    x: Number = param(0.0, unit="km", low=-500, high=500, doc="East of the city's middle.", source=OWN_TABLES)
    y: Number = param(0.0, unit="km", low=-500, high=500, doc="North of the city's middle.", source=OWN_TABLES)
    radius_km: Number = param(0.0, unit="km", low=0, high=500, doc="Radius within which the homes lie; 0: that of a disc of the area.", source=OWN_TABLES)  # fmt: skip
    area_km2: Number = param(4.0, unit="km2", low=0.01, high=10000, doc="Area of the district.", source=OWN_TABLES)
    pupils: dict[Text, Number] = param({}, unit="pupils", low=0, high=1e8, doc="Pupils of the stage who live here, by group.", source=OWN_TABLES)  # fmt: skip
    status: Number = param(0.0, unit="sd", low=-5, high=5, doc="Mean socio-economic status of the families.", source=OWN_TABLES)  # fmt: skip
    state_schools: Whole = param(0, unit="schools", low=0, high=100000, doc="State schools here.", source=OWN_TABLES)
    state_pupils: Number = param(
        0.0, unit="pupils", low=0, high=1e8, doc="Their pupils, all grades.", source=OWN_TABLES
    )
    subsidised_schools: Whole = param(0, unit="schools", low=0, high=100000, doc="Subsidised private schools here.", source=OWN_TABLES)  # fmt: skip
    subsidised_pupils: Number = param(0.0, unit="pupils", low=0, high=1e8, doc="Their pupils, all grades.", source=OWN_TABLES)  # fmt: skip
    private_schools: Whole = param(
        0, unit="schools", low=0, high=100000, doc="Private schools here.", source=OWN_TABLES
    )
    private_pupils: Number = param(0.0, unit="pupils", low=0, high=1e8, doc="Their pupils, all grades.", source=OWN_TABLES)  # fmt: skip


@section
class Columns:
    """Where one real table lies and which columns mean what. Paths are relative to the folder given by ``--data``."""

    file: Text = param("", unit="path", doc="CSV or GeoJSON file of the table.")
    epsg: Whole = param(4326, unit="EPSG code", low=1024, high=998999, doc="Coordinate system of x and y.", source="EPSG registry")  # fmt: skip
    x: Text = param("", unit="column", doc="East or longitude; empty: from the geometry of a GeoJSON file.")
    y: Text = param("", unit="column", doc="North or latitude; empty: from the geometry of a GeoJSON file.")
    id: Text = param("", unit="column", doc="Identifier of a row; empty: its number.")
    name: Text = param("", unit="column", doc="Name of a row; empty: its identifier.")
    district: Text = param("", unit="column", doc="District of an area; empty: one district for all. Schools belong to the district they lie in.")  # fmt: skip
    district_letters: Whole = param(0, unit="letters", low=0, high=100, doc="Only the first letters of the district column count; 0: all.", source=OWN_TABLES)  # fmt: skip
    districts: dict[Text, Text | tuple[Text, ...]] = param({}, unit="district = value(s)", doc="Names of districts and their values of the district column; empty: the values are the names.")  # fmt: skip
    where: dict[Text, Text] = param({}, unit="column = value", doc="Only rows whose columns have these values.")
    without: dict[Text, Text | tuple[Text, ...]] = param({}, unit="column = value(s)", doc="Rows left out: those whose column has one of these values.")  # fmt: skip
    groups: dict[Text, Text | tuple[Text, ...]] = param({}, unit="group = column(s)", doc="Heads by group: a column, or several that are summed; for schools also the minority's common name.")  # fmt: skip
    unknown: Text = param("", unit="column", doc="Heads of unknown group: left out, their number is reported.")
    total: Text = param("", unit="column", doc="All heads; with `rest`, the group not in `groups` is total minus the others.")  # fmt: skip
    rest: Text = param("", unit="group", doc="The group that is the total minus the other groups.")
    percent: Flag = param(False, unit="yes/no", doc="Group columns are percentages of `total`.")
    times: dict[Text, Number] = param({}, unit="group = factor", low=0, high=100, doc="Factors that the heads of groups are multiplied by, such as a city's share of another year over that of the table; the total holds where `rest` or `percent` is used.")  # fmt: skip
    status: Text = param("", unit="column", doc="Socio-economic status of an area, in any unit (standardised inside).")
    status_log: Flag = param(False, unit="yes/no", doc="Take the logarithm of the status column, as for incomes.")
    area_km2: Text = param("", unit="column", doc="Area in km2: homes lie within a disc of it where there is no outline.")  # fmt: skip
    sector: Text = param("", unit="column", doc="Sector of a school.")
    sectors: dict[Text, Text] = param({}, unit="value = sector", doc="Values of the sector column that mean state, subsidised or private.")  # fmt: skip
    places: Text = param("", unit="column", doc="Places in the entry grade; empty: from the pupils and the slack.")
    places_missing: dict[Text, Number] = param({}, unit="sector = places", low=0, high=100000, doc="Places of a school without a figure, by sector; a sector left out: such schools are left out.")  # fmt: skip
    distance_m: Text = param("", unit="column", doc="Observed mean way from home to a school in metres: each school's decay is fitted to it.")  # fmt: skip
    zone: Text = param("", unit="column", doc="Admission zone of a school or an area (zones = table).")
    polygons: Text = param("", unit="path", doc="GeoJSON file with the outlines, if not the table itself; its properties count as columns.")  # fmt: skip
    polygon_id: Text = param("", unit="property", doc="Property of the outlines that equals `id`.")
    polygon_epsg: Whole = param(4326, unit="EPSG code", low=1024, high=998999, doc="Coordinate system of the outlines.", source="EPSG registry")  # fmt: skip


@section
class Origins:
    """Origins of the minority by district, where the small areas know it only as a whole: a table of counts by category."""

    file: Text = param("", unit="path", doc="CSV file, a row for each district, or part of one, and category.")
    where: dict[Text, Text] = param({}, unit="column = value", doc="Only rows whose columns have these values.")
    district: Text = param("", unit="column", doc="District of a row, as the areas' districts are named.")
    category: Text = param("", unit="column", doc="Category of a row, such as a region of nationality.")
    count: Text = param("", unit="column", doc="People of a row.")
    hidden: Text = param("", unit="text", doc="What the count reads where it is kept back for privacy; counts as none.")
    groups: dict[Text, Text | tuple[Text, ...]] = param({}, unit="group = category(ies)", doc="Categories of each origin.")  # fmt: skip
    rest: Text = param("", unit="group", doc="The origin that is `whole` minus the others.")
    whole: Text = param("", unit="column", doc="The whole minority of an area, in the number that `count` uses.")


@section
class Tables:
    """Real tables of a city: small areas with pupils or residents by group, schools with places and pupils by group."""

    folder: Text = param("", unit="path", doc="Folder of the tables; set by --data.")
    areas: Columns = Columns()
    schools: Columns = Columns()
    zones: Columns = Columns()
    origins: Origins = Origins()
    status_sd: Number = param(0.45, unit="sd of persons", low=0, high=1, doc="Spread of mean status between areas; goes with households.status_area, its square.")  # fmt: skip
    area_spread: Number = param(0.0, unit="sd of log", low=0, high=2, doc="How uncertain an area's residents of each group are, as pupils by home: each count is multiplied by a lognormal number, drawn anew for every city (with layout = 0, for every seed); the totals of the city hold.")  # fmt: skip
    decay_km: Number = param(0.7, unit="km", low=0.05, high=50, doc="Distance over which home-by-school flows fall by a factor e before fitting.", source="gives Amsterdam its observed mean way, 1.47 km")  # fmt: skip
    pupils: Whole = param(0, unit="pupils", low=0, high=100000000, doc="Pupils of the stage where schools' heads are unknown; 0: places times grades, less the slack.")  # fmt: skip


@section
class Stop:
    """A stop of public transport; in a city on a graph a node, with its homes and its school."""

    name: Text
    x: Number = param(
        0.0,
        unit="km",
        low=-500,
        high=500,
        doc="East, in the city's own kilometres (as its districts and schools).",
        source=OWN_TABLES,
    )
    y: Number = param(0.0, unit="km", low=-500, high=500, doc="North, in the city's own kilometres.", source=OWN_TABLES)
    pupils: dict[Text, Whole] = param({}, unit="pupils", low=0, high=100000000, doc="Pupils of the stage who live at the stop, by group (graph).", source=OWN_TABLES)  # fmt: skip
    places: Whole = param(0, unit="pupils", low=0, high=1000000, doc="Places in the entry grade of the school at the stop; 0: no school (graph).", source=OWN_TABLES)  # fmt: skip


@section
class Link:
    """A ride between two stops without a change, both ways."""

    between: tuple[Text, Text]
    minutes: Number = param(5.0, unit="minutes", low=0.01, high=600, doc="Time of the ride.", source=OWN_TABLES)


@section
class Network:
    """How pupils use the stops. A ride is measured by the kilometres one walks in the same time."""

    walking_kmh: Number = param(4.5, unit="km/h", low=0.5, high=30, doc="Walking speed: a minute of riding or waiting counts as the km walked in it.")  # fmt: skip
    access_km: Number = param(1.0, unit="km", low=0, high=100, doc="Longest walk to the first stop, and from the last.")
    waiting: Number = param(5.0, unit="minutes", low=0, high=120, doc="Wait for a ride, once a way; changes take no further time.")  # fmt: skip
    on_foot: Flag = param(True, unit="yes/no", doc="Pupils may walk straight from home to school; if not, every way leads over stops and along links, as in a city on a graph.")  # fmt: skip


def check_links(links: tuple[Link, ...], stops: tuple[str, ...]) -> None:
    """Every link joins two different stops of those named."""
    for link in links:
        for name in link.between:
            if name not in stops:
                known = ", ".join(stops[:8]) + (", ..." if len(stops) > 8 else "")
                raise fault(f"a link names the stop {name!r}; " + (f"stops are {known}" if stops else "the city has no stops: give city.stops"))  # fmt: skip
        if link.between[0] == link.between[1]:
            raise fault(f"a link leads from {link.between[0]!r} to itself; join two different stops")


def check_nodes(city: "CityConfig") -> None:
    """Homes and schools at stops belong to a city on a graph, and are of its groups; without stops nobody needs them."""
    if not city.network.on_foot and not city.stops:
        raise fault("network.on_foot = false, but the city has no stops: give city.stops, or let pupils walk")
    for stop in city.stops:
        if city.kind != "graph" and (stop.pupils or stop.places):
            raise fault(f'stop {stop.name!r} has pupils or places, which need kind = "graph"; leave them out')
        for name in stop.pupils:
            if name not in city.groups:
                raise fault(f"stop {stop.name!r} has pupils of group {name!r}; groups are {', '.join(city.groups)}")


@section
class CityConfig:
    """The city and its schools. ``groups[0]`` is the reference group (the majority); the others together are the minority."""

    kind: Literal["grid", "graph", "synthetic", "tables"] = param(
        "synthetic", unit="choice", doc="How the city is made."
    )
    name: Text = param("Synthetic city", unit="text", doc="Name shown in pages.")
    stage: Text = param("primary", unit="text", doc="School stage.")
    grades: Whole = param(5, unit="grades", low=1, high=20, doc="Number of grades of the stage.", source="Milan primary 5, Oslo 7, Amsterdam 8, Barcelona from age three 9")  # fmt: skip
    groups: tuple[Text, ...] = param(("majority", "minority"), unit="names", doc="Groups; the first is the reference.")
    minority: Text = param("minority", unit="name", doc="What all groups but the first are called together.")
    pupils: Whole = param(5000, unit="pupils", low=0, high=100000000, doc="Pupils of the stage (synthetic without districts).")  # fmt: skip
    shares: tuple[Number, ...] = param((0.75, 0.25), unit="share", low=0, high=1, doc="Share of each group (synthetic without districts, grid).")  # fmt: skip
    districts: tuple[District, ...] = ()
    district_count: Whole = param(9, unit="districts", low=1, high=10000, doc="Districts to make (synthetic without districts).")  # fmt: skip
    side_km: Number = param(8.0, unit="km", low=0.01, high=1000, doc="Side of the city (synthetic without districts, grid).")  # fmt: skip
    residential_dissimilarity: Number = param(0.3, unit="D", low=0, high=0.99, doc="Residential D of the minority over small areas (synthetic).")  # fmt: skip
    clustering: Number = param(0.5, unit="share", low=0, high=1, doc="Part of the residential unevenness that lies between districts (synthetic without districts).")  # fmt: skip
    area_pupils: Number = param(150.0, unit="pupils", low=1, high=1e6, doc="Pupils of a small area (synthetic).")
    place_pupils: Number = param(25.0, unit="pupils", low=0.1, high=1e6, doc="Pupils of one address point, the finest place a home can be (synthetic, tables).")  # fmt: skip
    schools: Whole = param(20, unit="schools", low=1, high=1000000, doc="Number of schools (synthetic without districts, grid).")  # fmt: skip
    private_share: Number = param(0.0, unit="share", low=0, high=1, doc="Share of private schools (synthetic without districts).")  # fmt: skip
    subsidised_share: Number = param(0.0, unit="share", low=0, high=1, doc="Share of subsidised private schools (synthetic without districts).")  # fmt: skip
    size_spread: Number = param(0.3, unit="sd of log", low=0, high=2, doc="Spread of school sizes (synthetic).")
    slack: Number = param(0.12, unit="share", low=0, high=5, doc="Places beyond the pupils at the start, per school.")
    class_size: Whole = param(25, unit="pupils", low=1, high=200, doc="Pupils of a full class.")
    private_fee: Number = param(4.0, unit="1000 euro/year", low=0, high=100, doc="Mean fee of a private school.")
    subsidised_fee: Number = param(1.2, unit="1000 euro/year", low=0, high=100, doc="Mean fee of a subsidised private school.")  # fmt: skip
    quality_spread: Number = param(1.0, unit="sd", low=0, high=5, doc="Spread of the true quality of schools at the start.")  # fmt: skip
    zones: Literal["none", "nearest", "sectors", "district", "table"] = param("nearest", unit="choice", doc="Admission zones: none; one state school each, shared out by distance and places; `sectors` compact zones of several schools; districts; as in the table.")  # fmt: skip
    sectors: Whole = param(
        10, unit="zones", low=1, high=100000, doc="Number of zones of several schools (zones = sectors)."
    )
    start: Literal["nearest", "observed", "random"] = param("nearest", unit="choice", doc="Who sits where in year 0: the nearest school with places; the observed compositions; at random.")  # fmt: skip
    layout: Whole = param(1, unit="integer", low=0, high=2**31, doc="Which draw of the homes' and schools' sites; 0: a new one for each seed.")  # fmt: skip
    cells: Whole = param(50, unit="cells", low=2, high=2000, doc="Cells along a side (grid).", source="Dignum et al. 2022")  # fmt: skip
    density: Number = param(0.9, unit="share", low=0.01, high=1, doc="Share of cells with a household (grid).", source="Dignum et al. 2022")  # fmt: skip
    block: Whole = param(10, unit="cells", low=1, high=2000, doc="Cells along a side of a neighbourhood (grid).", source="Dignum et al. 2022")  # fmt: skip
    torus: Flag = param(False, unit="yes/no", doc="Opposite edges meet (grid).")
    school_places: Whole = param(0, unit="places", low=0, high=1000000, doc="Places of each school in each grade (grid); 0: by the slack.")  # fmt: skip
    places_by: Literal["even", "catchment"] = param("even", unit="choice", doc="Without `school_places`: all schools have as many places, or each as many as there are cells nearest to it (grid).", source="catchment: Stoica & Flache 2014")  # fmt: skip
    school_sites: Literal["centres", "random"] = param("centres", unit="choice", doc="Schools at the neighbourhoods' centres, or on random cells (grid).", source="Dignum et al. 2022; Sage & Flache 2021")  # fmt: skip
    stops: tuple[Stop, ...] = param((), unit="stops", doc="Stops of public transport; none: all ways are straight walks.", source=OWN_TABLES)  # fmt: skip
    links: tuple[Link, ...] = param((), unit="links", doc="Rides between stops.", source=OWN_TABLES)
    network: Network = Network()
    tables: Tables = Tables()
    observed: dict[Text, Number] = param({}, unit="indicator = value", doc="Published figures of the city, shown beside the model's.")  # fmt: skip

    def check(self):
        """Groups, shares and districts fit together."""
        if len(set(self.groups)) != len(self.groups) or not self.groups:
            raise fault("groups must be different names, at least one; remove the repeated name")
        kept = {"all", "vulnerable", "detected"} & {*self.groups, self.minority}
        if kept:
            raise fault(f"{sorted(kept)[0]!r} cannot be the name of a group: tables use it for other pupils; rename it")
        if len(self.groups) > 2 and self.minority in self.groups:
            raise fault(
                f"minority = {self.minority!r} is one of several groups; give the minority together another name"
            )
        if self.zones == "table" and self.kind != "tables":
            raise fault('zones = "table" needs a city of real tables; use another kind of zones')
        if len(self.groups) > 64:
            raise fault(f"groups has {len(self.groups)} names; at most 64 groups are kept apart: join some of them")
        drawn = self.kind in ("grid", "synthetic") and not self.districts
        if drawn and len(self.shares) != len(self.groups):
            raise fault(f"shares has {len(self.shares)} numbers for {len(self.groups)} groups; give one share a group")
        if drawn and abs(sum(self.shares) - 1) > 1e-6:
            raise fault(f"shares sum to {sum(self.shares):g}; they must sum to 1")
        for district in self.districts:
            for name in district.pupils:
                if name not in self.groups:
                    raise fault(
                        f"district {district.name!r} has pupils of group {name!r}; groups are {', '.join(self.groups)}"
                    )
        names = tuple(stop.name for stop in self.stops)
        if len(set(names)) < len(names):
            raise fault("stops must have different names; rename the repeated one")
        if self.stops and self.torus:
            raise fault("a torus has no network of stops; leave stops out, or set torus = false")
        check_nodes(self)
        check_links(self.links, names)
        if len(self.groups) > 1 and self.minority in self.groups[:1]:
            raise fault("minority must not be the name of the first group; give the other groups' common name")
