// How a school looks: a disc with the minority's share as a slice, signs for theme, label, reputation, closure. On the map and in the legend.
export const GOOD = 0.4; // standard deviations of reputation from which a school has a good, or a poor, name

export function school(pen, c, r, radius, unit, colours, { share, open, theme, label, reputation }) {
  if (!open) { cross(pen, c, r, 4 * unit, unit, colours); return; }
  circle(pen, c, r, radius + 1.2 * unit); pen.fillStyle = colours.paper; pen.fill();
  circle(pen, c, r, radius); pen.fillStyle = colours.paper; pen.fill();
  pen.beginPath(); pen.moveTo(c, r); pen.arc(c, r, radius, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share); pen.closePath();
  pen.fillStyle = colours.minority; pen.fill();
  circle(pen, c, r, radius); pen.strokeStyle = colours.ink; pen.lineWidth = unit; pen.stroke();
  if (theme) { circle(pen, c, r, radius + 2.6 * unit); pen.lineWidth = 2.6 * unit; pen.stroke(); }
  if (label) flag(pen, c + radius * 0.6, r - radius * 0.75, unit, colours);
  if (reputation !== null && Math.abs(reputation) >= GOOD) name(pen, c, r, radius + (theme ? 4 : 0) * unit, unit, colours, reputation);
}

function circle(pen, c, r, radius) { pen.beginPath(); pen.arc(c, r, radius, 0, 2 * Math.PI); }

// A triangle over a school with a good name, under one with a poor name; larger the further from the city's middle.
function name(pen, c, r, radius, unit, colours, reputation) {
  const way = Math.sign(reputation), high = Math.min(4 + 3.5 * Math.abs(reputation), 11) * unit, foot = r - way * (radius + 2.5 * unit);
  pen.beginPath(); pen.moveTo(c - high * 0.55, foot); pen.lineTo(c + high * 0.55, foot); pen.lineTo(c, foot - way * high); pen.closePath();
  pen.lineWidth = 1.5 * unit; pen.strokeStyle = colours.paper; pen.stroke();
  pen.fillStyle = colours.ink; pen.fill();
}

function flag(pen, c, r, unit, colours) {
  const path = () => { pen.beginPath(); pen.moveTo(c, r + 2 * unit); pen.lineTo(c, r - 9 * unit); pen.lineTo(c + 8 * unit, r - 6 * unit); pen.lineTo(c, r - 3 * unit); };
  path(); pen.strokeStyle = colours.paper; pen.lineWidth = 3.5 * unit; pen.stroke();
  path(); pen.strokeStyle = colours.ink; pen.lineWidth = 1.4 * unit; pen.stroke(); pen.fillStyle = colours.ink; pen.fill();
}

function cross(pen, c, r, half, unit, colours) {
  for (const [colour, width] of [[colours.paper, 4], [colours.muted, 1.8]]) {
    pen.beginPath(); pen.moveTo(c - half, r - half); pen.lineTo(c + half, r + half); pen.moveTo(c + half, r - half); pen.lineTo(c - half, r + half);
    pen.strokeStyle = colour; pen.lineWidth = width * unit; pen.stroke();
  }
}
