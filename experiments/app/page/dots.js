// The families of a map as pixels. Who is at rest is painted once a year; who is on its way, at each drawing. Nothing is made anew
// while a year plays: all arrays stay and grow only where a year has more families than any before.
import { AWAY, ENTERED, MINORITY, MOVED } from "./frames.js";

const RANDOM = 1024; // spots round an address point over which its families are spread
const FAN = 0.8; // how far from the straight way home a family may stand at its school, as a share of that way
const COVER = 0.3; // share of the city's rectangle that families may cover

// A sunflower's seeds: spots evenly over a disc of radius 1.
const SPOT_X = new Float32Array(RANDOM), SPOT_Y = new Float32Array(RANDOM);
for (let k = 0; k < RANDOM; k++) {
  const radius = Math.sqrt((k + 0.5) / RANDOM), angle = k * 2.399963;
  SPOT_X[k] = radius * Math.cos(angle); SPOT_Y[k] = radius * Math.sin(angle);
}

export class Dots {
  constructor() { this.room(0); this.n = this.movers = 0; }

  room(n) {
    this.size = n;
    this.atC = new Int16Array(n); this.atR = new Int16Array(n); // where each family stands at the year's end
    this.who = new Int32Array(n); // rows of those away: first those at rest, from the end those on their way
    this.fromC = new Int16Array(n); this.fromR = new Int16Array(n);
  }

  // The side of a dot in pixels for n families on ``area`` pixels.
  stamp(n, area, width, unit) {
    const side = Math.max(Math.round(unit), Math.min(Math.round(Math.sqrt((area * COVER) / Math.max(n, 1)) * 0.62), Math.round(7 * unit)));
    if (side === this.side && width === this.width) return;
    const out = [], middle = (side - 1) / 2;
    for (let r = 0; r < side; r++) for (let c = 0; c < side; c++) if (side < 3 || Math.hypot(r - middle, c - middle) <= side / 2 + 0.2) out.push((r - (side >> 1)) * width + c - (side >> 1));
    Object.assign(this, { side, width, offsets: Int32Array.from(out) });
  }

  // Paint those at rest of ``frame`` into ``out`` and note who is on its way. ``map``: places and schools in pixels.
  settle(frame, map, out, colours) {
    const { n, key, place, school, flags } = frame, { placeC, placeR, schoolC, schoolR, discs, spread, width, height } = map;
    if (n > this.size) this.room(Math.ceil(n * 1.1));
    this.stamp(n, map.area, width, map.unit);
    const crowd = new Int32Array(schoolC.length), half = this.side + 1;
    for (let i = 0; i < n; i++) if (flags[i] & AWAY && school[i] >= 0) crowd[school[i]]++;
    const depth = Float32Array.from(crowd, (count, s) => Math.sqrt(discs[s] ** 2 + (count * this.side ** 2 * 1.5) / Math.PI) - discs[s] + this.side);
    const { atC, atR, who, fromC, fromR, offsets } = this, marks = offsets.length;
    let resting = 0, moving = n;
    for (let i = 0; i < n; i++) {
      const spot = key[i] & (RANDOM - 1), s = school[i];
      let c = placeC[place[i]] + spread * SPOT_X[spot], r = placeR[place[i]] + spread * SPOT_Y[spot];
      if (flags[i] & AWAY && s >= 0) {
        const hc = c, hr = r, other = (key[i] >>> 10) & (RANDOM - 1), part = (key[i] >>> 20) / 4096;
        const way = Math.hypot(c - schoolC[s], r - schoolR[s]) || 1;
        let dc = (c - schoolC[s]) / way + FAN * SPOT_X[other], dr = (r - schoolR[s]) / way + FAN * SPOT_Y[other];
        const long = Math.hypot(dc, dr) || 1, radius = discs[s] + depth[s] * part + half * 0.5;
        c = schoolC[s] + (dc / long) * radius; r = schoolR[s] + (dr / long) * radius;
        if (flags[i] & (ENTERED | MOVED)) { who[--moving] = i; fromC[i] = clamp(hc, half, width - half); fromR[i] = clamp(hr, half, height - half); } else who[resting++] = i;
      }
      atC[i] = clamp(c, half, width - half); atR[i] = clamp(r, half, height - half);
      if (flags[i] & AWAY && s >= 0) continue;
      const at = atR[i] * width + atC[i], paint = colours.still[flags[i] & MINORITY];
      if (marks === 1) out[at] = paint; else for (let k = 0; k < marks; k++) out[at + offsets[k]] = paint;
    }
    for (let k = 0; k < resting; k++) {
      const i = who[k], at = atR[i] * width + atC[i], paint = colours.away[flags[i] & MINORITY];
      if (marks === 1) out[at] = paint; else for (let m = 0; m < marks; m++) out[at + offsets[m]] = paint;
    }
    Object.assign(this, { n, moving, movers: n - moving, flags });
  }

  // Paint those on their way, ``come`` (0 to 1) of it done.
  move(out, colours, come) {
    const { n, moving, who, atC, atR, fromC, fromR, flags, width, offsets } = this, marks = offsets.length, [majority, minority] = colours.away;
    for (let k = moving; k < n; k++) {
      const i = who[k], c = (fromC[i] + (atC[i] - fromC[i]) * come) | 0, r = (fromR[i] + (atR[i] - fromR[i]) * come) | 0;
      const at = r * width + c, paint = flags[i] & MINORITY ? minority : majority;
      if (marks === 1) out[at] = paint; else for (let m = 0; m < marks; m++) out[at + offsets[m]] = paint;
    }
  }

  // The family whose dot is nearest to a pixel, -1: none within ``reach`` pixels.
  nearest(c, r, reach) {
    let best = -1, near = (reach + this.side / 2) ** 2;
    for (let i = 0; i < this.n; i++) {
      const dc = this.atC[i] - c, dr = this.atR[i] - r, d = dc * dc + dr * dr;
      if (d < near) { near = d; best = i; }
    }
    return best;
  }
}

const clamp = (v, low, high) => (v < low ? low : v > high ? high : v);
