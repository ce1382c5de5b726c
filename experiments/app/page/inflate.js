// Unpacks gzip where the browser cannot (before 2023): RFC 1951 and 1952, plainly written.
const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const BACK = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const BACK_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

// A code from the lengths of its words: how many of each length, and the symbols in order.
function code(lengths) {
  const count = new Uint16Array(16), first = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
  for (const length of lengths) count[length]++;
  count[0] = 0;
  for (let k = 1; k < 16; k++) first[k] = first[k - 1] + count[k - 1];
  lengths.forEach((length, symbol) => { if (length) symbols[first[length]++] = symbol; });
  return { count, symbols };
}

export function gunzip(bytes) {
  const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true), out = new Uint8Array(size);
  let at = 10 * 8, end = 0, last = 0; // ten bytes of head, without name or comment
  const bits = (n) => { let value = 0; for (let k = 0; k < n; k++, at++) value |= ((bytes[at >> 3] >> (at & 7)) & 1) << k; return value; };
  const word = ({ count, symbols }) => {
    for (let length = 1, value = 0, first = 0, index = 0; length < 16; length++) {
      value |= bits(1);
      if (value - first < count[length]) return symbols[index + value - first];
      index += count[length]; first = (first + count[length]) << 1; value <<= 1;
    }
    throw new Error("the file is damaged");
  };
  const stored = () => {
    at = (at + 7) & ~7;
    const length = bits(16); bits(16);
    out.set(bytes.subarray(at >> 3, (at >> 3) + length), end); end += length; at += length * 8;
  };
  const codes = () => {
    const lit = bits(5) + 257, back = bits(5) + 1, given = new Array(19).fill(0);
    for (let k = 0, n = bits(4) + 4; k < n; k++) given[ORDER[k]] = bits(3);
    const by = code(given), lengths = [];
    while (lengths.length < lit + back) {
      const symbol = word(by);
      if (symbol < 16) lengths.push(symbol);
      else for (let k = 0, again = symbol === 16 ? lengths.at(-1) : 0, n = [3 + (symbol === 16 ? bits(2) : 0), 3 + (symbol === 17 ? bits(3) : 0), 11 + (symbol === 18 ? bits(7) : 0)][symbol - 16]; k < n; k++) lengths.push(again);
    }
    return [code(lengths.slice(0, lit)), code(lengths.slice(lit))];
  };
  const fixed = () => [code([...Array(288)].map((_, k) => (k < 144 ? 8 : k < 256 ? 9 : k < 280 ? 7 : 8))), code(new Array(30).fill(5))];
  const block = ([literals, backs]) => {
    for (let symbol = word(literals); symbol !== 256; symbol = word(literals)) {
      if (symbol < 256) { out[end++] = symbol; continue; }
      const length = LENGTHS[symbol - 257] + bits(LENGTH_BITS[symbol - 257]), far = word(backs), from = end - BACK[far] - bits(BACK_BITS[far]);
      for (let k = 0; k < length; k++) out[end++] = out[from + k];
    }
  };
  while (!last) {
    last = bits(1);
    const type = bits(2);
    if (type === 0) stored(); else block(type === 1 ? fixed() : codes());
  }
  return out;
}
