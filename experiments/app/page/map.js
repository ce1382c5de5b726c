// One map: families as dots at home, those away from their local school at the school they went to, schools as discs.
import { Dots } from "./dots.js";
import { MINORITY } from "./frames.js";
import { ground, names, scaleBar } from "./ground.js";
import { look } from "./look.js";
import { school } from "./symbols.js";
import { zoneLines } from "./zones.js";

const DISCS = 0.075; // share of the map that schools' discs cover
const MARGIN = 26; // pixels of the page round the outermost homes
const ARRIVED = 0.8; // part of a year after which all have come to their schools

export class CityMap {
  // ``layers``: what is shown, {families, schools, districts, zones, reputation}, shared by both maps. ``fine``: pixels for each of the page, if
  // not the screen's.
  constructor(canvas, town, layers, fine = 0) {
    Object.assign(this, { canvas, town, layers, fine, frame: null, schools: null, local: null, phase: 1, lit: -1, dirty: true, dots: new Dots() });
    this.context = canvas.getContext("2d");
    this.top = document.createElement("canvas");
    const { x, y } = town.places, all = [extent([...x, ...town.schools.x]), extent([...y, ...town.schools.y])];
    this.middle = all.map(([low, high]) => (low + high) / 2);
    this.span = all.map(([low, high]) => Math.max(high - low, 0.1));
    canvas.style.aspectRatio = Math.min(Math.max(this.span[0] / this.span[1], 1), 1.4).toFixed(3);
    this.fit();
  }

  // Take the canvas's size on the screen, and put places there.
  fit() {
    const box = this.canvas.getBoundingClientRect(), unit = this.fine || Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.max(Math.round(box.width * unit), 60), height = Math.max(Math.round(box.height * unit), 60);
    if (width === this.width && height === this.height && unit === this.unit) return;
    Object.assign(this, { unit, width, height });
    for (const canvas of [this.canvas, this.top]) { canvas.width = width; canvas.height = height; }
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.still = new Uint32Array(width * height);
    const margin = Math.min(MARGIN * unit, width / 8), [wide, high] = this.span;
    this.scale = Math.min((width - 2 * margin) / wide, (height - 2 * margin) / high); // pixels a km
    this.area = Math.min(wide, 3 * high) * Math.min(high, 3 * wide) * this.scale ** 2;
    const { x, y } = this.town.places;
    this.placeC = Float32Array.from(x, (v) => this.column(v));
    this.placeR = Float32Array.from(y, (v) => this.row(v));
    this.spacing = Math.sqrt((0.6 * this.area) / Math.max(x.length, 1));
    this.spread = Math.min(0.55 * this.spacing, 40 * unit);
    this.paint();
  }

  column(x) { return this.width / 2 + (x - this.middle[0]) * this.scale; }
  row(y) { return this.height / 2 - (y - this.middle[1]) * this.scale; }

  // Colours have changed, or the size: all is drawn anew.
  paint() {
    this.colours = look();
    this.ground = null;
    this.settle();
  }

  // Another year: its families, its schools, the local school of each place.
  show(frame, schools, local) {
    Object.assign(this, { frame, schools, local });
    this.settle();
  }

  // Draw what stands still until the next year.
  settle() {
    this.ground ||= ground(this);
    this.dirty = true;
    if (!this.schools) { this.still.set(this.ground); return; }
    this.schoolC = Float32Array.from(this.schools.x, (v) => this.column(v));
    this.schoolR = Float32Array.from(this.schools.y, (v) => this.row(v));
    this.discs = Float32Array.from(this.schools.pupils, (pupils) => this.size(pupils));
    this.still.set(this.ground);
    if (this.layers.families) this.dots.settle(this.frame, this, this.still, this.colours);
    this.over();
    this.light(this.lit);
  }

  // What lies over the families: zones, schools, names, the scale; with any pen.
  over(pen = this.top.getContext("2d")) {
    const { layers, unit } = this;
    pen.clearRect(0, 0, this.width, this.height);
    if (layers.zones && this.local) pen.drawImage(zoneLines(this, this.local, this.colours.ink), 0, 0, this.width, this.height);
    if (layers.schools) for (let s = 0; s < this.schoolC.length; s++) {
      const at = this.schools;
      school(pen, this.schoolC[s], this.schoolR[s], this.discs[s], unit, this.colours, {
        share: at.share[s], open: at.open[s], theme: at.theme[s], label: at.label[s], reputation: layers.reputation ? at.reputation[s] : null,
      });
    }
    if (layers.districts) names(pen, this);
    scaleBar(pen, this);
  }

