"""The page of a run: one file without links outwards, for readers who are no specialists, on screen and on paper."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from abm.config import Config
from abm.page import FORECAST, MORE, Foot, bullets, declared, document, escape, figure, paragraphs, section, table
from abm.policies import Policy
from abm.results import Run, write
from abm.summary import Numbers, Summary, Table, own_set, seeds, summarise
from abm.summary.numbers import NOT_DEFINED, Range, between, count, index, kilometres, parts, percent, words
from abm.summary.weights import weights

SHOWN = 10  # schools listed at first sight
YEAR = {
    "supply": "What the authority orders about schools, zones and ways takes place.",
    "demography": "The oldest grade leaves and new families enter, by district and group; some families' circumstances change, and a few leave the city.",
    "perceive": "Each family with a child of entry age considers some schools: the nearest, those its neighbours of the same group use, the best known. The less informed err more about how good a school is.",
    "rank": "It puts them in order by distance, reputation, who attends them, fees and its own taste, and lists the best.",
    "admit": "Places are given by the city's admission rules: first the offers of private schools outside the match, then the match with its priority points and lotteries.",
    "enrol": "Offers are taken up. Who has none is placed by the authority where there is room, or leaves the city.",
    "transfer": "Late arrivals are placed during the year, and a share of the enrolled families looks again and changes school if another is clearly better for it.",
    "reputation": "What people believe of each school moves a step towards its results and its demand.",
    "respond": "Schools respond: they add or cut classes, change fees, adopt a funded theme, or close for lack of demand.",
    "move": "Some families move home, as far as their means allow.",
}  # fmt: skip


def write_report(run: Run, config: Config) -> str:
    """Draw the figures, write report.html, return the summary in words."""
    from abm.figures import draw  # here: matplotlib takes a while to load

    summary = summarise(run, config)
    path = run.folder / "report.html"
    write(path, page(summary, draw(run, config, summary.numbers), config))
    return f"{summary}\nPage: {path}"


def page(summary: Summary, pictures: Iterable, config: Config) -> str:
    """The whole page."""
    n = summary.numbers
    about = n.run.manifest()
    parts_ = [
        f"<h1>{escape(summary.title)}</h1><p class='small'>{escape(summary.setting)}</p>",
        f"<p>{escape(' '.join(config.description.split()))}</p>" if config.description.strip() else "",
        section("In short", f"<div class='answer'>{paragraphs(summary.answer)}</div>{cards(n)}{paragraphs(summary.limits[:-1], 'note')}"),
        section("What happens, in pictures", "".join(figure(picture) for picture in pictures)),
        section("The figures in tables", "".join(table(t) for t in summary.tables)),
        section("Single schools, without names", schools(n)),
        section("Policies in force", policies(config)),
        section("How the model works", how(config)),
        section("What counts for families, in kilometres", table(weights(config, [n.of(seed) for seed in n.seeds] if n.sets else ()))),
        section("What rests on assumption, and what this cannot say", assumptions(n, about), MORE),
        section("How to repeat this run", repeat(n, about)),
    ]  # fmt: skip
    return document(summary.title, parts_, foot(n, about))


def cards(n: Numbers) -> str:
    """A few figures with what they mean."""
    p = parts(n)
    majority, minority = n.sides
    shares = [f", {100 * share:.0f} % of D" for share in p.shares] if p.shares else ["", "", ""]
    rows = [
        (p.total, index, "D, segregation of schools", "Share of either group who would have to change school for an even mix."),
        (p.residence, index, f"due to residence{shares[1]}", "What D would be above chance if all went to the nearest school with places."),
        (p.choice, index, f"due to choice{shares[2]}", "What choice and admission add to that (or take away, if negative)."),
        (n.range("outside_local_school", n.majority), percent, f"{majority} pupils not at their local school", f"Of the {minority} pupils: {percent(n.range('outside_local_school').median)}."),
        (n.range("first_choice", "all"), percent, "at their first choice", f"New pupils admitted to the school listed first; {majority}: {percent(n.range('first_choice', n.majority).median)}, {minority}: {percent(n.range('first_choice').median)}."),
        (n.range("distance_km", "all"), kilometres, "mean way to school", "Straight from home to school, all pupils."),
    ]  # fmt: skip
    return f"<ul class='cards'>{''.join(_card(*row) for row in rows)}</ul>\n"


def _card(r: Range, form, label: str, meaning: str) -> str:
    told = f"{form(r.median)}" if r.seeds else NOT_DEFINED
    reach = f" Over seeds: {between(r, form)}." if r.seeds > 1 else ""
    return f"<li><strong>{escape(told)}</strong><b>{escape(label)}</b><span>{escape(meaning + reach)}</span></li>"


def schools(n: Numbers) -> str:
    """Schools under numbers, in the order of their share at the end: some at first sight, all on request."""
    rows = n.schools[n.schools.seed == n.typical].set_index("school")
    before, after = rows[rows.year == n.first], rows[rows.year == n.last].sort_values("minority_share")
    lines = [
        (
            f"School {i + 1}", s.sector, count(s.pupils), percent(before.minority_share.get(key, np.nan)),
            percent(s.minority_share),
        )
        for i, (key, s) in enumerate(after.iterrows())
    ]  # fmt: skip
    side = n.sides[1]
    head = ("", "sector", "pupils at the end", f"{side} share at the start", f"{side} share at the end")
    picks = sorted({round(i) for i in np.linspace(0, len(lines) - 1, min(SHOWN, len(lines)))}) if lines else []
    told = (
        f"Numbers follow the {side} share at the end, lowest first; {len(picks)} of {len(lines)} schools are shown. One run, "
        f"seed {n.typical}. Schools bear no names here: a forecast that names a school can harm it, and what happens "
        "to a single school differs from run to run."
    )
    out = paragraphs([told]) + table(Table("", head, [lines[i] for i in picks]))
    if len(lines) > len(picks):
        out += f"<details class='screen'><summary>All {len(lines)} schools</summary>{table(Table('', head, lines))}</details>"
    return out


def policies(config: Config) -> str:
    """Each policy with its years, settings and cost."""
    if not config.policies:
        return paragraphs(["None: the city goes on under its present rules."])
    out = []
    for policy in config.policies:
        until = f"to year {policy.end}" if policy.end else "on"
        when = f"in year {policy.end}" if policy.end == policy.start else f"from year {policy.start} {until}"
        about = (type(policy).__doc__ or "").strip().partition("\n")[0]
        out.append(f"<dt>{escape(words(policy.kind))}, {when}</dt>")
        out.append(f"<dd>{escape(f'{about} {settings(policy)}')}</dd>")
    return f"<dl>{''.join(out)}</dl>"


def settings(policy: Policy) -> str:
    """The settings of a policy that are not the defaults of all policies, and its cost, in words."""
    hidden = ("kind", "start", "end", "cost_fixed", "cost_school", "cost_pupil")
    plain = {"start": 1, "end": 0, "kind": ""} | {f.name: f.default for f in dataclasses.fields(Policy)}
    told = ", ".join(
        f"{words(f.name)} {setting(value)}" for f in dataclasses.fields(policy)
        if (value := getattr(policy, f.name)) != plain.get(f.name, ...) and value is not None and f.name not in hidden
    )  # fmt: skip
    prices = (policy.cost_fixed, "in all"), (policy.cost_school, "a school"), (policy.cost_pupil, "a pupil")
    cost = ", ".join(f"{euro:,.0f} euro a year {what}" for euro, what in prices if euro)
    return (f"Settings: {told}." if told else "") + (f" Cost (assumption): {cost}." if cost else "")


def setting(value) -> str:
    """A setting in words: names joined, yes or no, everything else as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " and ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def how(config: Config) -> str:
    """The verbs of the year in the order of this run's calendar."""
    steps = [YEAR.get(verb, words(verb)) for verb in config.run.calendar]
    if "move" in config.run.calendar and config.moving.rate == 0:
        steps[config.run.calendar.index("move")] += " (Off in this run.)"
    first = "Each step is one school year. Policies in force change the rules of the year; then, in this order:"
    return paragraphs([first]) + bullets([*steps, "The year is measured."], "ol")


