// The two maps: each shows the year of its future as soon as that is known; what is under the pointer is told.
import { CityMap } from "./map.js";
import { $, on, state, status } from "./state.js";
import { number, percent, say } from "./words.js";

const SIDES = ["left", "right"];
let maps = [];

export function twoMaps() {
  on("city", () => { maps = SIDES.map((id) => new CityMap(document.querySelector(`#${id} canvas`), state.town)); legend(); });
  on("words", () => state.town && legend());
  on("year", () => state.futures.forEach((made, side) => bring(made, side)));
  on("future", (made) => { if (!maps[made.side]?.frame || made.played === state.year + 1 || maps[made.side].of !== made.key) bring(made, made.side); captions(); });
  on("play", draw);
  on("draw", draw);
  window.addEventListener("resize", () => { for (const map of maps) { map.fit(); } draw(); });
  SIDES.forEach(pointer);
}

async function bring(made, side) {
  const wanted = state.year, map = maps[side];
  captions();
  if (!made || !map || made.played <= wanted) return;
  try {
    const frame = await made.frame(wanted);
    if (state.year !== wanted || state.futures[side] !== made) return;
    Object.assign(map, { frame, schools: made.schools[wanted], of: made.key });
    draw();
  } catch (error) { status(error.message, true); }
}

function draw() {
  for (const map of maps) { map.phase = state.phase; map.draw(); }
}

function captions() {
  for (const made of state.futures) {
    if (!made) continue;
    const d = made.lines.D ? made.lines.D[state.year] : null;
    const text = made.whole ? say("d_is", { value: number(d, 3) }) : say("played", { played: Math.max(made.played - 1, 0), years: state.years });
    document.querySelector(`#${SIDES[made.side]} .told`).textContent = text;
  }
}

function legend() {
  const [majority] = state.town.groups, minority = state.town.minority;
  const dot = (colour) => `<svg width="12" height="12" aria-hidden="true"><rect width="8" height="8" x="2" y="2" fill="${colour}"/></svg>`;
  const words = [`${dot("#0072b2")} ${say("majority", { group: majority })}`, `${dot("#c85400")} ${say("minority", { group: minority })}`, say("away"), say("school", { group: minority }), say("theme")];
  $("legend").innerHTML = words.map((text) => `<span>${text}</span>`).join("");
}

function pointer(id, side) {
  const canvas = document.querySelector(`#${id} canvas`), tip = document.querySelector(`#${id} .tip`);
  canvas.onpointermove = (event) => {
    const map = maps[side], s = map ? map.schoolAt(event) : -1;
    tip.hidden = s < 0;
    if (s < 0) return;
    const at = map.schools, box = canvas.getBoundingClientRect();
    tip.textContent = say("school_told", {
      name: state.town.schools.name[s] ?? s, pupils: number(at.pupils[s], 0), share: percent(at.share[s]), group: state.town.minority, demand: number(at.demand[s], 1),
    });
    tip.style.left = `${Math.min(event.clientX - box.left + 12, box.width - 180)}px`;
    tip.style.top = `${event.clientY - box.top + 12}px`;
  };
  canvas.onpointerleave = () => { tip.hidden = true; };
}
