// The colours of the page, light or dark, as canvases and pixels take them.
const NAMES = { ink: "--ink", paper: "--paper", muted: "--muted", grid: "--grid", soft: "--soft", majority: "--majority", minority: "--minority" };
const PALE = 0.45; // how much of its colour a family at its local school keeps, the rest is ground

// {ink, paper ...: css colours; still: [majority, minority] pale pixels; away: the same, strong}
export function look() {
  const style = getComputedStyle(document.documentElement), out = {};
  for (const [name, variable] of Object.entries(NAMES)) out[name] = style.getPropertyValue(variable).trim();
  const ground = parts(out.soft), sides = [parts(out.majority), parts(out.minority)];
  out.away = sides.map(pixel);
  out.still = sides.map((side) => pixel(side.map((v, k) => Math.round(v * PALE + ground[k] * (1 - PALE)))));
  return out;
}

function parts(hex) {
  const long = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  return [1, 3, 5].map((at) => parseInt(long.slice(at, at + 2), 16));
}

const pixel = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

// Whether the reader asked for a page that does not move.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
export const still = () => calm.matches;

// Call ``heard`` when the reader's system goes from light to dark or back.
export const onLook = (heard) => matchMedia("(prefers-color-scheme: dark)").addEventListener("change", heard);
