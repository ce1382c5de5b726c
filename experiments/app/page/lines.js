// A small chart of one figure over the years: axis, bands and middles of many runs, the run on the map, labels at the lines.
const W = 340, H = 170, PAD = { left: 54, right: 62, top: 8, bottom: 30 };

// Two to four round numbers between low and high, and the digits that tell them apart.
export function ticks(low, high) {
  const power = 10 ** Math.floor(Math.log10(high - low));
  const between = (step) => Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
  const step = [5, 2.5, 2, 1, 0.5, 0.25, 0.2, 0.1].map((k) => k * power).find((one) => between(one) >= 2);
  const first = Math.ceil(low / step - 1e-9), digits = [0, 1, 2, 3, 4, 5, 6].find((d) => Math.abs(step * 10 ** d - Math.round(step * 10 ** d)) < 1e-6) ?? 6;
  return { digits, at: Array.from({ length: between(step) }, (_, k) => (first + k) * step || 0) };
}

// futures: {label, colour, dash, values (the run on the map), low, mid, high}; tell(value, digits) writes a tick.
export function chart({ name, years, futures, year, tell, least, floor, words }) {
  const known = futures.flatMap((f) => [f.values, f.low, f.mid, f.high].flatMap((v) => v || [])).filter((v) => v !== null && v !== undefined);
  let low = known.length ? Math.min(...known) : 0, high = known.length ? Math.max(...known) : 1;
  const lack = Math.max(least - (high - low), 0) / 2, room = Math.max(high - low, least) * 0.06;
  low -= lack + room; high += lack + room;
  if (floor !== undefined && low < floor + room * 2) { high += Math.max(floor - low, 0); low = floor; }
  const x = (t) => PAD.left + ((W - PAD.left - PAD.right) * t) / Math.max(years, 1);
  const y = (v) => PAD.top + ((H - PAD.top - PAD.bottom) * (high - v)) / (high - low);
  const grid = ticks(low, high), foot = H - PAD.bottom;
  const rows = grid.at.map((v) => `<line x1="${PAD.left}" x2="${W - PAD.right}" y1="${y(v)}" y2="${y(v)}" class="grid"/><text x="${PAD.left - 6}" y="${y(v) + 4}" text-anchor="end">${tell(v, grid.digits)}</text>`);
  const every = years > 24 ? 10 : years > 8 ? 5 : years > 4 ? 2 : 1;
  const columns = Array.from({ length: years + 1 }, (_, t) => t).filter((t) => t % every === 0);
  const axis = columns.map((t) => `<line x1="${x(t)}" x2="${x(t)}" y1="${foot}" y2="${foot + 4}" class="tick"/><text x="${x(t)}" y="${foot + 16}" text-anchor="middle">${t}</text>`);
  const now = `<line x1="${x(year)}" x2="${x(year)}" y1="${PAD.top}" y2="${foot}" class="now"/><circle cx="${x(year)}" cy="${foot}" r="3" class="now-dot"/>`;
  return `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${name}" font-size="12">${rows.join("")}<line x1="${PAD.left}" x2="${W - PAD.right}" y1="${foot}" y2="${foot}" class="tick"/>${axis.join("")}
<text x="${W - PAD.right + 13}" y="${foot + 16}">${words.year}</text>${futures.map((f) => drawn(f, x, y)).join("")}${now}${labels(futures, x, y).join("")}</svg>`;
}

function drawn(f, x, y) {
  const path = (values) => values.map((v, t) => (v === null || v === undefined ? "" : `${t && values[t - 1] !== null ? "L" : "M"}${x(t).toFixed(1)},${y(v).toFixed(1)}`)).join("");
  const dash = f.dash ? 'stroke-dasharray="5 3"' : "";
  if (!f.mid?.some((v) => v !== null)) return `<path d="${path(f.values || [])}" fill="none" stroke="${f.colour}" stroke-width="2.2" ${dash}/>`;
  const back = f.high.map((v, t) => [v, t]).filter(([v]) => v !== null).reverse().map(([v, t]) => `L${x(t).toFixed(1)},${y(v).toFixed(1)}`).join("");
  return `<path d="${path(f.low)}${back}Z" fill="${f.colour}" opacity="0.18"/><path d="${path(f.values || [])}" fill="none" stroke="${f.colour}" stroke-width="1" opacity="0.55" ${dash}/>
<path d="${path(f.mid)}" fill="none" stroke="${f.colour}" stroke-width="2.4" ${dash}/>`;
}

// Labels beside the ends of the lines, pushed apart where they would overlap.
function labels(futures, x, y) {
  const ends = futures.map((f) => {
    const line = f.mid?.some((v) => v !== null) ? f.mid : f.values || [];
    const last = line.findLastIndex((v) => v !== null && v !== undefined);
    return last < 0 ? null : { text: f.label, colour: f.colour, x: x(last) + 6, y: y(line[last]) + 4 };
  }).filter(Boolean).sort((a, b) => a.y - b.y);
  for (let k = 1; k < ends.length; k++) {
    const lack = 14 - (ends[k].y - ends[k - 1].y);
    if (lack > 0 && Math.abs(ends[k].x - ends[k - 1].x) < 60) { ends[k - 1].y -= lack / 2; ends[k].y += lack / 2; }
  }
  const lowest = H - PAD.bottom + 2, over = Math.max(0, (ends.at(-1)?.y ?? 0) - lowest);
  return ends.map((end) => `<text x="${end.x}" y="${end.y - over}" fill="${end.colour}" class="line-label">${end.text}</text>`);
}
