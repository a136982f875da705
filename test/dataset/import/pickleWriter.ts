import { zipSync } from 'fflate';

/** Numbers, strings, lists and dicts (Map) as a pickle of protocol 2, as Python writes them; for tests that need long lists. */
export function pickleOf(value: unknown): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 2])];
  const write = (x: unknown): void => {
    if (typeof x === 'number' && Number.isInteger(x) && x >= 0 && x < 65536) parts.push(Buffer.from([0x4d, x & 255, x >> 8]));
    else if (typeof x === 'number') {
      const b = Buffer.alloc(9);
      b[0] = 0x47;
      b.writeDoubleBE(x, 1);
      parts.push(b);
    } else if (typeof x === 'string') {
      const text = Buffer.from(x),
        b = Buffer.alloc(5);
      b[0] = 0x58;
      b.writeUInt32LE(text.length, 1);
      parts.push(b, text);
    } else if (Array.isArray(x)) {
      parts.push(Buffer.from(']'));
      for (let i = 0; i < x.length; i += 1000) {
        parts.push(Buffer.from('('));
        x.slice(i, i + 1000).forEach(write);
        parts.push(Buffer.from('e'));
      }
    } else if (x instanceof Map) {
      parts.push(Buffer.from('}('));
      for (const [k, v] of x) {
        write(k);
        write(v);
      }
      parts.push(Buffer.from('u'));
    } else throw new TypeError(`not written: ${x}`);
  };
  write(value);
  parts.push(Buffer.from('.'));
  return Buffer.concat(parts);
}

/** The same as a file of torch.save. */
export const torchFileOf = (value: unknown): Buffer =>
  Buffer.from(zipSync({ 'archive/data.pkl': pickleOf(value), 'archive/version': Buffer.from('3\n') }, { level: 0 }));
