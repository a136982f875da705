import { dirname, resolve } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { readTextChecked } from '../core/files.js';
import { type TextRow, textRows } from '../core/textRows.js';
import { type HlsDesign, LABEL_STAGES, type LabelStage } from './design/hlsDesign.js';
import { readHlsDesign } from './readers/readHlsDesign.js';

/** A stage that follows csynth. */
export type LateStage = Exclude<LabelStage, 'csynth'>;
export const LATE_STAGES = LABEL_STAGES.filter((s): s is LateStage => s !== 'csynth');

/**
 * Rows of a support file of FPGA designs, JSON lines or a table by content.
 * @throws HwcastError `bad-input` naming file and line for a line that is no JSON object, a broken table, and a text without rows
 */
export function supportLines(text: string, name: string): TextRow[] {
  const rows = textRows(text, name);
  if (!rows.length)
    throw new HwcastError('bad-input', 'the support file has no row', {
      where: name,
      hint: '`hwcast fpga sample` writes one to fill in',
    });
  return rows;
}

/** Whether a field holds nothing yet. */
export const isEmpty = (v: unknown): boolean => v === undefined || v === null || v === '';

/** An HLS design: an object in any form hwcast reads, or the name of a file beside the support file. */
export function readDesign(value: unknown, name: string, where: string): HlsDesign {
  if (typeof value !== 'string' || value.trimStart().startsWith('{'))
    return readHlsDesign(typeof value === 'string' ? value : JSON.stringify(value), where);
  return readHlsDesign(textBeside(name, value, where, 'design'), value);
}

/** Text of a file that a row names, looked for beside the support file. */
export function textBeside(name: string, file: string, where: string, what: string): string {
  try {
    return readTextChecked(resolve(dirname(name), file), what);
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    throw new HwcastError(error.code, `no such ${what}: '${file}'`, {
      where,
      hint: 'files are looked for beside the support file',
      cause: error,
    });
  }
}

/** Notes that the design `id` stands in a line. @throws HwcastError `bad-input` where it stood in an earlier one, calling it `shown` */
export function onceIn(seen: Map<string, number>, id: string, { line, where }: TextRow, shown = id): void {
  const earlier = seen.get(id);
  if (earlier !== undefined)
    throw new HwcastError('bad-input', `design '${shown}' stands in line ${earlier} already`, {
      where,
      hint: 'give each design once',
    });
  seen.set(id, line);
}

/** A whole number from 0 on, or its text. @throws HwcastError `bad-input` */
export function wholeOf(value: unknown, what: string, where: string): number {
  const n = typeof value === 'number' ? value : typeof value === 'string' && value.trim() ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(n) || n < 0)
    throw new HwcastError('bad-input', `${what} is ${JSON.stringify(value)}, not a whole number from 0 on`, { where });
  return n;
}
