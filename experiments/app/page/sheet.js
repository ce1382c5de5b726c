// Both maps as on paper: drawn anew in the light colours, at one size whatever the window's, as pixels or as an SVG.
import { AWAY, MINORITY } from "./frames.js";
import { lay } from "./ground.js";
import { layers, legend } from "./legend.js";
import { CityMap } from "./map.js";
import { signs } from "./pictures.js";
import { $, state } from "./state.js";
import { SvgPen } from "./svgpen.js";

const SIDE = 500, FINE = 1.6; // a map's width, and the pixels for each of it: as thick as on a screen

// What ``draw`` makes in the light colours; it must not wait for anything.
export function onPaper(draw) {
  document.documentElement.classList.add("light");
  try { return draw(); } finally { document.documentElement.classList.remove("light"); }
}

// The maps of ``state.year``, and the legend's signs: as canvases, or with ``kind`` "svg" as drawings.
export async function sheet(kind) {
  const held = await Promise.all(state.futures.map(async (made) => [await made.frame(state.year), await made.local(state.year), made.schools[state.year]]));
  const out = onPaper(() => {
    legend();
    return { maps: held.map(([frame, local, schools]) => one(frame, local, schools, kind)), key: signs([...$("legend").children], kind) };
  });
  legend();
  return { maps: out.maps, key: await out.key };
}

function one(frame, local, schools, kind) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { position: "fixed", left: "-9999px", width: `${SIDE}px` });
  document.body.append(canvas);
  const map = new CityMap(canvas, state.town, layers, FINE);
  map.show(frame, schools, local);
  map.draw(1);
  canvas.remove();
  return kind === "svg" ? { svg: drawing(map), box: `0 0 ${map.width} ${map.height}`, width: map.width, height: map.height } : canvas;
}

// A map's ground, families, schools and names as an SVG's inside.
function drawing(map) {
  const pen = new SvgPen(), over = new SvgPen();
  lay(pen, map);
  map.over(over);
  return `${pen.svg}${map.layers.families ? families(map) : ""}${over.svg}`;
}

// Families are four paths, of dots: each side at its local school, pale, and away from it.
function families({ frame, dots, colours }) {
  const paths = ["", "", "", ""], side = dots.side;
  for (let i = 0; i < frame.n; i++) {
    const away = frame.flags[i] & AWAY && frame.school[i] >= 0 ? 2 : 0;
    paths[away + (frame.flags[i] & MINORITY ? 1 : 0)] += `M${dots.atC[i]} ${dots.atR[i]}h0`;
  }
  const paints = [...colours.still, ...colours.away].map((pixel) => `rgb(${pixel & 255},${(pixel >> 8) & 255},${(pixel >> 16) & 255})`);
  return paths.map((path, k) => `<path d="${path}" fill="none" stroke="${paints[k]}" stroke-width="${side}" stroke-linecap="${side < 3 ? "square" : "round"}"/>`).join("");
}
