// Areas as pixels: which district each pixel lies in, by scan lines. Outlines of neighbours need not meet corner by corner.
const GAP = 3; // pixels of a gap between two areas of one district that is closed

// (pixel,) number of the district, -1: none. map: width, height, column(), row(), town.
export function districts(map) {
  const { width, height, town } = map, out = new Int16Array(width * height).fill(-1);
  town.outlines.forEach((rings, area) => fill(rings.map((ring) => ring.map(([x, y]) => [map.column(x), map.row(y)])), town.area_district[area], out, width, height));
  for (let at = 0; at < out.length - GAP * width; at++) if (out[at] >= 0 && (out[at + 1] < 0 || out[at + width] < 0)) for (const step of [1, width]) {
    for (let k = 2; k <= GAP; k++) if (out[at + k * step] === out[at]) { for (let j = 1; j < k; j++) if (out[at + j * step] < 0) out[at + j * step] = out[at]; break; }
  }
  return out;
}

// Fill the inside of rings (even-odd) with a number.
function fill(rings, number, out, width, height) {
  const rows = rings.flat().map(([, r]) => r), first = Math.max(Math.floor(Math.min(...rows)), 0), last = Math.min(Math.ceil(Math.max(...rows)), height - 1);
  for (let r = first; r <= last; r++) {
    const cuts = [];
    for (const ring of rings) for (let k = 0; k < ring.length; k++) {
      const [c1, r1] = ring[k], [c2, r2] = ring[(k + 1) % ring.length];
      if (r1 <= r !== r2 <= r) cuts.push(c1 + ((r - r1) / (r2 - r1)) * (c2 - c1));
    }
    cuts.sort((a, b) => a - b);
    for (let k = 0; k + 1 < cuts.length; k += 2) out.fill(number, r * width + Math.max(Math.ceil(cuts[k]), 0), r * width + Math.min(Math.floor(cuts[k + 1]) + 1, width));
  }
}