WHERE_FROM = {  # by kind of city
    "tables": "Schools and small areas come from the city's tables; where exactly families live inside an area is made up.",
    "synthetic": "Homes and the sites of schools are made up so as to match a few published totals, not taken from addresses.",
    "grid": "The city is a grid, as in models of theory: it stands for no real place.",
    "graph": "The city is a graph of nodes and links, as in models of theory: it stands for no real place.",
}


def assumptions(n: Numbers, about: dict) -> str:
    """Sources, what is assumed, and limits."""
    assumed, all_ = declared()
    from_ = about.get("sources")
    return bullets([
        f"Sources: {from_}" if from_ else f"Sources: as {Path(about.get('scenario', '?')).name} gives them beside its figures.",
        WHERE_FROM[n.config.city.kind],
        f"Of the {all_} parameters of families, choice, admission and schools, the defaults of {assumed} are assumptions; the command schoolflight parameters lists each with its source.",
        (
            f"{', '.join(next(iter(n.sets.by_seed.values())))} come from {n.sets.file}, a set for each seed; whether they were calibrated to this city, and to what, the file says. All else is as in the scenario."
            if n.sets else
            "How much families weigh distance, reputation, schoolmates, neighbours and fees is assumed, not estimated in this city; nothing is calibrated."
        ),
        f"Homes are measured over {n.resolution}. Coarser figures on homes would make residence look smaller and choice larger.",
        "Residence's part is D of the nearest schools with places less D by chance; choice's part is D less D of the nearest schools, so it includes admission rules.",
        (
            f"Ranges hold parameter and seed uncertainty together: {len(n.seeds)} seeds, {own_set(n)}. What is not in the file is held fixed."
            if n.sets else
            "Ranges over seeds show chance only. Two assumptions may differ by more than any range shown here."
        ),
        "Compare policies by the difference between two runs with the same seeds, not by one run's level.",
        "No result is a forecast for a named school, district or family.",
    ])  # fmt: skip


