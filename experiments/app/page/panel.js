// Switches and sliders of the policies, from the shelf that the server declares.
import { say } from "./words.js";

export function panel(root, shelf, state, changed) {
  const chosen = new Map();
  const areas = [...new Set(shelf.map((policy) => policy.area))];
  root.innerHTML = `<h2>${say("areas")}</h2>` + areas.map((area) => `<details ${area === areas[0] ? "open" : ""}><summary>${say(area)}</summary>${shelf.filter((p) => p.area === area).map(entry).join("")}</details>`).join("");
  for (const policy of shelf) {
    const box = root.querySelector(`[data-kind="${policy.kind}"]`), on = box.querySelector("input[type=checkbox]");
    const strength = box.querySelector("input[name=strength]"), start = box.querySelector("input[name=start]");
    const send = () => {
      if (on.checked) chosen.set(policy.kind, { kind: policy.kind, intensity: Number(strength.value), start: Number(start.value) });
      else chosen.delete(policy.kind);
      box.querySelector(".more").hidden = !on.checked;
      changed([...chosen.values()]);
    };
    on.onchange = () => { start.value = Math.max(1, Math.min(state.year + 1, state.years)); send(); };
    strength.onchange = send;
    start.onchange = send;
  }
}

function entry(policy) {
  const title = policy.kind.replaceAll("_", " ");
  return `<div class="policy" data-kind="${policy.kind}"><label><input type="checkbox"> <strong>${title}</strong></label>
<div class="more" hidden>${escape(policy.what)}<br><label>${say("from_year")} <input name="start" type="number" min="1" value="1" style="width:4rem"></label>
<label>${say("strength")} <input name="strength" type="range" min="0" max="1" step="0.05" value="1"></label></div></div>`;
}

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
