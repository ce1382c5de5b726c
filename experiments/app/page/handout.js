// The handout: both futures on A4, drawn by the page's own parts, to be printed or saved as PDF.
import { line, more } from "./about.js";
import { ask } from "./api.js";
import { begin } from "./future.js";
import { CityMap } from "./map.js";
import { answers, contents } from "./packed.js";
import { fail } from "./player.js";
import { results } from "./results.js";
import { $, state, tell } from "./state.js";
import { policies, verdictTold } from "./told.js";
import { escape, groupName, number, percent, say, speak, titled } from "./words.js";

const LAYERS = { families: true, schools: true, districts: true, zones: false, reputation: false };
const SIDE = 300, FINE = 2; // a map's width, and pixels for each of it: about 250 to the inch on paper
const millions = (value) => number(value === null ? null : value / 1e6, 2);
const points = (value) => say("points", { value: number(value * 100, 1) });
const sum = (values) => values.reduce((a, b) => a + (b ?? 0), 0);
const FIGURES = [
  ["D", (v) => number(v, 3)], ["flight", (v) => percent(v, 1), points], ["first_choice", (v) => percent(v, 1), points],
  ["distance", (v) => number(v, 2)], ["gap", (v) => number(v, 3)],
];

async function open() {
  const held = await contents(), { session, shown } = held;
  window.fetch = answers(held);
  await speak(shown.language in held.words ? shown.language : "en");
  const about = await ask("/api/city");
  Object.assign(state, { about, town: about.town, shelf: about.shelf, scenario: session.scenario, seed: session.seed, years: session.years, year: session.years, chosen: session.policies, bands: shown.bands });
  results();
  await begin(0);
  await begin(1);
  tell("bands");
  words(shown);
  await maps();
  numbers();
  document.body.dataset.ready = "yes";
}

function words(shown) {
  $("title").textContent = titled(state.about.title);
  $("setting").textContent = say("handout_setting", { years: state.years, seed: state.seed });
  $("policies-told").innerHTML = policies();
  $("verdict-told").innerHTML = verdictTold(shown.verdict);
  $("limits").innerHTML = more();
  $("provenance").innerHTML = `${escape(line())} · <a href="#limits">${escape(say("more_about"))}</a>`;
  $("print").textContent = say("print");
  $("print-told").textContent = say("print_told");
  $("print").onclick = () => window.print();
}

// Year 0, which both futures share, and the last year of each.
async function maps() {
  const [base, policy] = state.futures, last = state.years, minority = groupName(state.town.minority);
  const sheets = [[base, 0, say("handout_both")], [base, last, say("baseline")], [policy, last, say("with_policies")]];
  $("sheets").innerHTML = sheets.map(([made, year, name]) => `<figure><figcaption><strong>${escape(say("year", { year }))}</strong> ${escape(name)}<br>${escape(say("d_is", { value: number(made.lines.D[year], 3) }))}</figcaption><canvas></canvas></figure>`).join("");
  const canvases = [...$("sheets").querySelectorAll("canvas")];
  for (let k = 0; k < sheets.length; k++) {
    const [made, year] = sheets[k], canvas = canvases[k];
    Object.assign(canvas.style, { position: "fixed", left: "-9999px", width: `${SIDE}px`, height: `${SIDE}px` });
    const map = new CityMap(canvas, state.town, LAYERS, FINE);
    map.show(await made.frame(year), made.schools[year], null);
    map.draw(1);
    const image = new Image();
    image.alt = `${sheets[k][2]}, ${say("year", { year })}`;
    image.src = canvas.toDataURL("image/png");
    await image.decode();
    canvas.replaceWith(image);
  }
  const dot = (colour, text) => `<span><svg width="12" height="12" aria-hidden="true"><rect width="8" height="8" x="2" y="2" fill="${colour}"/></svg> ${escape(text)}</span>`;
  $("legend").innerHTML = [dot("#0072b2", say("film_family", { group: groupName(state.town.groups[0]) })), dot("#c85400", say("film_family", { group: minority })), `<span>${escape(say("film_away"))}</span>`, `<span>${escape(say("film_school", { group: minority }))}</span>`].join("");
}

// The figures of the first and last year; each cell carries its number in full.
function numbers() {
  const [base, policy] = state.futures, last = state.years;
  const cell = (value, format) => `<td data-value="${value ?? ""}">${escape(format(value))}</td>`;
  const row = (key, values, format, differ = format) => {
    const change = values[1] === null || values[2] === null ? null : values[2] - values[1], text = change === null ? "–" : differ(change), sign = change > 0 && /[1-9]/.test(text) ? "+" : "";
    return `<tr data-figure="${key}"><th scope="row">${escape(say(`handout.${key}`))}</th>${values.map((v) => cell(v, format)).join("")}<td class="change">${sign}${escape(/[1-9]/.test(text) ? text : text.replace(/^[-−]/, ""))}</td></tr>`;
  };
  const rows = FIGURES.map(([key, ...formats]) => [key, [base.lines[key][0], base.lines[key][last], policy.lines[key][last]], ...formats]);
  rows.push(["cost", [null, sum(base.lines.cost), sum(policy.lines.cost)], millions]);
  const known = rows.filter(([, values]) => values.some((v) => v !== null)).map((one) => row(...one));
  const heads = [say("year", { year: 0 }), `${say("year", { year: last })}, ${say("baseline")}`, `${say("year", { year: last })}, ${say("with_policies")}`, say("col_difference")];
  $("numbers").innerHTML = `<h2>${escape(say("handout_numbers"))}</h2><table><thead><tr><td></td>${heads.map((text) => `<th scope="col">${escape(text)}</th>`).join("")}</tr></thead><tbody>${known.join("")}</tbody></table><p class="small">${escape(say("handout_one"))}</p>`;
}

window.schoolflight = state; // for tests and the curious
open().catch(fail);