  // The radius of a school's disc in pixels. Both maps and all years have one measure: the pupils of the first frame.
  size(pupils) {
    if (!this.town.measure) this.town.measure = this.schools.pupils.reduce((a, b) => a + b, 0) || 1;
    const most = Math.min(this.width, this.height) / 12;
    return Math.min(Math.max(3 * this.unit, Math.sqrt((pupils * DISCS * this.area) / (Math.PI * this.town.measure))), most);
  }

  // Light up a school (-1: none) and the homes of its pupils.
  light(s) {
    this.lit = s;
    this.dirty = true;
    this.pupils = [];
    if (s < 0 || !this.frame || !this.layers.families) return;
    const { n, school: at } = this.frame;
    for (let i = 0; i < n; i++) if (at[i] === s) this.pupils.push(i);
  }

  // Draw what has changed; returns whether anything had.
  draw(phase) {
    const moves = this.layers.families && this.dots.movers > 0 && phase !== this.phase;
    if (!this.dirty && !moves) return false;
    this.dirty = false;
    this.phase = phase;
    this.pixels.set(this.still);
    if (this.frame && this.layers.families) {
      const t = Math.min(phase / ARRIVED, 1);
      this.dots.move(this.pixels, this.colours, t * t * (3 - 2 * t));
    }
    this.context.putImageData(this.image, 0, 0);
    if (this.schools) this.context.drawImage(this.top, 0, 0);
    if (this.lit >= 0 && this.lit < (this.schoolC?.length ?? 0)) this.halo();
    return true;
  }

  // The lit school: lines from its pupils' homes, and a ring.
  halo() {
    const pen = this.context, { unit } = this, c = this.schoolC[this.lit], r = this.schoolR[this.lit];
    for (const side of [0, MINORITY]) {
      pen.beginPath();
      for (const i of this.pupils) if ((this.frame.flags[i] & MINORITY) === side) { const [hc, hr] = this.home(i); pen.moveTo(hc, hr); pen.lineTo(c, r); }
      pen.globalAlpha = 0.35; pen.lineWidth = 0.8 * unit; pen.strokeStyle = side ? this.colours.minority : this.colours.majority; pen.stroke();
    }
    pen.globalAlpha = 1;
    pen.drawImage(this.top, 0, 0);
    pen.beginPath(); pen.arc(c, r, this.discs[this.lit] + 5 * unit, 0, 2 * Math.PI);
    pen.lineWidth = 2.5 * unit; pen.strokeStyle = this.colours.ink; pen.stroke();
  }

  home(i) { const p = this.frame.place[i]; return [this.placeC[p], this.placeR[p]]; }

  // What is under the pointer: {school} or {family} by number, or null.
  under(event) {
    if (!this.schools) return null;
    const box = this.canvas.getBoundingClientRect(), k = this.width / box.width;
    const c = (event.clientX - box.left) * k, r = (event.clientY - box.top) * k;
    if (this.layers.schools) {
      let best = -1, near = Infinity;
      for (let s = 0; s < this.schoolC.length; s++) {
        const d = Math.hypot(this.schoolC[s] - c, this.schoolR[s] - r);
        if (d < near && d < this.discs[s] + 3 * this.unit) { best = s; near = d; }
      }
      if (best >= 0) return { school: best };
    }
    const family = this.layers.families ? this.dots.nearest(c, r, 5 * this.unit) : -1;
    return family >= 0 ? { family } : null;
  }

  // A school's place on the page, in pixels of the page from the canvas's corner.
  spot(s) { return [this.schoolC[s] / this.unit, this.schoolR[s] / this.unit]; }
}

function extent(values) {
  let low = Infinity, high = -Infinity;
  for (const v of values) { if (v < low) low = v; if (v > high) high = v; }
  return [low, high];
}
