// The layout of experiments/app/frames.py: a year's families as columns.
const MARK = 0x31464c53;
export const MINORITY = 1, AWAY = 2, MOVED = 4, ENTERED = 8;

export function decode(buffer) {
  const head = new Uint32Array(buffer, 0, 4);
  if (head[0] !== MARK) throw new Error("not a frame");
  const n = head[1];
  return {
    n, year: head[2],
    key: new Uint32Array(buffer, 16, n),
    place: new Uint32Array(buffer, 16 + 4 * n, n),
    school: new Int32Array(buffer, 16 + 8 * n, n),
    flags: new Uint8Array(buffer, 16 + 12 * n, n),
  };
}
