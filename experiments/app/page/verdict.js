// The verdict with its uncertainty in words, put together here from numbers and a code of the server.
import { FIGURES, figure, size } from "./figures.js";
import { $, on, shown, state } from "./state.js";
import { escape, say } from "./words.js";

export function verdict() {
  for (const event of ["bands", "words", "year", "guess", "policies"]) on(event, draw);
}

const interval = (one, said) => say("interval", { low: one.change(said.low), high: one.change(said.high), runs: said.n });

// One sentence on segregation, the figure with a smallest effect that matters.
export function sentence(said, year) {
  const one = figure("D"), against = Math.round(said.opposite * said.n);
  return [
    say(`verdict.${said.said}`, { by: size(one, said.mean ?? 0), year, smallest: size(one, said.smallest) }),
    ["few", "still"].includes(said.said) ? "" : interval(one, said),
    ["lowers", "raises"].includes(said.said) ? say("against", { against, runs: said.n }) : "",
  ].filter(Boolean).join(" ");
}

const CLEAR = { lowers: "clear_fall", raises: "clear_rise" };

function row([key, said]) {
  const one = figure(key), all = [said.mean, said.low, said.high].map((v) => one.change(v)), none = !/[1-9]/.test(all.join("")) && said.mean !== null;
  const word = said.said === "still" || none ? "no_change" : key === "D" && said.said === "small" ? "too_small" : CLEAR[said.said] || "not_clear";
  const range = none || said.said === "still" ? "–" : say("range", { low: all[1], high: all[2] });
  return `<tr><th scope="row">${escape(say(`figure.${key}`))}</th><td>${all[0]}</td><td>${range}</td><td>${escape(say(word))}</td></tr>`;
}

function draw() {
  const effects = state.bands?.effects || {}, root = $("verdict");
  const known = FIGURES.map((one) => [one.key, effects[one.key]]).filter(([, said]) => said);
  root.hidden = !state.chosen.length;
  if (!state.chosen.length) { root.innerHTML = ""; return; }
  if (!shown(state.years)) { root.innerHTML = `<p class="answer">${escape(say("verdict_later"))}</p>`; return; }
  if (!effects.D) { root.innerHTML = `<p class="answer">${escape(say("verdict_wait"))}</p>`; return; }
  const partial = state.bands.done[1] < state.bands.total ? ` <span class="small">${escape(say("so_far", { runs: effects.D.n }))}</span>` : "";
  const heads = ["col_figure", "col_change", "col_interval", "col_words"].map((key) => `<th scope="col">${escape(say(key))}</th>`).join("");
  root.innerHTML = `<p class="answer">${escape(sentence(effects.D, state.years))}${partial}</p>
<div class="scroll"><table><caption>${escape(say("effects", { year: state.years }))}</caption><thead><tr>${heads}</tr></thead><tbody>${known.map(row).join("")}</tbody></table></div>
<p class="small">${escape(say(state.wrong ? "limits_wrong" : "limits_seeds"))}</p>`;
}
