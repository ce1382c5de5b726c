"""The page of a calibration: what was fitted, what came out, what cannot be told."""

from pathlib import Path

from abm.page import FORECAST, MORE, Foot, bullets, document, escape, figure, paragraphs, section, table
from abm.results import write
from abm.summary import Table
from experiments.calibration import diagnostics, figures, together
from experiments.calibration.conduct import Findings
from experiments.calibration.predictive import AGREE, APART, FITTED, PARTICLES
from experiments.calibration.scores import MODEL
from experiments.compare.figures import save
from experiments.posterior import WEIGHT, quantile

LIMITS = (
    "A posterior is the answer of this model under these priors and tolerances; where the model is wrong, so is the posterior.",
    "A tolerance is the gap between figure and model that is taken for nothing; it is the author's judgement. Halving one makes its target count for more.",
    "Targets of different years or sources need not be able to hold at once in the real city either.",
    "A fitted figure that is met is no test. Only what was held out is, and a few figures are a weak one.",
    "Nothing here is a forecast for a named school, district or family.",
)


def write_page(found: Findings, folder: Path) -> None:
    """Draw the figures (figures/*.svg) and write index.html."""
    calibration = found.calibration
    pictures = [
        figures.against(found.targets), figures.parameters(calibration, found.posterior), figures.distances(found.fit)
    ]  # fmt: skip
    save(pictures, folder)
    write(folder / "index.html", page(found, pictures))


def page(found: Findings, pictures: list) -> str:
    """The whole page."""
    calibration = found.calibration
    targets, before, distances = (figure(drawn) for drawn in pictures)
    parts = [
        f"<h1>{escape(calibration.title)}: calibration</h1>",
        section("In short", f"<div class='answer'>{paragraphs(short(found))}</div>"),
        section("What was fitted", table(free(found)) + before),
        section("What came out", targets + table(met(found)) + table(fitted_scores(found))),
        section("Figures that the fit never saw", held_out(found)),
        section("Does it matter where the simulation starts?", starts(found)),
        section("Which targets can be met together", bullets(together.sentences(calibration, found.tried))),
        section("What cannot be told", diagnosis(found) + distances + bullets(LIMITS), MORE),
        section("Sources of the targets", bullets(sources(found))),
        section("How to repeat this", repeat(found)),
    ]
    return document(f"{calibration.title}: calibration", parts, foot(found))


def told(found: Findings) -> str:
    """The summary that the command prints."""
    return "\n".join([*short(found), *together.sentences(found.calibration, found.tried)])


def short(found: Findings) -> list[str]:
    """A few sentences: what was met, what was predicted, whether the start matters."""
    t = found.targets
    out = [
        f"{len(found.calibration.free)} parameters were fitted to {len(found.calibration.fitted)} published figures by {found.fit.simulations:,} simulations in {len(found.fit.generations)} generations.",
        _met(t[t.use == "fitted"], "Of the fitted figures"),
    ]
    if found.off[PARTICLES] < found.off[FITTED]:
        out.append(
            f"The usual correction by regression brought the predictions no nearer to the fitted figures (median distance {found.off[FITTED]:.1f} tolerances "
            f"with it, {found.off[PARTICLES]:.1f} without), so the sets shown are the accepted ones, uncorrected. Where figures are missed, read them as a "
            "compromise, not as what the data say."
        )
    if found.calibration.held_out:
        out.append(_met(t[t.use == "held out"], "Of the figures held out, which the fit never saw,"))
        out += [
            f"Against the naive forecast '{rival}' the model's score is better for {int((rows.skill > 0).sum())} of {len(rows)} held-out figures."
            for rival, rows in found.scores.groupby("rival", sort=False)
        ]  # fmt: skip
    if found.by_school is not None:
        out.append(_by_school(found))
    if found.starts is not None:
        apart = found.starts[found.starts.verdict.str.startswith(APART)]
        out.append(_starts(found, apart))
    return out