def repeat(n: Numbers, about: dict) -> str:
    """Command, seeds, versions and libraries."""
    run, scenario = n.config.run, about.get("scenario", "SCENARIO.toml")
    data = " --data FOLDER" if n.config.city.kind == "tables" else ""
    data += f" --posterior {n.sets.file}" if n.sets else ""
    command = f"schoolflight run {scenario}{data} --seeds {len(about.get('seeds', n.seeds))} --seed {n.seeds[0]} --years {run.years}"
    command = about.get("command") or command
    libraries = ", ".join(f"{name} {number}" for name, number in about.get("libraries", {}).items())
    return f"<pre><code>{escape(command)}</code></pre>" + bullets([
        "manifest.json in the folder of the run holds the whole configuration."
        + (f" Also the set of each seed, from {n.sets.file} (digest {n.sets.digest})." if n.sets else ""),
        f"Run {about.get('run_id', '?')}, {about.get('status', '?')}; {seeds(n)}; years 0 to {n.last}.",
        f"schoolflight {about.get('schoolflight', '?')}, code {about.get('code', '?')}, Python {about.get('python', '?')}, {about.get('platform', '')}.",
        f"Libraries: {libraries}.",
    ])  # fmt: skip


def foot(n: Numbers, about: dict) -> Foot:
    """The last line of the page."""
    assumed, all_ = declared()
    return Foot(
        f"seeds {n.seeds[0]} to {n.seeds[-1]}" if len(n.seeds) > 1 else f"seed {n.seeds[0]}",
        " and ".join(Path(one).name for one in (about.get("scenario", "?"), *([n.sets.file] if n.sets else ()))),
        f"{assumed} of {all_} defaults",
        FORECAST if n.sets else f"uncalibrated, {FORECAST}",
        str(about.get("schoolflight", "?")),
        str(about.get("code", "?")),
    )
