// Pictures that stand alone: a chart, or both maps, as SVG or PNG; with title, year, legend and source.
import { SvgPen } from "./svgpen.js";

const STYLED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity", "font-size", "font-weight", "text-anchor", "stroke-linecap", "stroke-linejoin", "paint-order"];
const FONT = '"Noto Sans", "DejaVu Sans", system-ui, sans-serif', INK = "#1b1f24", MUTED = "#5a646f";
const SIGN = 30; // pixels of a sign of the legend
const LARGER = 1.5, PAD = 16, FINE = 2; // of a chart: scale, margin; pixels of a PNG for each unit

const xml = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

// The text in lines that are no longer than ``width``.
export function wrapped(text, width, font) {
  const pen = document.createElement("canvas").getContext("2d"), lines = [""];
  pen.font = font;
  for (const word of String(text).split(/\s+/)) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (lines.at(-1) && pen.measureText(longer).width > width) lines.push(word); else lines[lines.length - 1] = longer;
  }
  return lines;
}

// A copy of a drawing that needs no style sheet.
function copied(svg) {
  const copy = svg.cloneNode(true), from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((node, k) => {
    const style = getComputedStyle(node);
    for (const key of STYLED) to[k].setAttribute(key, style.getPropertyValue(key));
    for (const key of ["class", "style"]) to[k].removeAttribute(key);
  });
  return copy;
}

// A chart as a file of its own. legend: [colour, words, dashed] each.
export function standalone(svg, { title, year, source, legend }) {
  const box = svg.viewBox.baseVal, inner = Math.max(box.width * LARGER, 460), whole = inner + 2 * PAD, chart = copied(svg), high = box.height * LARGER;
  const heads = wrapped(title, inner, `600 16px ${FONT}`), feet = wrapped(`${year} · ${source}`, inner, `10px ${FONT}`);
  let y = PAD + 14;
  const text = (line, size, colour, weight = 400, x = PAD) => `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${colour}">${xml(line)}</text>`;
  const top = heads.map((line, k) => { y += k ? 20 : 0; return text(line, 16, INK, 600); }).join("");
  y += 24;
  let x = PAD;
  const key = legend.map(([colour, words, dashed]) => {
    const out = `<line x1="${x}" x2="${x + 26}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2.4" ${dashed ? 'stroke-dasharray="5 3"' : ""}/>${text(words, 12, INK, 400, x + 32)}`;
    x += 50 + document.createElement("canvas").getContext("2d").measureText(words).width * 1.35;
    return out;
  }).join("");
  y += 14;
  for (const [name, value] of Object.entries({ x: PAD, y, width: box.width * LARGER, height: high, overflow: "visible" })) chart.setAttribute(name, value);
  y += high + 22;
  const foot = feet.map((line, k) => { y += k ? 13 : 0; return text(line, 10, MUTED); }).join("");
  return `<svg xmlns="${svg.namespaceURI}" width="${whole}" height="${y + PAD}" viewBox="0 0 ${whole} ${y + PAD}" font-family='${FONT}' role="img" aria-label="${xml(title)}"><rect width="100%" height="100%" fill="#fff"/>${top}${key}${new XMLSerializer().serializeToString(chart)}${foot}</svg>`;
}

export async function toPng(text) {
  const image = await drawn(text), canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * FINE; canvas.height = image.naturalHeight * FINE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return blobOf(canvas);
}

const blobOf = (canvas) => new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("PNG"))), "image/png"));

// Both maps beside each other. sides: {map, title}, a canvas or a drawing; legend: {text, images} each, as signs() makes it; kind: "png" or "svg".
export async function compose(sides, legend, { title, year, source }, kind) {
  const map = 800, gap = 24, whole = 2 * map + 3 * gap, canvas = document.createElement("canvas"), pen = kind === "svg" ? new SvgPen() : canvas.getContext("2d");
  const high = Math.max(...sides.map((side) => map * (side.map.height / side.map.width)));
  const feet = wrapped(source, whole - 2 * gap, `18px ${FONT}`), rows = legendRows(legend, whole - 2 * gap);
  canvas.width = whole; canvas.height = 170 + high + 30 + rows.length * 32 + feet.length * 24 + gap;
  pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height);
  const text = (line, x, y, font, colour = INK, side = "left") => { pen.font = `${font} ${FONT}`; pen.fillStyle = colour; pen.textAlign = side; pen.fillText(line, x, y); };
  text(title, gap, 60, "600 34px");
  text(year, whole - gap, 70, "600 60px", INK, "right");
  sides.forEach(({ map: drawn, title: head }, side) => {
    const x = gap + side * (map + gap);
    text(head, x, 138, "600 24px");
    pen.drawImage(drawn, x, 154, map, map * (drawn.height / drawn.width));
  });
  let y = 154 + high + 40;
  for (const row of rows) {
    for (const { text: words, images, x } of row) {
      images.forEach((image, k) => pen.drawImage(image, gap + x + k * SIGN, y - SIGN / 2 - 7, SIGN, SIGN));
      text(words, gap + x + images.length * SIGN, y, "20px", MUTED);
    }
    y += 32;
  }
  for (const foot of feet) { text(foot, gap, y + 4, "18px", MUTED); y += 24; }
  return kind === "svg" ? new Blob([pen.whole(canvas.width, canvas.height, title, FONT)], { type: "image/svg+xml" }) : blobOf(canvas);
}

// The legend of the page: each entry's words and its signs, which are drawings or canvases, as images, or with ``kind`` "svg" as drawings.
export function signs(entries, kind) {
  return Promise.all(entries.map(async (node) => ({ text: node.textContent.trim(), images: await Promise.all([...node.querySelectorAll("svg, canvas")].map(kind === "svg" ? linesOf : signOf)) })));
}

function linesOf(sign) {
  if (sign.again) { const pen = new SvgPen(), { draw, side } = sign.again; draw(pen, 1); return { svg: pen.svg, box: `0 0 ${side} ${side}` }; }
  const { width, height } = sign.getBoundingClientRect(), side = Math.max(width, height);
  return { svg: copied(sign).innerHTML, box: `${(width - side) / 2} ${(height - side) / 2} ${side} ${side}` };
}

// A square image of a sign.
async function signOf(sign) {
  if (sign.tagName === "CANVAS") return sign;
  const copy = copied(sign), { width, height } = sign.getBoundingClientRect(), side = Math.max(width, height);
  for (const [key, value] of Object.entries({ xmlns: sign.namespaceURI, viewBox: `${(width - side) / 2} ${(height - side) / 2} ${side} ${side}`, width: 4 * SIGN, height: 4 * SIGN })) copy.setAttribute(key, value);
  return drawn(new XMLSerializer().serializeToString(copy));
}

async function drawn(text) {
  const image = new Image(), address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.src = address;
  await image.decode();
  URL.revokeObjectURL(address);
  return image;
}

// The legend in rows: the place of each part.
function legendRows(legend, width) {
  const pen = document.createElement("canvas").getContext("2d"), rows = [[]];
  pen.font = `20px ${FONT}`;
  let x = 0;
  for (const part of legend) {
    const wide = pen.measureText(part.text).width + part.images.length * SIGN;
    if (x && x + wide > width) { rows.push([]); x = 0; }
    rows.at(-1).push({ ...part, x });
    x += wide + 36;
  }
  return rows;
}
