// What does not change over the years: outlines of areas, borders and names of districts, the scale.
import { districts } from "./raster.js";
import { districtName, number, say } from "./words.js";

const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const SMALL = 400; // pixels of the page below which a map has smaller names

// The ground as pixels: its colour, areas' outlines faint, borders of districts stronger.
export function ground(map) {
  const canvas = document.createElement("canvas");
  canvas.width = map.width; canvas.height = map.height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  lay(pen, map);
  return new Uint32Array(pen.getImageData(0, 0, map.width, map.height).data.buffer);
}

// The same with any pen.
export function lay(pen, map) {
  pen.fillStyle = map.colours.soft;
  pen.fillRect(0, 0, map.width, map.height);
  if (map.layers.districts && map.town.outlines.length) {
    pen.lineJoin = "round";
    pen.strokeStyle = map.colours.grid; pen.lineWidth = map.unit;
    pen.beginPath();
    for (const rings of map.town.outlines) for (const ring of rings) ring.forEach(([x, y], k) => (k ? pen.lineTo(map.column(x), map.row(y)) : pen.moveTo(map.column(x), map.row(y))));
    pen.stroke();
    borders(pen, map);
  }
}

function borders(pen, map) {
  const { width, height } = map, at = districts(map), thick = Math.round(1.5 * map.unit);
  pen.fillStyle = map.colours.muted;
  for (let r = 0; r < height - 1; r++) for (let c = 0; c < width - 1; c++) {
    const k = r * width + c;
    if (at[k] !== at[k + 1] || at[k] !== at[k + width]) pen.fillRect(c, r, thick, thick);
  }
}

// Names of districts at the middle of their homes; the larger first, one that finds no room is left out.
export function names(pen, map) {
  const { town, unit } = map, size = Math.round((map.width / unit < SMALL ? 10 : 11.5) * unit), taken = [];
  pen.font = `600 ${size}px ${FONT}`; pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineJoin = "round";
  for (const { name, c, r } of middles(map)) {
    const lines = wrap(pen, name, Math.max(map.width * 0.24, 70 * unit)), wide = Math.max(...lines.map((line) => pen.measureText(line).width)), high = lines.length * size * 1.15;
    const x = Math.min(Math.max(c, wide / 2 + 4), map.width - wide / 2 - 4);
    const box = [0, -1, 1, -2, 2].map((k) => [x - wide / 2 - 3, r - high / 2 + k * size, x + wide / 2 + 3, r + high / 2 + k * size])
      .find((one) => one[1] > 0 && one[3] < map.height && taken.every((b) => one[0] > b[2] || one[2] < b[0] || one[1] > b[3] || one[3] < b[1]));
    if (!box) continue;
    taken.push(box);
    lines.forEach((line, k) => {
      const y = box[1] + (k + 0.5) * size * 1.15;
      pen.globalAlpha = 0.85; pen.strokeStyle = map.colours.paper; pen.lineWidth = 3.5 * unit; pen.strokeText(line, x, y);
      pen.globalAlpha = 1; pen.fillStyle = map.colours.ink; pen.fillText(line, x, y);
    });
  }
}

function middles(map) {
  const { town } = map, sums = town.districts.map((name) => ({ name: districtName(name).split(",")[0], c: 0, r: 0, n: 0 }));
  town.places.area.forEach((area, p) => { const one = sums[town.area_district[area]]; one.c += map.placeC[p]; one.r += map.placeR[p]; one.n++; });
  return sums.filter((one) => one.n).map((one) => ({ name: one.name, n: one.n, c: one.c / one.n, r: one.r / one.n })).sort((a, b) => b.n - a.n);
}

function wrap(pen, text, most) {
  if (pen.measureText(text).width <= most || !text.includes(" ")) return [text];
  const words = text.split(" ");
  const cut = words.slice(1).map((_, k) => [words.slice(0, k + 1).join(" "), words.slice(k + 1).join(" ")]);
  return cut.reduce((best, one) => (Math.max(one[0].length, one[1].length) < Math.max(best[0].length, best[1].length) ? one : best));
}

// A bar of 1, 2 or 5 km (times a power of ten), at most a quarter of the map.
export function scaleBar(pen, map) {
  const most = map.width / 4 / map.scale, power = 10 ** Math.floor(Math.log10(most));
  const km = [5, 2, 1].map((k) => k * power).find((one) => one <= most), { unit } = map;
  const long = km * map.scale, x = 10 * unit, y = map.height - 10 * unit, text = say("scale", { km: number(km, km < 1 ? Math.ceil(-Math.log10(km)) : 0) });
  pen.font = `${Math.round(11.5 * unit)}px ${FONT}`; pen.textAlign = "left"; pen.textBaseline = "bottom";
  for (const [colour, extra] of [[map.colours.soft, 3], [map.colours.ink, 0]]) {
    pen.strokeStyle = colour; pen.lineWidth = (1.5 + extra) * unit;
    pen.beginPath(); pen.moveTo(x, y - 5 * unit); pen.lineTo(x, y); pen.lineTo(x + long, y); pen.lineTo(x + long, y - 5 * unit); pen.stroke();
    if (extra) pen.strokeText(text, x + 5 * unit, y - 3 * unit); else { pen.fillStyle = colour; pen.fillText(text, x + 5 * unit, y - 3 * unit); }
  }
}
