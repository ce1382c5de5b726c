"""The page of a forecast: what is forecast, how it was made, and once scored whether it beat its rivals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from abm.page import MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from abm.results import write
from abm.summary import Table
from experiments.compare.figures import save
from experiments.forecast import figures
from experiments.forecast.futures import RIVALS
from experiments.forecast.ledger import Ledger
from experiments.forecast.scores import QUANTILES
from experiments.forecast.store import ABOUT, FILE, read_draws

MEANING = (
    "First choice: families placed at the centre they put first on their list, at the entry to school at age three. A centre can "
    "show no more of them than it has places, so a full one may have been wanted by more.",
    "What is forecast is a count of families, not of pupils of any group; no composition of any school is in these data.",
    "A forecast that names a centre can harm it. The file is keyed by centre because that is how it is scored; do not print it as a list of winners.",
)
LIMITS = (
    "Sites, names and zones of centres are those of a later inventory: a centre that closed or merged before it is left out, which leaves "
    "out the hardest cases.",
    "Appeals stand for all that families know of a centre and the tables do not. They are fitted, so that the model meets the fitted "
    "years says nothing for it; only years that it has not seen do.",
    "Copy-another-city is no rival here: no other city of the folder has first choices by centre, and centres have no counterparts.",
    "Ranges leave out what no fitted year held: a new law of admission, a wave of families moving in or out.",
)  # fmt: skip


def write_page(folder: Path, ledger: Ledger) -> str:
    """Draw the figures and index.html of the forecast in ``folder``; returns the text to print."""
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    entry = ledger.forecast(folder / FILE)
    draws = read_draws(folder, entry)
    marks = [line for line in ledger.lines if line["kind"] == "score" and line["forecast"] == entry["sha256"]]
    scores = pd.read_csv(folder / "scores.csv") if marks else None
    cases = pd.read_csv(folder / "cases.csv") if marks else None
    pictures = [figures.total(about, draws, cases)]
    if scores is not None:
        pictures += [figures.skill(scores), figures.against(cases), figures.calibration(cases)]
    save(pictures, folder, png=True)
    summary = plain(about, draws, entry, marks, scores)
    parts = [
        f"<h1>{escape(about['title'])}</h1>",
        section("In short", f"<div class='answer'>{paragraphs(summary)}</div>"),
    ]
    parts += [
        section("What is forecast", bullets(MEANING)),
        section("Figures", "".join(figure(drawn) for drawn in pictures)),
    ]
    if scores is not None:
        parts += [section("Scores", "".join(table(t) for t in tables(scores)) + bullets(rivals()))]
    parts += [
        section("How it was made", bullets(how(about))), section("Limits", bullets(LIMITS), MORE),
        section("Ledger", paragraphs(LEDGER) + table(lines(entry, marks))),
    ]  # fmt: skip
    write(folder / "index.html", document(about["title"], parts, foot(about)))
    return "\n\n".join(
        [about["title"], *summary, f"Page: {folder / 'index.html'}\nLast hash of the ledger: {ledger.last}"]
    )


def foot(about: dict) -> Foot:
    """The last line of the page."""
    years = f"{about['fit'][0]}-{about['fit'][-1]}"
    return Foot(
        f"{about['runs']} runs, a seed each", f"first choices {years}", f"parameters {PARAMETERS[about['parameters']]}", "years like these", about["schoolflight"], about["code"],
    )  # fmt: skip


PARAMETERS = {
    "posterior": "of a posterior file",
    "spread": "within the declared spreads",
    "scenario": "the scenario's",
}
LEDGER = (
    "A forecast is written down with its hash before it is scored; every line holds the hash of the one before, so a change shows.",
)


def plain(about: dict, draws: pd.DataFrame, entry: dict, marks: list[dict], scores: pd.DataFrame | None) -> list[str]:
    """The finding in sentences."""
    fit, model = about["fit"], draws[draws["forecaster"] == "model"]
    out = [
        f"Fitted to first choices at {about['centres']} centres in {fit[0]}-{fit[-1]}; forecast for {_listed(about['targets'])}. "
        f"Written {entry['time'][:16].replace('T', ' ')} UTC."
    ]
    totals = {year: own.filter(regex=r"^d\d+$").sum().to_numpy() for year, own in model.groupby("year")}
    q = {year: np.quantile(values, QUANTILES) for year, values in totals.items()}
    out.append(
        f"In {fit[-1]}, {about['first'][-1]:,.0f} families were placed at their first choice there. Forecast: "
        + "; ".join(f"{year} {v[2]:,.0f} (90 %: {v[0]:,.0f} to {v[4]:,.0f})" for year, v in q.items()) + "."
    )  # fmt: skip
    if scores is None:
        return [*out, "Not scored yet."]
    whole = scores[scores["by"] == "all"].set_index("forecaster")
    mark, model_row = marks[-1], whole.loc["model"]
    crps = whole["crps"].map("{:.2f}".format)
    out += [
        f"Scored on {_listed(mark['years'])} by the CRPS, in families a centre: the model {crps['model']}, last year again (persistence) "
        f"{crps['persistence']}, mean of the fitted years {crps['mean']}. {verdict(model_row)}",
        f"How much of that is what? The mean of the fitted years times the known size of the cohort alone has {crps['mean_cohort']}; statistics "
        f"of each centre with cohort and places, without agents, {crps['levels']}. {beside(whole)}",
    ]
    out.append(
        f"Its 50 % ranges held {_percent(model_row['within_50'])} of the figures, its 90 % ranges {_percent(model_row['within_90'])}; "
        f"its mean lay {abs(model_row['bias']):.1f} families too {'high' if model_row['bias'] > 0 else 'low'}. Ranges of whole numbers include their ends and so hold a little more than they say; the figure breaks ties by chance."
    )
    if mark["in_folder_before"]:
        out.append(
            f"Figures of {_listed(mark['in_folder_before'])} lay in the folder when the forecast was written: the program drops them before it fits, "
            "but this is a test on kept-back years, not a forecast of something unknown."
        )
    return out


def verdict(row: pd.Series) -> str:
    """Whether it beats persistence, in words."""
    skill, error = row["skill"], row["skill_se"]
    how = f"{100 * skill:+.1f} % (standard error {100 * error:.1f}, over centres)"
    if not np.isfinite(error) or abs(skill) < 1.96 * error:
        return f"Whether it is better than persistence is not clear: skill {how}."
    return f"It {'beats' if skill > 0 else 'is worse than'} persistence: skill {how}."


def beside(whole: pd.DataFrame) -> str:
    """Whether the agents add to statistics alone."""
    gap = whole.loc["levels", "crps"] - whole.loc["model", "crps"]
    share = gap / whole.loc["levels", "crps"]
    if abs(share) < 0.01:
        return "The agents add nothing to statistics alone, and take nothing away (within 1 %)."
    return f"Against statistics alone it is {100 * abs(share):.1f} % {'better' if gap > 0 else 'worse'}: the agents {'add' if gap > 0 else 'do not add'} to it."


def tables(scores: pd.DataFrame) -> list[Table]:
    """Scores by forecaster: of all, and the model's beside the main rivals' by year, sector and fullness."""
    head = (
        "forecaster",
        "CRPS",
        "quantile score",
        "median's error",
        "bias",
        "50 % held",
        "90 % held",
        "90 % width",
        "skill",
        "se",
    )
    whole = scores[scores["by"] == "all"]
    first = [
        (figures.WORDS[r.forecaster], f"{r.crps:.2f}", f"{r.quantile_score:.2f}", f"{r.error:.2f}", f"{r.bias:+.2f}", _percent(r.within_50),
         _percent(r.within_90), f"{r.width_90:.1f}", f"{100 * r.skill:+.1f} %", f"{100 * r.skill_se:.1f}")
        for r in whole.sort_values("crps").itertuples()
    ]  # fmt: skip
    out = [Table("All scored centres and years, families a centre", head, first, "Skill: share of persistence's CRPS that is saved. Quantile score: the CRPS by five quantiles, twice the mean pinball loss.")]  # fmt: skip
    words = {"year": "year", "sector": "sector (the source's word)", "full": "full in the last fitted year"}
    rows = []
    for by, label in words.items():
        for part, own in scores[scores["by"] == by].groupby("part", sort=True):
            value = own.set_index("forecaster")
            name = {"True": "yes", "False": "no"}.get(str(part), str(part))
            rows.append((f"{label}: {name}", f"{value.loc['model', 'cases']:.0f}", *(f"{value.loc[k, 'crps']:.2f}" for k in ("model", "levels", "mean", "persistence")), _percent(value.loc["model", "within_50"]), _percent(value.loc["model", "within_90"])))  # fmt: skip
    out.append(
        Table(
            "CRPS by part",
            ("part", "cases", "model", "statistics alone", "mean", "persistence", "50 % held", "90 % held"),
            rows,
        )
    )
    return out


def rivals() -> list[str]:
    """What each rival is."""
    return [f"{figures.WORDS[name]}: {words}." for name, words in RIVALS.items()]


def how(about: dict) -> list[str]:
    """How it was made, with the numbers found."""
    fit = about["fit"]
    told = ", ".join(f"{year} {100 * by:+.1f} %" for year, by in about["change"].items())
    cohort = f"Size of the cohort: {told} on the year before ({about['change_source']}), sd {100 * about['change_sd']:.0f} %; " if told else "Size of the cohort: "  # fmt: skip
    return [
        f"Demand of each centre in {fit[-1]}: a local level with chance around it, full centres' demand known only from below ({about['full']} of {about['centres']} were full), on the scale 2 sqrt(n + 3/8). Chance from year to year: variance {about['chance']:.2f} (1 is Poisson); drift of the level {about['drift']:.2f} a year.",
        f"{about['runs']} runs of the model, each with its own seed, parameters ({PARAMETERS[about['parameters']]}), and demand to meet drawn from what the data leave open. Appeals, held as reputations, are found by a damped fixed point (after Berry 1994); then the model runs on through the target years. Centres whose demand no appeal meets: {about['missed']}.",
        f"The model's own variance around that demand is {_listed(about['own'])} in the years after the fit; what is missing to chance and drift is added, nothing where it is more. Its mean moves centres by {_listed(about['shift'])} (sd over centres, same scale), of whose variance {_listed(f'{100 * v:.0f} %' for v in about['news'])} is more than chance of the runs and is kept.",
        cohort + "other years take the mean of all changes before, with their spread.",
        f"Places are those of {fit[-1]}"
        + (", changed each year as within the fitted years." if about["places"] == "drawn" else "."),
        f"{about['left_out']} centres of the table of {fit[-1]} are not in the inventory of the city's primary schools: elsewhere, or gone since. The model has no site for them.",
        "Nothing of a later year enters the fit: neither figures, nor places, nor residents.",
    ]


def lines(entry: dict, marks: list[dict]) -> Table:
    """The ledger's lines about this forecast."""
    rows = [
        (
            entry["time"],
            "forecast",
            f"sha256 {entry['sha256'][:16]}…, configuration {entry['identity']}, code {entry['code']}",
            entry["hash"][:16] + "…",
        )
    ]
    for mark in marks:
        crps = ", ".join(f"{name} {own['crps']:.3f}" for name, own in mark["scores"].items())
        rows.append(
            (
                mark["time"],
                "score",
                f"{_listed(mark['years'])}, {mark['cases']} cases, CRPS: {crps}",
                mark["hash"][:16] + "…",
            )
        )
    return Table("", ("time", "what", "of it", "hash of the line"), rows)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _listed(values) -> str:
    words = [str(value) for value in values]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
