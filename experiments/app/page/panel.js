// Switches and sliders of the policies, from the shelf that the server declares.
import { $, on, state, tell } from "./state.js";
import { escape, say } from "./words.js";

export function panel() {
  on("city", draw);
  on("words", () => state.shelf.length && draw());
}

function draw() {
  const root = $("policies"), areas = [...new Set(state.shelf.map((policy) => policy.area))];
  const box = (area) => `<details ${area === areas[0] ? "open" : ""}><summary>${say(area)}</summary>${state.shelf.filter((p) => p.area === area).map(entry).join("")}</details>`;
  root.innerHTML = `<h2>${say("areas")}</h2>${areas.map(box).join("")}`;
  for (const policy of state.shelf) wire(root.querySelector(`[data-kind="${policy.kind}"]`), policy);
}

function wire(box, policy) {
  const on = box.querySelector("input[type=checkbox]"), strength = box.querySelector("input[name=strength]"), start = box.querySelector("input[name=start]");
  const send = () => {
    box.querySelector(".more").hidden = !on.checked;
    const others = state.chosen.filter((entry) => entry.kind !== policy.kind);
    state.chosen = on.checked ? [...others, { kind: policy.kind, intensity: Number(strength.value), start: Number(start.value) }] : others;
    tell("policies");
  };
  on.onchange = () => { start.value = Math.max(1, Math.min(state.year + 1, state.years)); send(); };
  strength.onchange = send;
  start.onchange = send;
}

function entry(policy) {
  const chosen = state.chosen.find((one) => one.kind === policy.kind);
  return `<div class="policy" data-kind="${policy.kind}"><label><input type="checkbox" ${chosen ? "checked" : ""}> <strong>${policy.kind.replaceAll("_", " ")}</strong></label>
<div class="more" ${chosen ? "" : "hidden"}>${escape(policy.what)}<br><label>${say("from_year")} <input name="start" type="number" min="1" value="${chosen?.start ?? 1}" style="width:4rem"></label>
<label>${say("strength")} <input name="strength" type="range" min="0" max="1" step="0.05" value="${chosen?.intensity ?? 1}"></label></div></div>`;
}
