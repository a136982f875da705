import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HwcastError } from '../../core/errors.js';

/** Longest header that the format allows. */
const MOST = 100 * 2 ** 20;

/**
 * Bytes of all tensors of a safetensors file, by its header alone.
 * @throws HwcastError `not-found`, `corrupt` where the header is cut, no JSON or names no tensor
 */
export function safetensorsBytes(path: string): number {
  const bad = (why: string) =>
    new HwcastError('corrupt', `not a safetensors file: ${why}`, { where: path, hint: 'fetch it again' });
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new HwcastError('not-found', `no such file: '${path}'`, { cause });
  }
  try {
    const { size } = fstatSync(file),
      head = Buffer.alloc(8);
    if (readSync(file, head, 0, 8, 0) < 8) throw bad('shorter than its header');
    const length = Number(head.readBigUInt64LE());
    if (!(length > 1 && length <= MOST)) throw bad(`header of ${length} bytes`);
    const text = Buffer.alloc(length);
    const got = readSync(file, text, 0, length, 8);
    if (got < length) throw bad(`its header of ${length} bytes is cut at ${got} (file of ${size} bytes)`);
    let header: Record<string, { data_offsets?: [number, number] }>;
    try {
      header = JSON.parse(text.toString());
    } catch {
      throw bad('header is no JSON');
    }
    const tensors = Object.entries(header ?? {}).filter(([name]) => name !== '__metadata__');
    if (!tensors.length || Array.isArray(header)) throw bad('its header names no tensor');
    return tensors.reduce((sum, [name, entry]) => {
      const [from, to] = entry?.data_offsets ?? [Number.NaN, Number.NaN];
      if (!(to >= from)) throw bad(`tensor '${name}' has no place`);
      return sum + to - from;
    }, 0);
  } finally {
    closeSync(file);
  }
}
