// One map: families as dots at home, those away from their local school on their way, schools as discs.
import { MINORITY, AWAY } from "./frames.js";

const MAJORITY_COLOUR = [0, 114, 178], MINORITY_COLOUR = [200, 84, 0];
const AT_HOME = [[160, 196, 222], [232, 186, 148]]; // paler: families whose child is at the local school
const JITTER = 0.14; // km round an address point over which its families are spread

export class CityMap {
  constructor(canvas, town) {
    this.canvas = canvas;
    this.town = town;
    this.frame = null;
    this.schools = null;
    this.phase = 1; // 0 to 1: how far the away have come on their way
    this.fit();
  }

  fit() {
    const box = this.canvas.getBoundingClientRect();
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.width = this.canvas.width = Math.max(Math.round(box.width * ratio), 50);
    this.height = this.canvas.height = Math.max(Math.round(box.height * ratio), 50);
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(this.width, this.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    const { x, y } = this.town.places;
    const low = [Math.min(...x), Math.min(...y)], high = [Math.max(...x), Math.max(...y)];
    const span = Math.max(high[0] - low[0], high[1] - low[1]) * 1.08 + 0.4;
    this.scale = this.width / span;
    this.left = (low[0] + high[0] - span) / 2;
    this.top = (low[1] + high[1] + span) / 2;
    this.backdrop = null;
  }

  column(x) { return (x - this.left) * this.scale; }
  row(y) { return (this.top - y) * this.scale; }

  // Outlines of areas, drawn once.
  ground() {
    const canvas = document.createElement("canvas");
    canvas.width = this.width; canvas.height = this.height;
    const pen = canvas.getContext("2d");
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--soft");
    pen.fillRect(0, 0, this.width, this.height);
    pen.strokeStyle = "#00000022";
    for (const rings of this.town.outlines) for (const ring of rings) {
      pen.beginPath();
      ring.forEach(([x, y], i) => (i ? pen.lineTo(this.column(x), this.row(y)) : pen.moveTo(this.column(x), this.row(y))));
      pen.closePath(); pen.stroke();
    }
    this.backdrop = pen.getImageData(0, 0, this.width, this.height);
    this.still = new Uint32Array(this.backdrop.data.buffer);
  }

  draw() {
    if (!this.backdrop) this.ground();
    this.pixels.set(this.still);
    if (this.frame) this.families();
    this.context.putImageData(this.image, 0, 0);
    if (this.schools) this.discs();
  }

  families() {
    const { n, key, place, school, flags } = this.frame, { x, y } = this.town.places;
    const sx = this.schools.x, sy = this.schools.y, w = this.width, h = this.height, out = this.pixels;
    const pale = AT_HOME.map(rgba), strong = [rgba(MAJORITY_COLOUR), rgba(MINORITY_COLOUR)];
    const size = n > 20000 && this.width < 900 ? 1 : 2, ease = this.phase * this.phase * (3 - 2 * this.phase);
    for (let i = 0; i < n; i++) {
      let px = x[place[i]] + JITTER * (((key[i] * 2654435761) >>> 16 & 1023) / 512 - 1);
      let py = y[place[i]] + JITTER * (((key[i] * 2246822519) >>> 16 & 1023) / 512 - 1);
      const away = flags[i] & AWAY && school[i] >= 0;
      if (away) { px += (sx[school[i]] - px) * ease * 0.85; py += (sy[school[i]] - py) * ease * 0.85; }
      const c = ((px - this.left) * this.scale) | 0, r = ((this.top - py) * this.scale) | 0;
      if (c < 0 || r < 0 || c >= w - size || r >= h - size) continue;
      const at = r * w + c, paint = (away ? strong : pale)[flags[i] & MINORITY];
      out[at] = paint;
      if (size > 1) { out[at + 1] = paint; out[at + w] = paint; out[at + w + 1] = paint; }
    }
  }

  discs() {
    const { x, y, pupils, share, open, theme } = this.schools, pen = this.context;
    for (let s = 0; s < x.length; s++) {
      if (!open[s]) continue;
      const c = this.column(x[s]), r = this.row(y[s]), size = this.size(pupils[s]);
      pen.beginPath(); pen.arc(c, r, size, 0, 2 * Math.PI); pen.fillStyle = "#ffffffd8"; pen.fill();
      pen.beginPath(); pen.moveTo(c, r); pen.arc(c, r, size, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share[s]); pen.closePath();
      pen.fillStyle = css(MINORITY_COLOUR); pen.fill();
      pen.beginPath(); pen.arc(c, r, size, 0, 2 * Math.PI); pen.strokeStyle = theme[s] ? "#111" : "#0006"; pen.lineWidth = theme[s] ? 2.5 : 1; pen.stroke();
    }
  }

  size(pupils) { return Math.max(2, Math.sqrt(pupils) * 0.018 * this.width / 40); }

  // The school at a pointer's place, -1: none.
  schoolAt(event) {
    if (!this.schools) return -1;
    const box = this.canvas.getBoundingClientRect(), ratio = this.width / box.width;
    const c = (event.clientX - box.left) * ratio, r = (event.clientY - box.top) * ratio;
    let best = -1, near = Infinity;
    for (let s = 0; s < this.schools.x.length; s++) {
      const d = Math.hypot(this.column(this.schools.x[s]) - c, this.row(this.schools.y[s]) - r);
      if (this.schools.open[s] && d < near && d < this.size(this.schools.pupils[s]) + 6) { best = s; near = d; }
    }
    return best;
  }
}

const rgba = ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0;
const css = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`;