def _met(rows, what: str) -> str:
    met = rows[rows.met == "met"]
    missed = ", ".join(rows[rows.met != "met"].target)
    return f"{what} {len(met)} of {len(rows)} are met within two tolerances" + (
        f"; not met: {missed}." if missed else "."
    )


def _by_school(found: Findings) -> str:
    rows = found.by_school.set_index("forecast")
    rival = rows.drop(MODEL).crps.idxmin()
    gain = rows.skill_of_model[rival]
    words = "better" if gain > 0 else "worse"
    return (
        f"School by school, the minority share is off by {100 * rows.crps[MODEL]:.1f} points (CRPS), {100 * abs(gain):.0f} % {words} than "
        f"the best naive forecast ({rival}: {100 * rows.crps[rival]:.1f})."
    )


def _starts(found: Findings, apart) -> str:
    agree = int((found.starts.verdict == AGREE).sum())
    more = f" They differ in {', '.join(apart.target)}: hysteresis." if len(apart) else ""
    return f"After a full turnover of pupils, both starts, nearest school and as observed, agree on {agree} of {len(found.starts)} figures.{more}"


def free(found: Findings) -> Table:
    """Each free parameter: prior, weighted median, 90 % interval."""
    rows = []
    for factor in found.calibration.free:
        low, middle, high = (
            quantile(found.posterior[factor.key], found.posterior[WEIGHT], share) for share in (0.05, 0.5, 0.95)
        )
        rows.append((factor.key, f"{factor.low:g} to {factor.high:g}", f"{middle:.3g}", f"{low:.3g} to {high:.3g}"))
    return Table("", ("parameter", "before: all equally likely", "after: median", "after: 90 % interval"), rows)


def met(found: Findings) -> Table:
    """Each target against what is predicted."""
    rows = [
        (r.target, r.use, f"{r.value:.4g}", f"{r.tolerance:g}", f"{r.mean:.3g} ({r.q05:.3g} to {r.q95:.3g})", f"{r.gap:+.1f}", r.met, f"{r.z:+.1f}")
        for r in found.targets.itertuples()
    ]  # fmt: skip
    head = ("", "use", "published", "tolerance", "predicted (5 % to 95 %)", "gap, tolerances", "within two", "z")
    note = (
        f"Predicted: mean over {found.calibration.predictive} cities, each with a set of the posterior and a seed of its own. "
        "z: published less predicted over the root of the predictions' variance plus the squared tolerance."
    )
    return Table("Published and predicted", head, rows, note)


def held_out(found: Findings) -> str:
    """Scores against the rivals, and those of single schools."""
    if not found.calibration.held_out and found.by_school is None:
        return paragraphs(["No target was held out, so nothing here is a test."])
    note = (
        "CRPS, in the unit of the figure: how far the forecast's distribution is from what was published; smaller is better, for a "
        "single number it is the error. Skill: 1 less the ratio of the scores; above 0 the model is better than the rival. Nearest school: everybody at "
        "the nearest school with places; persistence: an older figure of the same city; another city: its figure copied."
    )
    out = table(_scores(found.scores, "Held-out figures against naive forecasts", note)) if len(found.scores) else ""
    if found.by_school is not None:
        rows = [
            (r.forecast, f"{100 * r.crps:.1f}", f"{100 * r.median_error:.1f}", "" if r.forecast == MODEL else f"{r.skill_of_model:+.2f}")
            for r in found.by_school.itertuples()
        ]  # fmt: skip
        told = (
            f"Mean over {int(found.by_school.schools.iloc[0])} schools, weighted by pupils. The model starts from nearest-school enrolment: it knows "
            "the schools' sizes and the homes of each group, but no school's composition. Its forecasts are of entry cohorts, the observed shares "
            "of all grades. A forecast with a range has by that alone a smaller CRPS than its median's error; single numbers have none."
        )
        head = ("forecast", "CRPS, percentage points", "error of its median", "skill of the model against it")
        out += table(Table("Minority share, school by school", head, rows, told))
    return out


