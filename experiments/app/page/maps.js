// The two maps: each shows the year of its future as soon as that is known.
import { layers, legend, switches } from "./legend.js";
import { onLook, still } from "./look.js";
import { CityMap } from "./map.js";
import { pointer, walk } from "./pointing.js";
import { fail, keyboard } from "./player.js";
import { story } from "./story.js";
import { $, on, state } from "./state.js";
import { number, say } from "./words.js";

const SIDES = ["left", "right"];
export const maps = [];

export function twoMaps() {
  switches(() => { for (const map of maps) { map.ground = null; map.settle(); } draw(); });
  story();
  keyboard();
  on("city", build);
  on("words", () => { if (state.town) { legend(); captions(); for (const map of maps) map.settle(); draw(); } });
  on("year", () => state.futures.forEach((made, side) => bring(made, side)));
  on("future", (made) => { if (maps[made.side]?.of !== made.key || maps[made.side].year !== state.year) bring(made, made.side); captions(); });
  on("play", draw);
  on("draw", draw);
  on("lit", (s) => { for (const map of maps) map.light(s); draw(); });
  onLook(() => { for (const map of maps) map.paint(); draw(); });
  const watch = new ResizeObserver(() => { for (const map of maps) map.fit(); draw(); });
  SIDES.forEach((id, side) => {
    const canvas = document.querySelector(`#${id} canvas`);
    watch.observe(canvas);
    pointer(canvas, () => maps[side], side);
    walk(canvas, () => maps[side], side);
  });
}

function build() {
  maps.splice(0, maps.length, ...SIDES.map((id) => new CityMap(document.querySelector(`#${id} canvas`), state.town, layers)));
  legend();
  captions();
  draw();
}

// Show ``state.year`` of a future on its map, if it is played.
async function bring(made, side) {
  const wanted = state.year, map = maps[side];
  captions();
  if (!made || !map || made.played <= wanted) return;
  try {
    const [frame, local] = await Promise.all([made.frame(wanted), made.local(wanted)]);
    if (state.year !== wanted || state.futures[side] !== made || maps[side] !== map) return;
    if (map.of === made.key && map.year === wanted) return;
    Object.assign(map, { of: made.key, year: wanted });
    map.show(frame, made.schools[wanted], local);
    draw();
    if (state.playing && wanted < state.years && made.played > wanted + 1) made.frame(wanted + 1).catch(() => {});
  } catch (error) { fail(error); }
}

function draw() {
  const phase = state.playing && still() ? 1 : state.phase;
  for (const map of maps) map.draw(phase);
}

function captions() {
  SIDES.forEach((id, side) => {
    const made = state.futures[side], d = made?.lines.D ? made.lines.D[state.year] : null;
    const progress = made && say("played", { played: Math.max(made.played - 1, 0), years: state.years });
    document.querySelector(`#${id} .told`).textContent = !made ? "" : made.error ? say("failed") : made.whole ? say("d_is", { value: number(d, 3) }) : progress;
    const canvas = document.querySelector(`#${id} canvas`);
    canvas.setAttribute("aria-label", say("map_label", { future: say(side ? "with_policies" : "baseline"), city: state.town?.name ?? "", year: state.year }));
  });
}
