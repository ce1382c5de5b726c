// What the signs of the map mean, each drawn as the map draws it, and the switches of its layers.
import { GOOD, school } from "./symbols.js";
import { look, onLook } from "./look.js";
import { $, state } from "./state.js";
import { escape, groupName, number, say } from "./words.js";

// What is shown on both maps.
export const layers = { families: true, schools: true, districts: true, zones: false, reputation: false };

// Make the switches; ``changed`` is called after each.
export function switches(changed) {
  $("legend").insertAdjacentHTML("beforebegin", '<div id="layers" role="group"></div>');
  const root = $("layers");
  for (const name of Object.keys(layers)) {
    const label = document.createElement("label");
    label.innerHTML = `<input type="checkbox" name="${name}" ${layers[name] ? "checked" : ""}> <span></span>`;
    label.querySelector("input").onchange = (event) => { layers[name] = event.target.checked; legend(); changed(); };
    root.append(label);
  }
  onLook(() => state.town && legend());
}

const dot = (variable, pale) => `<svg width="14" height="14" aria-hidden="true"><circle cx="7" cy="7" r="4.5" style="fill:${pale ? `color-mix(in srgb, var(${variable}) 45%, var(--soft))` : `var(${variable})`}"/></svg>`;
const PLAIN = { share: 0.35, open: true, theme: false, label: false, reputation: null };

// Both sides of a family's sign, the one of the majority first.
const both = (pale) => dot("--majority", pale) + dot("--minority", pale);

export function legend() {
  $("layers").setAttribute("aria-label", say("layers"));
  for (const input of $("layers").querySelectorAll("input")) input.nextElementSibling.textContent = say(`layer.${input.name}`);
  const group = escape(groupName(state.town.minority)), majority = escape(groupName(state.town.groups[0])), rows = [];
  if (layers.families) rows.push([dot("--majority"), say("majority", { group: majority })], [dot("--minority"), say("minority", { group })], [both(true), say("at_home")], [both(), say("away")]);
  if (layers.schools) {
    rows.push([PLAIN, say("school", { group })], [{ ...PLAIN, theme: true }, say("theme")], [{ ...PLAIN, label: true }, say("labelled")], [{ ...PLAIN, open: false }, say("closed")]);
    if (layers.reputation) rows.push([{ ...PLAIN, reputation: 1 }, say("good_name", { sd: number(GOOD, 1) })], [{ ...PLAIN, reputation: -1 }, say("poor_name", { sd: number(GOOD, 1) })]);
  }
  if (layers.zones) rows.push([line("var(--ink)", 1), say("zone_line")]);
  if (layers.districts && state.town.outlines.length) rows.push([line("var(--muted)", 2), say("district_line")], [line("var(--grid)", 1), say("area_line")]);
  $("legend").replaceChildren(...rows.map(([sign, text]) => entry(sign, text)));
}

const line = (colour, width) => `<svg width="22" height="14" aria-hidden="true"><line x1="1" x2="21" y1="7" y2="7" style="stroke:${colour};stroke-width:${width}"/></svg>`;

function entry(sign, text) {
  const out = document.createElement("span");
  if (typeof sign === "string") out.innerHTML = sign;
  else out.append(drawing(sign));
  const words = document.createElement("span");
  words.innerHTML = text;
  out.append(words);
  return out;
}

function drawing(what) {
  const canvas = document.createElement("canvas"), unit = Math.min(window.devicePixelRatio || 1, 2), side = 26, colours = look();
  canvas.width = canvas.height = side * unit;
  canvas.style.cssText = `width:${side}px;height:${side}px`;
  canvas.setAttribute("aria-hidden", "true");
  const up = what.reputation === null ? 0 : Math.sign(what.reputation) * 4;
  const draw = (pen, unit) => school(pen, (side / 2 - (what.label ? 3 : 0)) * unit, (side / 2 + up + (what.label ? 2 : 0)) * unit, 6.5 * unit, unit, colours, what);
  draw(canvas.getContext("2d"), unit);
  canvas.again = { draw, side }; // for a picture that is no pixels
  return canvas;
}