def _scores(rows, title: str, note: str) -> Table:
    lines = [
        (r.target, f"{r.value:.4g}", f"{r.model:.4g}", f"{r.crps:.3g}", r.rival, f"{r.rival_forecast:.4g}", f"{r.rival_crps:.3g}", f"{r.skill:+.2f}")
        for r in rows.itertuples()
    ]  # fmt: skip
    head = ("", "published", "model", "CRPS", "rival", "its forecast", "its CRPS", "skill")
    return Table(title, head, lines, note)


def fitted_scores(found: Findings) -> Table:
    """The same scores for fitted targets, which test nothing."""
    note = "These figures were fitted, so that the model has seen the answer: this is no test."
    return _scores(found.fitted_scores, "Fitted figures against naive forecasts (not a test)", note)


def starts(found: Findings) -> str:
    """The two starts compared."""
    if found.starts is None:
        return paragraphs(["No observed start is known for this city, so only one start was simulated."])
    rows = [
        (r.target, f"{r.nearest:.4g}", f"{r.observed:.4g}", f"{r.difference:+.2g} ({r.low:+.2g} to {r.high:+.2g})", f"{r.tolerance:g}", r.verdict.partition(":")[0].removeprefix("the starts "))
        for r in found.starts.itertuples()
    ]  # fmt: skip
    note = (
        "Entry cohorts after at least one full turnover of pupils. Same parameters and seed in both; difference: as observed less nearest school, "
        "with its 95 % interval. Agree: the interval lies within the tolerance. Hysteresis: it leaves out 0 and the mean is beyond the tolerance; "
        "what the start leaves behind may still fade over more years than were simulated."
    )
    head = ("", "from nearest", "from observed", "difference (95 %)", "tolerance", "verdict")
    return table(Table("", head, rows, note))


def diagnosis(found: Findings) -> str:
    """What was learnt of each parameter, and what the targets cannot tell apart."""
    tried = found.tried.rename(columns={t.name: f"figure {t.name}" for t in found.calibration.targets})
    return bullets(diagnostics.told(found.calibration, found.posterior, tried).sentences)


def sources(found: Findings) -> list[str]:
    """Where each target, and each naive forecast of it, comes from."""
    out = []
    for t in found.calibration.targets:
        more = [
            f"({t.note})" if t.note else "", f"Follows from {t.follows}." if t.follows else "",
            f"Older figure {t.persistence:g}: {t.persistence_source}." if t.persistence_source else "",
            f"Another city's {t.copy:g}: {t.copy_source}." if t.copy_source else "",
        ]  # fmt: skip
        out.append(" ".join([f"{t.name}: {t.source}", *filter(None, more)]))
    return out


def repeat(found: Findings) -> str:
    """Command, versions, libraries."""
    about = found.about
    data = " --data FOLDER" if about["tables"] else ""
    libraries = ", ".join(f"{name} {number}" for name, number in about["libraries"].items())
    command = f"schoolflight calibrate {about['file']}{data}"
    return f"<pre><code>{escape(command)}</code></pre>" + bullets([
        f"Calibration {about['id']} of scenario {about['scenario']}; schoolflight {about['schoolflight']}, code {about['code']}, Python {about['python']}.",
        f"Libraries: {libraries}.",
        "posterior.csv holds the sets with weights: compare and sweep take it. scenario.toml is the scenario at their medians: run takes it. provenance.json holds the whole calibration.",
    ])  # fmt: skip


def foot(found: Findings) -> Foot:
    """The last line of the page."""
    c = found.calibration
    return Foot(
        f"a seed a simulation ({found.fit.simulations:,})",
        f"{len(c.targets)} figures, above",
        "priors, tolerances",
        FORECAST,
        str(found.about["schoolflight"]),
        str(found.about["code"]),
    )
