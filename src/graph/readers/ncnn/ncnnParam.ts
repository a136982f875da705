import { HwcastError } from '../../../core/errors.js';

type Value = number | string | number[];

/** A layer of a `.param` file: its type, the blobs it reads and makes, and its settings by number. */
export class NcnnLayer {
  constructor(
    readonly type: string,
    readonly name: string,
    readonly inputs: readonly string[],
    readonly outputs: readonly string[],
    private readonly values: ReadonlyMap<number, Value>,
    /** of the file, from 1 */
    readonly line: number,
  ) {}

  has(key: number): boolean {
    return this.values.has(key);
  }

  /** A setting that is one number. @throws HwcastError `bad-input` */
  number(key: number, fallback: number): number {
    const value = this.values.get(key) ?? fallback;
    if (typeof value !== 'number') throw new HwcastError('bad-input', `setting ${key} is no number`);
    return value;
  }

  /** A setting that the layer cannot do without. @throws HwcastError `bad-input` */
  needed(key: number, meaning: string): number {
    if (!this.values.has(key)) throw new HwcastError('bad-input', `has no setting ${key} (${meaning})`);
    return this.number(key, 0);
  }

  text(key: number): string | undefined {
    const value = this.values.get(key);
    return typeof value === 'string' ? value : undefined;
  }

  /** Array `key`, which the file writes as `-23300 - key`, its length first; undefined where absent. */
  array(key: number): number[] | undefined {
    const value = this.values.get(-23300 - key) ?? this.values.get(key);
    return Array.isArray(value) ? value : undefined;
  }
}

const MAGIC = '7767517';

/** Whether text begins as a `.param` file. */
export const isParam = (text: string): boolean => new RegExp(`^\\s*${MAGIC}\\s*\\r?\\n`).test(text);

/**
 * The layers of an ncnn `.param` text, in their order, at least as many as it says.
 * @throws HwcastError `corrupt` naming the line
 */
export function parseParam(text: string, where: string): NcnnLayer[] {
  const lines = text.split(/\r?\n/);
  const damaged = (line: number, why: string, hint?: string) =>
    new HwcastError('corrupt', `line ${line}: ${why}`, { where, hint: hint ?? 'the .param file is cut or damaged' });
  if (lines[0].trim() !== MAGIC) throw damaged(1, `'${lines[0].trim().slice(0, 40)}' is not ncnn's number ${MAGIC}`);
  const counts = /^\s*(\d+)\s+(\d+)\s*$/.exec(lines[1] ?? '');
  if (!counts) throw damaged(2, 'there is no count of layers and blobs');
  const layers: NcnnLayer[] = [];
  lines.slice(2).forEach((content, i) => {
    if (content.trim()) layers.push(layerOf(content, i + 3, damaged));
  });
  // lines beyond the count are there in files that were lengthened by hand
  if (layers.length < Number(counts[1]))
    throw damaged(lines.length, `the file ends after ${layers.length} of the ${counts[1]} layers that line 2 promises`);
  return layers;
}

function layerOf(content: string, line: number, damaged: (line: number, why: string) => HwcastError): NcnnLayer {
  const words: string[] = content.match(/[^\s"]*"[^"]*"|\S+/g) ?? [];
  const [type, name, reads, makes] = words;
  const [inputs, outputs] = [reads, makes].map((word) => (/^\d+$/.test(word ?? '') ? Number(word) : Number.NaN));
  if (Number.isNaN(inputs + outputs)) throw damaged(line, 'a layer needs its type, name and counts of inputs and outputs');
  const blobs = words.slice(4, 4 + inputs + outputs);
  if (blobs.length < inputs + outputs || blobs.some((b) => /^-?\d+=/.test(b)))
    throw damaged(line, `layer '${name}' has fewer than ${inputs + outputs} blobs`);
  const values = new Map<number, Value>();
  for (const word of words.slice(4 + inputs + outputs)) {
    const setting = /^(-?\d+)=(.+)$/.exec(word);
    if (!setting) throw damaged(line, `'${word}' is no setting of layer '${name}'`);
    const key = Number(setting[1]);
    const value = settingOf(key, setting[2]);
    if (value === undefined) throw damaged(line, `setting ${key} of layer '${name}' is '${setting[2].slice(0, 60)}'`);
    values.set(key, value);
  }
  return new NcnnLayer(type, name, blobs.slice(0, inputs), blobs.slice(inputs), values, line);
}

/** A number, a quoted text, or the numbers of an array without their count; undefined where damaged. */
function settingOf(key: number, text: string): Value | undefined {
  if (text.startsWith('"')) return text.slice(1, -1);
  const numbers = text.split(',').map(Number);
  const isArray = key <= -23300 || numbers.length > 1;
  if (text.trim() === '' || (isArray && numbers.some(Number.isNaN))) return undefined;
  if (isArray) {
    const list = key <= -23300 ? numbers.slice(1) : numbers;
    return key <= -23300 && list.length !== numbers[0] ? undefined : list;
  }
  if (!Number.isNaN(numbers[0])) return numbers[0];
  return /^[A-Za-z_]/.test(text) ? text : undefined;
}
