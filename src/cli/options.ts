import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { closeNames, HwcastError } from '../core/errors.js';
import { readTextChecked } from '../core/files.js';
import { DTYPE_BYTES, type Dtype } from '../graph/opGraph.js';
import { TARGETS, type Target } from '../graph/targets.js';
import type { SourceLimits } from '../trace/source/walkSources.js';

/** Whole number of at least `least`. @throws HwcastError `usage` */
export function whole(flag: string, text: string | undefined, least = 0): number {
  const n = Number(text);
  if (text === undefined || !/^\d+$/.test(text.trim()) || n < least)
    throw new HwcastError('usage', `${flag} takes a whole number of at least ${least}, not '${text}'`);
  if (!Number.isSafeInteger(n))
    throw new HwcastError('usage', `${flag} takes a whole number of at most ${Number.MAX_SAFE_INTEGER}, not '${text}'`);
  return n;
}

/** A number of at least 0, or above it. `unit` is what it counts. @throws HwcastError `usage` */
export function amount(flag: string, text: string, unit: string, { isAboveZero = false } = {}): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0 || (isAboveZero && value === 0))
    throw new HwcastError('usage', `${flag} takes ${unit}${isAboveZero ? ' above 0' : ''}, not '${text}'`);
  return value;
}

/** An element type. @throws HwcastError `usage` */
export function dtypeOption(text: string): Dtype {
  if (!Object.hasOwn(DTYPE_BYTES, text))
    throw new HwcastError('usage', `no element type '${text}'`, { hint: `one of ${Object.keys(DTYPE_BYTES).join(', ')}` });
  return text as Dtype;
}

/** @throws HwcastError `usage` naming close matches */
export function targetOption(text: string): Target {
  if (!(TARGETS as readonly string[]).includes(text))
    throw new HwcastError('usage', `no target '${text}'`, {
      hint: `one of ${[...closeNames(text, TARGETS), ...TARGETS].filter((v, i, a) => a.indexOf(v) === i).join(', ')}`,
    });
  return text as Target;
}

export const commaList = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean);

/** The parts of a list that names at least one. @throws HwcastError `usage` */
export function filledList(flag: string, text: string): string[] {
  const parts = commaList(text);
  if (!parts.length)
    throw new HwcastError('usage', `${flag} takes values separated by commas, not '${text}'`, {
      hint: 'leave it out or name one',
    });
  return parts;
}

/** Text of a file (gzipped too), or of standard input for `-`. */
export function readText(path: string, what: string): { text: string; where: string } {
  if (path === '-') return { text: readFileSync(0, 'utf8'), where: 'standard input' };
  return { text: readTextChecked(path, what), where: path };
}

/** Last part of the path of a folder. */
export const folderName = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1)!;

/** Says what `--model` of commands that read profiles takes. */
export const MODEL_OPTION =
  'the model that ran, for profiles that lack attributes (ONNX Runtime, nsys, benchmark_model): its ONNX or TensorFlow Lite file, or a folder or archive with a file of the name of each profile; without it such a file beside the profile';

/** Puts the limits of archives on a command that reads them. */
export const withLimits = (command: Command): Command =>
  command
    .option('--max-depth <n>', 'open archives within archives this deep; 3 unless told')
    .option('--max-unpacked <gib>', 'unpack at most so many GiB of a path; 256 unless told');

/** @throws HwcastError `usage` */
export const limitsOf = ({ maxDepth, maxUnpacked }: { maxDepth?: string; maxUnpacked?: string }): SourceLimits => ({
  ...(maxDepth === undefined ? {} : { depth: whole('--max-depth', maxDepth) }),
  ...(maxUnpacked === undefined ? {} : { bytes: whole('--max-unpacked', maxUnpacked, 1) * 2 ** 30 }),
});
