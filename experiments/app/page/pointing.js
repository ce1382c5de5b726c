// What is under the pointer, or under the keys that walk from school to school, is told in a tip; a click or Enter opens its story.
import { AWAY, ENTERED, MINORITY, MOVED } from "./frames.js";
import { schoolName } from "./schools.js";
import { openFamily, openSchool } from "./story.js";
import { state, tell } from "./state.js";
import { groupName, number, percent, say } from "./words.js";

const WALKS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let lit = -1; // the school lit on both maps

function light(s) {
  if (s !== lit) tell("lit", (lit = s));
}

// The tip of a map: shown at a spot in pixels from the canvas's corner.
function show(canvas, text, x, y) {
  const tip = canvas.parentElement.querySelector(".tip"), box = canvas.getBoundingClientRect();
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const left = x + 14 + tip.offsetWidth > box.width ? x - 14 - tip.offsetWidth : x + 14;
  tip.style.left = `${Math.max(0, Math.min(left, box.width - tip.offsetWidth))}px`;
  tip.style.top = `${y + 12 + tip.offsetHeight > box.height ? Math.max(y - 12 - tip.offsetHeight, 0) : y + 12}px`;
}

function schoolTip(map, s) {
  const at = map.schools, name = schoolName(s);
  if (!at.open[s]) return say("school_closed", { name });
  const told = say("school_told", { name, pupils: number(at.pupils[s], 0), share: percent(at.share[s]), group: groupName(state.town.minority), demand: number(at.demand[s], 1) });
  return [told, at.theme[s] && say("has_theme"), at.label[s] && say("has_label")].filter(Boolean).join(". ");
}

function familyTip(map, i) {
  const { flags, school, place } = map.frame, f = flags[i], group = groupName(f & MINORITY ? state.town.minority : state.town.groups[0]);
  const local = map.local ? schoolName(map.local[place[i]]) : "", name = school[i] < 0 ? "" : schoolName(school[i]);
  const where = school[i] < 0 ? say("family_none") : f & AWAY ? say("family_away", { school: name, local }) : say("family_home", { school: name });
  return [say("family_of", { group }), where, f & MOVED ? say("family_moved") : f & ENTERED ? say("family_new") : ""].filter(Boolean).join(" ");
}

export function pointer(canvas, current, side) {
  let asked = null;
  const look = () => {
    const event = asked, map = current();
    asked = null;
    if (!map || !event) return;
    const found = map.under(event), box = canvas.getBoundingClientRect();
    canvas.style.cursor = found ? "pointer" : "";
    light(found?.school ?? -1);
    show(canvas, !found ? "" : found.school !== undefined ? schoolTip(map, found.school) : state.playing ? "" : familyTip(map, found.family), event.clientX - box.left, event.clientY - box.top);
  };
  canvas.onpointermove = (event) => { if (!asked) requestAnimationFrame(look); asked = event; };
  canvas.onpointerleave = () => { asked = null; light(-1); show(canvas, ""); };
  canvas.onclick = (event) => {
    const map = current(), found = map?.under(event);
    if (!found) return;
    asked = null;
    show(canvas, "");
    if (found.school !== undefined) openSchool(found.school, canvas);
    else openFamily(side, map.year, found.family, canvas);
  };
}

// Arrow keys on a focused map walk to the nearest school in that direction; Enter opens its story.
export function walk(canvas, current, side) {
  let here = -1;
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("aria-live", "polite");
  canvas.after(said);
  canvas.setAttribute("role", "application");
  const stand = (s) => {
    const map = current();
    here = s;
    light(s);
    if (s < 0) { show(canvas, ""); return; }
    const text = schoolTip(map, s);
    show(canvas, text, ...map.spot(s));
    said.textContent = `${text}. ${say("walk_enter")}`;
  };
  canvas.onkeydown = (event) => {
    const map = current();
    if (!map?.schools || event.ctrlKey || event.altKey || event.metaKey) return;
    if (here >= map.schoolC.length) here = -1;
    if (event.key in WALKS) { stand(here < 0 ? central(map) : towards(map, here, ...WALKS[event.key])); event.preventDefault(); event.stopPropagation(); }
    if (event.key === "Enter" && here >= 0) { openSchool(here, canvas); event.preventDefault(); }
  };
  canvas.onblur = () => { if (here >= 0) { here = -1; light(-1); show(canvas, ""); } };
}

function central(map) {
  let best = -1, near = Infinity;
  for (let s = 0; s < map.schoolC.length; s++) {
    const d = Math.hypot(map.schoolC[s] - map.width / 2, map.schoolR[s] - map.height / 2);
    if (map.schools.open[s] && d < near) { near = d; best = s; }
  }
  return best;
}

// The nearest open school in a direction; what lies aside counts as farther. The same one if there is none.
function towards(map, here, dc, dr) {
  let best = here, near = Infinity;
  for (let s = 0; s < map.schoolC.length; s++) {
    const c = map.schoolC[s] - map.schoolC[here], r = map.schoolR[s] - map.schoolR[here], along = c * dc + r * dr, aside = Math.abs(c * dr) + Math.abs(r * dc);
    if (s === here || !map.schools.open[s] || along <= 0.5 || aside > along * 1.7) continue;
    const d = along + 1.5 * aside;
    if (d < near) { near = d; best = s; }
  }
  return best;
}
