// A policy at the school that is looked at: the reader points at a school on the map instead of naming it.
import { $, on, state, tell } from "./state.js";
import { escape, named, say } from "./words.js";

let last = ""; // the policy pointed with last, so that a second school takes one press

export function pointing() {
  on("city", () => { last = ""; });
}

const able = () => state.shelf.filter((p) => p.by_schools && !state.idle[p.kind]);
const entryOf = (kind) => state.chosen.findLast((entry) => entry.kind === kind);
// The server's name of a school; undefined for one that a policy has opened.
const called = (s) => state.town.schools.name[s];

// Choose a policy of those that act on schools, and say here. Nothing for a school that the city does not have by itself.
export function here(s) {
  const kinds = able();
  if (!$("policies") || !called(s) || !kinds.length) return ""; // the file that plays has no policies to choose
  if (!kinds.some((p) => p.kind === last)) last = (kinds.find((p) => entryOf(p.kind)) || kinds.find((p) => p.kind === "magnet") || kinds[0]).kind;
  const options = kinds.map((p) => [p.kind, named("policy", p.kind)]).sort((a, b) => a[1].localeCompare(b[1]));
  return `<p class="here"><label>${escape(say("here"))} <select>${options.map(([kind, name]) => `<option value="${kind}" ${kind === last ? "selected" : ""}>${escape(name)}</option>`).join("")}</select></label>
<button type="button" data-here>${escape(say(word(s)))}</button></p>`;
}

function word(s) {
  const schools = entryOf(last)?.schools || [];
  return schools.includes(called(s)) ? "here_not" : schools.length ? "here_too" : "here_only";
}

export function wire(box, s) {
  const select = box.querySelector(".here select"), button = box.querySelector("[data-here]");
  if (!select) return;
  select.onchange = () => { last = select.value; button.textContent = say(word(s)); };
  button.onclick = () => { point(last, called(s)); button.textContent = say(word(s)); };
}

// Aim the policy at a school, or no longer; one that is not chosen yet begins next year.
function point(kind, school) {
  const old = entryOf(kind), p = state.shelf.find((one) => one.kind === kind), start = Math.max(1, Math.min(state.year + 1, state.years));
  const schools = old?.schools?.includes(school) ? old.schools.filter((name) => name !== school) : [...(old?.schools || []), school];
  const entry = { ...(old || { kind, start }), ...p.naming, schools };
  state.chosen = schools.length ? (old ? state.chosen.map((one) => (one === old ? entry : one)) : [...state.chosen, entry]) : state.chosen.filter((one) => one !== old);
  tell("policies");
  tell("here", p);
}

// The policy is for any school again.
export function anywhere(entry) {
  const p = state.shelf.find((one) => one.kind === entry.kind);
  for (const key of ["schools", ...Object.keys(p.naming)]) delete entry[key];
}
