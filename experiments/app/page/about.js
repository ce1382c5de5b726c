// Where the numbers come from: one line at the foot of every page, and more behind it.
import { $, on, state } from "./state.js";
import { escape, say, titled } from "./words.js";

const LIMITS = ["forecast", "weights", "assumed", "chance", "costs", "outside"];

// Model version, city, seed, runs, file: the line of screen, file and handout.
export function line() {
  const { version, file } = state.about, title = titled(state.about.title), runs = state.bands ? Math.min(...(state.bands.done || [0])) : 0;
  const many = runs ? say("line_runs", { first: state.seed, last: state.seed + runs - 1 }) : "";
  return [say("line", { version, title, seed: state.seed }), many, say("line_file", { file }), say("limit.short")].filter(Boolean).join(" · ");
}

// Sources, assumptions and limits in full. What the scenario says of itself is English.
export function more() {
  const { assumed, parameters, sources, description, file } = state.about;
  const told = LIMITS.map((key) => `<li>${escape(say(`limit.${key}`, { assumed, parameters }))}</li>`).join("");
  const from = [description, sources].filter(Boolean).map((text) => `<p lang="en">${escape(text)}</p>`).join("");
  return `<h3>${escape(say("cannot_say"))}</h3><ul>${told}</ul><h3>${escape(say("sources", { file }))}</h3>${from || `<p>${escape(say("no_sources"))}</p>`}`;
}

export function footer() {
  for (const event of ["city", "words", "bands"]) on(event, draw);
}

function draw() {
  if (!state.about) return;
  $("provenance").innerHTML = `${escape(line())} · <button type="button" class="link">${escape(say("more_about"))}</button>`;
  $("provenance").querySelector("button").onclick = show;
}

function show() {
  const box = $("more");
  box.innerHTML = `<form method="dialog"><button class="close">${escape(say("close"))}</button></form><h2>${escape(say("more_about"))}</h2><p>${escape(line())}</p>${more()}`;
  box.showModal();
}
