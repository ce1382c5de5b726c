// What it did: the headline figures over the years, both futures in one chart.
import { chart } from "./lines.js";
import { $, on, state } from "./state.js";
import { number, percent, say } from "./words.js";

const FIGURES = [
  ["D", "segregation", (v) => number(v, 2)], ["flight", "flight", (v) => percent(v)], ["first_choice", "first_choice", (v) => percent(v)],
  ["gap", "gap", (v) => number(v, 2)], ["distance", "distance", (v) => number(v, 2)], ["cost", "cost", (v) => number(v === null ? null : v / 1e6, 1)],
];
const COLOURS = ["#5a646f", "#0072b2"];

export function results() {
  for (const event of ["year", "future", "words"]) on(event, draw);
}

function draw() {
  const known = state.futures.filter(Boolean);
  $("results").innerHTML = FIGURES.map(([key, word, format]) => {
    const lines = known.map((made) => ({ values: made.lines[key], colour: COLOURS[made.side], dash: !made.side, ...(made.bands ? made.bands[key] : {}) }));
    return chart(say(word), state.years, lines, state.year, format);
  }).join("");
}
