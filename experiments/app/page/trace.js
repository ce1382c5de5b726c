// A small line over the years for each future: for the story of one school. (The figures of the city have charts of their own.)
const W = 220, H = 96, PAD = { left: 6, right: 52, top: 10, bottom: 18 };

// lines: [{values, colour, dash}]; low, high: shown at least; tell(v) writes a value; the last one of each line is written at its end.
export function trace({ name, years, lines, year, tell, low: least, high: most }) {
  const known = lines.flatMap((line) => line.values).filter((v) => v !== null && v !== undefined);
  let low = Math.min(least ?? Infinity, ...known), high = Math.max(most ?? -Infinity, ...known);
  if (!known.length) { low = 0; high = 1; }
  if (high - low < 1e-6) { low -= 0.5; high += 0.5; }
  const x = (t) => PAD.left + ((W - PAD.left - PAD.right) * t) / Math.max(years, 1), y = (v) => PAD.top + ((H - PAD.top - PAD.bottom) * (high - v)) / (high - low);
  const drawn = lines.map(({ values, colour, dash }) => {
    const path = values.map((v, t) => (v === null ? "" : `${t && values[t - 1] !== null ? "L" : "M"}${x(t).toFixed(1)},${y(v).toFixed(1)}`)).join("");
    return `<path d="${path}" fill="none" style="stroke:${colour}" stroke-width="2" ${dash ? 'stroke-dasharray="5 3"' : ""}/>`;
  });
  return `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${name}" font-size="11">
<line x1="${x(0)}" x2="${x(years)}" y1="${H - PAD.bottom}" y2="${H - PAD.bottom}" class="tick"/><line x1="${x(year)}" x2="${x(year)}" y1="${PAD.top - 4}" y2="${H - PAD.bottom}" class="now"/>
${drawn.join("")}${ends(lines, x, y, tell).join("")}<text x="${x(0)}" y="${H - 4}">0</text><text x="${x(years)}" y="${H - 4}" text-anchor="middle">${years}</text></svg>`;
}

// The last values, written beside the ends of the lines and pushed apart.
function ends(lines, x, y, tell) {
  const out = lines.map(({ values, colour }) => {
    const last = values.findLastIndex((v) => v !== null && v !== undefined);
    return last < 0 ? null : { x: x(last) + 6, y: y(values[last]) + 4, text: tell(values[last]), colour };
  }).filter(Boolean).sort((a, b) => a.y - b.y);
  for (let k = 1; k < out.length; k++) {
    if (out[k].text === out[k - 1].text && out[k].y - out[k - 1].y < 6) { out.splice(k--, 1); continue; }
    const lack = 12 - (out[k].y - out[k - 1].y);
    if (lack > 0) { out[k - 1].y -= lack / 2; out[k].y += lack / 2; }
  }
  return out.map((end) => `<text x="${end.x.toFixed(1)}" y="${end.y.toFixed(1)}" style="fill:${end.colour}" font-weight="600">${end.text}</text>`);
}
