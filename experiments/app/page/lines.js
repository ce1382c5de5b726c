// A small chart of one figure over the years: two lines, and bands where there are any.
const W = 260, H = 130, PAD = { left: 44, right: 12, top: 20, bottom: 22 };

export function chart(title, years, futures, year, format) {
  const values = futures.flatMap((f) => [...(f.values || []), ...(f.low || []), ...(f.high || [])]).filter((v) => v !== null && v !== undefined);
  let low = Math.min(...values), high = Math.max(...values);
  if (!values.length) { low = 0; high = 1; }
  if (high - low < 1e-9) { low -= Math.abs(low) * 0.1 + 0.01; high += Math.abs(high) * 0.1 + 0.01; }
  const x = (t) => PAD.left + ((W - PAD.left - PAD.right) * t) / Math.max(years, 1);
  const y = (v) => PAD.top + ((H - PAD.top - PAD.bottom) * (high - v)) / (high - low);
  const path = (points) => points.map((v, t) => (v === null ? "" : `${t && points[t - 1] !== null ? "L" : "M"}${x(t).toFixed(1)},${y(v).toFixed(1)}`)).join("");
  const parts = futures.map((f) => {
    const band = f.low && f.low.length ? `<path d="${path(f.low)}${[...f.high].map((v, t) => [v, t]).reverse().map(([v, t]) => `L${x(t).toFixed(1)},${y(v).toFixed(1)}`).join("")}Z" fill="${f.colour}" opacity="0.16"/>` : "";
    return `${band}<path d="${path(f.values || [])}" fill="none" stroke="${f.colour}" stroke-width="2" ${f.dash ? 'stroke-dasharray="5 3"' : ""}/>`;
  });
  const marks = [low, high].map((v) => `<text x="${PAD.left - 5}" y="${y(v) + 4}" text-anchor="end">${format(v)}</text>`).join("");
  const now = `<line x1="${x(year)}" x2="${x(year)}" y1="${PAD.top}" y2="${H - PAD.bottom}" stroke="currentColor" opacity="0.35"/>`;
  return `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${title}" font-size="11" fill="currentColor"><text x="0" y="12" font-size="12.5" font-weight="600">${title}</text>${marks}${parts.join("")}${now}<text x="${x(0)}" y="${H - 6}">0</text><text x="${x(years)}" y="${H - 6}" text-anchor="end">${years}</text></svg>`;
}
