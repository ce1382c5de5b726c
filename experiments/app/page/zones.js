// Areas of local schools as thin lines: each spot belongs to the address point nearest to it, and that to its local school.
const FAR = 1.7; // spacings of address points beyond which nobody lives
let known = { town: null, size: "", nearest: null };
const drawn = new Map(); // lines by zones, size and colour

export function zoneLines(map, local, colour) {
  const size = `${map.width}x${map.height}`;
  if (known.town !== map.town || known.size !== size) { known = { town: map.town, size, nearest: nearest(map) }; drawn.clear(); }
  const key = `${map.schools.zones} ${colour}`;
  if (!drawn.has(key)) {
    if (drawn.size >= 6) drawn.delete(drawn.keys().next().value);
    drawn.set(key, lines(known.nearest, local, colour));
  }
  return drawn.get(key);
}

// The address point nearest to each pixel of the page, -1: none near. By jumping floods (Rong and Tan 2006).
function nearest(map) {
  const w = Math.ceil(map.width / map.unit), h = Math.ceil(map.height / map.unit), { unit } = map;
  let now = new Int32Array(w * h).fill(-1), next = new Int32Array(w * h);
  const cs = map.placeC.map((v) => v / unit), rs = map.placeR.map((v) => v / unit);
  for (let p = 0; p < cs.length; p++) now[Math.min(rs[p] | 0, h - 1) * w + Math.min(cs[p] | 0, w - 1)] = p;
  for (let step = 1 << Math.floor(Math.log2(Math.max(w, h))); step >= 1; step >>= 1) {
    for (let r = 0; r < h; r++) for (let c = 0; c < w; c++) {
      let best = -1, near = Infinity;
      for (let dr = -step; dr <= step; dr += step) {
        const row = r + dr;
        if (row < 0 || row >= h) continue;
        for (let dc = -step; dc <= step; dc += step) {
          const column = c + dc, p = column < 0 || column >= w ? -1 : now[row * w + column];
          if (p < 0) continue;
          const d = (cs[p] - c) ** 2 + (rs[p] - r) ** 2;
          if (d < near) { near = d; best = p; }
        }
      }
      next[r * w + c] = best;
    }
    [now, next] = [next, now];
  }
  const far = Math.max((FAR * map.spacing) / unit, 6) ** 2;
  for (let r = 0; r < h; r++) for (let c = 0; c < w; c++) {
    const p = now[r * w + c];
    if (p >= 0 && (cs[p] - c) ** 2 + (rs[p] - r) ** 2 > far) now[r * w + c] = -1;
  }
  return { w, h, at: now };
}

function lines({ w, h, at }, local, colour) {
  const canvas = document.createElement("canvas");
  canvas.width = w; canvas.height = h;
  const pen = canvas.getContext("2d", { willReadFrequently: true }); // as an SVG it is read pixel by pixel
  const zone = (k) => (at[k] < 0 ? -1 : local[at[k]]);
  pen.fillStyle = colour; pen.globalAlpha = 0.55;
  for (let r = 0; r < h - 1; r++) for (let c = 0; c < w - 1; c++) {
    const k = r * w + c, own = zone(k);
    if (zone(k + 1) !== own || zone(k + w) !== own) pen.fillRect(c, r, 1, 1);
  }
  return canvas;
}
