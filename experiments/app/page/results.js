// What it did: the headline figures over the years, both futures in one chart, with what a rise means in plain words.
import { FIGURES } from "./figures.js";
import { chart } from "./lines.js";
import { $, on, shown, state } from "./state.js";
import { escape, say } from "./words.js";

const COLOURS = ["var(--muted)", "var(--mark)"];

export function results() {
  for (const event of ["year", "future", "words", "bands", "guess"]) on(event, draw);
}

function draw() {
  const focus = document.activeElement?.dataset?.figure;
  const made = FIGURES.filter((one) => present(one.key));
  $("results").innerHTML = made.map((one) => {
    const title = say(`figure.${one.key}`), futures = lines(one.key);
    const svg = chart({ ...one, name: escape(title), years: state.years, futures, year: state.year, words: { year: say("axis_year") } });
    return `<figure class="chart" tabindex="0" data-figure="${one.key}"><figcaption>${escape(title)}</figcaption>${svg}<p class="meaning">${escape(say(`rise.${one.key}`))}</p></figure>`;
  }).join("");
  if (focus) document.querySelector(`#results [data-figure="${focus}"]`)?.focus({ preventScroll: true });
  $("key").textContent = state.bands?.bands[0]?.D ? say("key_bands") : say("key_lines");
}

// A figure that no run has, such as the achievement gap where outcomes are off, is not shown.
const present = (key) => state.futures.some((made) => made && made.lines[key]?.some((v) => v !== null));

function lines(key) {
  const both = state.futures.filter(Boolean).filter((made) => !made.side || state.chosen.length);
  return both.map((made) => {
    const bands = (state.bands?.bands[made.side] || {})[key] || {}, hide = (values) => values && values.map((v, t) => (made.side && !shown(t) ? null : v));
    return { label: escape(say(made.side ? "with" : "without")), colour: COLOURS[made.side], dash: !made.side, values: hide(made.lines[key]), low: hide(bands.low), mid: hide(bands.mid), high: hide(bands.high) };
  });
}
