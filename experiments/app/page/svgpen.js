// A pen that draws into an SVG text as a canvas's pen draws pixels: as much of it as maps, signs and sheets ask for.
const xml = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const n = (v) => String(Math.round(v * 10) / 10);
const BASE = { middle: 0.35, bottom: -0.22, alphabetic: 0 }; // of a line of text: how far its foot lies below the point, in its size
const ANCHOR = { left: "start", center: "middle", right: "end" };

export class SvgPen {
  constructor() {
    Object.assign(this, { out: [], path: "", rects: null, fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, font: "10px sans-serif", textAlign: "left", textBaseline: "alphabetic" });
    this.ruler = document.createElement("canvas").getContext("2d");
  }

  beginPath() { this.path = ""; }
  moveTo(x, y) { this.path += `M${n(x)} ${n(y)}`; }
  lineTo(x, y) { this.path += `L${n(x)} ${n(y)}`; }
  closePath() { this.path += "Z"; }

  arc(c, r, radius, from, to) {
    const at = (angle) => `${n(c + radius * Math.cos(angle))} ${n(r + radius * Math.sin(angle))}`, turn = `A${n(radius)} ${n(radius)} 0`;
    if (to - from > 6.283) { this.path += `M${at(0)}${turn} 1 1 ${at(Math.PI)}${turn} 1 1 ${at(0)}Z`; return; }
    this.path += `${this.path ? "L" : "M"}${at(from)}${turn} ${to - from > Math.PI ? 1 : 0} 1 ${at(to)}`;
  }

  fill() { this.put(`<path d="${this.path}" fill="${this.fillStyle}"${this.faint()}/>`); }
  stroke() { this.put(`<path d="${this.path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${n(this.lineWidth)}" stroke-linejoin="round"${this.faint()}/>`); }
  clearRect() {}

  // Rectangles of one colour are one path; neighbours in a row are one rectangle.
  fillRect(x, y, w, h) {
    const { rects } = this, style = `${this.fillStyle} ${this.globalAlpha}`;
    if (rects?.style !== style) { this.put(); this.rects = { style, end: `fill="${this.fillStyle}"${this.faint()}`, all: [] }; }
    const { all } = this.rects, last = all.at(-1);
    if (last && last[1] === y && last[3] === h && x <= last[0] + last[2]) last[2] = Math.max(last[2], x + w - last[0]); else all.push([x, y, w, h]);
  }

  fillText(text, x, y) { this.letters(text, x, y, `fill="${this.fillStyle}"`); }
  strokeText(text, x, y) { this.letters(text, x, y, `fill="none" stroke="${this.strokeStyle}" stroke-width="${n(this.lineWidth)}" stroke-linejoin="round"`); }

  letters(text, x, y, how) {
    const [, weight, size] = /^(\d+ )?([\d.]+)px/.exec(this.font);
    this.put(`<text x="${n(x)}" y="${n(y + BASE[this.textBaseline] * size)}" font-size="${size}" font-weight="${(weight || "400").trim()}" text-anchor="${ANCHOR[this.textAlign]}" ${how}${this.faint()}>${xml(text)}</text>`);
  }

  measureText(text) { this.ruler.font = this.font; return this.ruler.measureText(text); }

  // A drawing {svg, box}, or a canvas, whose pixels become rectangles of one colour.
  drawImage(what, x, y, w, h) {
    if (what.svg !== undefined) { this.put(`<svg x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" viewBox="${what.box}">${what.svg}</svg>`); return; }
    const { width, height } = what, { data } = what.getContext("2d").getImageData(0, 0, width, height), first = data.findIndex((v, k) => k % 4 === 3 && v);
    if (first < 0) return;
    this.fillStyle = `rgb(${data.slice(first - 3, first)})`; this.globalAlpha = data[first] / 255;
    for (let r = 0; r < height; r++) for (let c = 0; c < width; c++) if (data[4 * (r * width + c) + 3]) this.fillRect(x + (c * w) / width, y + (r * h) / height, w / width, h / height);
    this.globalAlpha = 1;
  }

  put(text = "") {
    if (this.rects) { const { all, end } = this.rects; this.rects = null; this.out.push(`<path d="${all.map(([x, y, w, h]) => `M${n(x)} ${n(y)}h${n(w)}v${n(h)}h${n(-w)}z`).join("")}" ${end}/>`); }
    if (text) this.out.push(text);
  }

  faint() { return this.globalAlpha < 1 ? ` opacity="${Math.round(this.globalAlpha * 100) / 100}"` : ""; }

  // All that was drawn, to be put into an SVG.
  get svg() { this.put(); return this.out.join("\n"); }

  // A file of its own.
  whole(width, height, title, family) {
    const space = Object.assign(document.createElement("div"), { innerHTML: "<svg></svg>" }).firstChild.namespaceURI;
    return `<svg xmlns="${space}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family='${family}' role="img" aria-label="${xml(title)}">${this.svg}</svg>`;
  }
}
