// What a file of experiments/app/export/single.py holds, and the answers that a server would give to the page's questions.
import { gunzip } from "./inflate.js";

const COLUMNS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };

export async function contents() {
  const letters = atob(document.getElementById("data").textContent), bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) bytes[k] = letters.charCodeAt(k);
  const whole = typeof DecompressionStream === "undefined" ? gunzip(bytes)
    : new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  const length = new DataView(whole.buffer, whole.byteOffset).getUint32(0, true);
  return { ...JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + length))), block: whole.subarray(4 + length) };
}

// A frame in the layout that frames.js reads: ``k`` counts both futures' frames.
export function frame({ packed, block }, k) {
  const { widths, families } = packed, each = widths.reduce((a, b) => a + b), n = families[k];
  let at = 4 * packed.keys + each * families.slice(0, k).reduce((a, b) => a + b, 0);
  const keys = new Uint32Array(block.slice(0, 4 * packed.keys).buffer);
  const [step, place, school, flags] = widths.map((width) => {
    const column = new COLUMNS[width](block.slice(at, at + width * n).buffer);
    at += width * n;
    return column;
  });
  const out = new ArrayBuffer(16 + 13 * n), none = 256 ** widths[2] - 1;
  new Uint32Array(out, 0, 4).set([packed.mark, n, packed.years[k], 0]);
  const key = new Uint32Array(out, 16, n), at_school = new Int32Array(out, 16 + 8 * n, n);
  for (let i = 0, number = 0; i < n; i++) { number += step[i]; key[i] = keys[number]; at_school[i] = school[i] === none ? -1 : school[i]; }
  new Uint32Array(out, 16 + 4 * n, n).set(place);
  new Uint8Array(out, 16 + 12 * n, n).set(flags);
  return out;
}

// The local school of each address point in a frame.
export function local({ packed, block }, k) {
  const { places, of } = packed.zones, each = packed.widths.reduce((a, b) => a + b);
  const at = 4 * packed.keys + each * packed.families.reduce((a, b) => a + b, 0) + 4 * places * of[k];
  return block.slice(at, at + 4 * places).buffer;
}

const json = (tree, status = 200) => new Response(JSON.stringify(tree), { status, headers: { "content-type": "application/json" } });

// Stands in for fetch: the page's modules ask it as they ask the server; nothing leaves the file.
export function answers(held) {
  const { about, futures, words, shown, packed } = held, half = packed.families.length / 2;
  return async (path, { body } = {}) => {
    const [, room, what, key, , year] = path.split("?")[0].split("/").slice(0, 6);
    if (room === "page") return json(words[key.replace(".json", "")]);
    if (what === "city") return json(about);
    if (what === "future" && !key) return json(futures[JSON.parse(body).policies.length ? 1 : 0]);
    const side = futures.findIndex((made) => made.key === key), k = packed.years.slice(0, half).indexOf(Number(year));
    if (side >= 0 && k >= 0 && path.includes("/frame/")) return new Response(frame(held, side * half + k));
    if (side >= 0 && k >= 0 && path.includes("/zones/")) return new Response(local(held, side * half + k));
    if (what === "bands" && shown.bands) return json(shown.bands);
    return json({ error: (words[document.documentElement.lang] || words.en)["not_in_file"] || words.en["not_in_file"] }, 400);
  };
}
