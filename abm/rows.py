"""The lines of a run's tables: what one model has to tell of the year that is now."""

import functools

import numpy as np

from abm.city import SECTORS
from abm.schools import THEMES, theme_visible, true_quality

INDICATOR_HEADER = "seed,year,indicator,group,scope,value"


def number(value: float) -> str:
    """A number as the tables have it: ten significant digits, the same on every machine."""
    return format(float(value), ".10g")


def indicator_rows(model) -> list[str]:
    """Lines of indicators.csv for the year that is now."""
    head = f"{model.seed_number},{model.year}"
    return [f"{head},{_label(*label)},{value:.10g}" for *label, value in model.indicators.rows]


@functools.lru_cache(4096)
def _label(*words: str) -> str:
    return ",".join(map(_quoted, words))


def school_header(groups) -> str:
    """Header of schools.csv."""
    heads = ",".join(_quoted(f"heads_{name}") for name in groups)
    return (
        f"seed,year,school,name,district,sector,open,x_km,y_km,{heads},minority_share,vulnerable_share,local_minority_share,"
        "places,intake,demand,entrants,reputation,quality,theme,theme_visible,fee_1000_euro,funding_1000_euro"
    )


def school_rows(model) -> list[str]:
    """Lines of schools.csv for the year that is now."""
    world, schools = model.world, model.world.schools
    heads = world.seen.heads.sum(axis=1)
    quality = true_quality(schools, world.year)
    seen = theme_visible(schools, world.year)
    local = world.city.local[world.households.place]
    at_home = np.maximum(np.bincount(local, minlength=len(heads)), 1)
    minority_home = np.bincount(local, world.households.group > 0, minlength=len(heads)) / at_home
    rows = []
    for s in range(len(heads)):
        cells = [
            str(model.seed_number), str(world.year), str(s), _quoted(world.city.school_names[s]),
            _quoted(world.city.district_names[schools.district[s]]), SECTORS[schools.sector[s]], str(int(schools.open[s])),
            number(schools.x[s]), number(schools.y[s]), *(str(h) for h in heads[s]),
            number(world.seen.own_share[1, s]), number(world.seen.vulnerable[s]), number(minority_home[s]),
            str(schools.places[s, 0]), str(schools.intake[s]), str(schools.demand[s]), str(schools.entrants[s]),
            number(schools.reputation[s]), number(quality[s]), THEMES[schools.theme[s]] if schools.theme[s] >= 0 else "",
            str(int(seen[s])), number(schools.fee[s]), number(schools.funding[s]),
        ]  # fmt: skip
        rows.append(",".join(cells))
    return rows


FLOW_HEADER = "seed,year,home_district,side,destination,pupils"


def flow_rows(model) -> list[str]:
    """Lines of flows.csv: where the pupils of each home district go, majority and minority apart."""
    world, table = model.world, model.world.households
    has = table.school >= 0
    school = np.maximum(table.school, 0)
    kind = np.where(school == world.city.local[table.place], 0, 1 + world.schools.sector[school])
    words = ("local school", "other state school", "subsidised private school", "private school", "no school")
    kind = np.where(has, kind, 4)
    home = world.city.area_district[world.city.place_area[table.place]].astype(np.int64)
    cell = (home * 2 + (table.group > 0)) * 5 + kind
    count = np.bincount(cell, minlength=len(world.city.district_names) * 10).reshape(-1, 2, 5)
    sides = (model.config.city.groups[0], model.config.city.minority)
    return [
        f"{model.seed_number},{world.year},{_quoted(name)},{_quoted(sides[g])},{words[k]},{count[d, g, k]}"
        for d, name in enumerate(world.city.district_names)
        for g in range(2)
        for k in range(5)
    ]


POLICY_HEADER = "seed,year,policy,kind,funded,schools,pupils,euro"


def policy_rows(model) -> list[str]:
    """Lines of policies.csv: what the authority did in the year that is now, and what its budget left out."""
    acts = model.world.ledger["authority"].acts if "authority" in model.world.ledger else ()
    return [
        f"{model.seed_number},{model.year},{act.policy},{model.config.policies[act.policy].kind},{int(act.funded)},"
        f"{number(act.schools)},{number(act.pupils)},{number(act.euro)}"
        for act in acts
    ]


@functools.lru_cache(4096)
def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text
