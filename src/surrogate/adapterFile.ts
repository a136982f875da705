import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256, writeFileAtomic } from '../core/files.js';
import { VERSION } from '../core/version.js';

/** Version of the adapter file. Adapters of networks of version 1 had no kind and no checksum; they are still read. */
export const ADAPTER_VERSION = 2;

/** Fields of every adapter file. */
const Common = {
  formatVersion: z.int(),
  hwcast: z.string().optional(),
  /** of adaptation, yyyy-mm-dd */
  date: z.string().optional(),
  /** of everything else in the file */
  sha256: z.string().optional(),
};

/** What one kind of workload keeps in an adapter: its fields, and the command that makes it again. */
export interface AdapterKind<T> {
  kind: string;
  /** for messages, e.g. `adapter of a device` */
  what: string;
  command: string;
  fields: z.ZodObject;
  /** fields of this kind in a file of version 1 that names no kind */
  first?: (raw: Record<string, unknown>) => boolean;
  /** type of the fields; never set */
  type?: T;
}

export type AdapterFile<T> = T & { formatVersion: number; kind: string; hwcast?: string; date?: string; sha256?: string };

/**
 * The adapter as it is written: version, program, day and checksum beside the fields of its kind.
 * @throws HwcastError `bad-input` for fields that could not be read again
 */
export function sealAdapter<T extends object>(
  { kind, what, fields: schema }: AdapterKind<T>,
  fields: T,
  date = today(),
): AdapterFile<T> {
  // what is undefined is not written, so it does not count
  const plain = JSON.parse(JSON.stringify({ formatVersion: ADAPTER_VERSION, kind, hwcast: VERSION, date, ...fields }));
  const { error } = schema.safeParse(plain);
  if (error) throw new HwcastError('bad-input', `not what an ${what} holds: ${z.prettifyError(error)}`, { cause: error });
  return { ...plain, sha256: checksum(plain) };
}

export function writeAdapter(path: string, adapter: object): void {
  writeFileAtomic(path, `${JSON.stringify(adapter, null, 1)}\n`);
}

/**
 * Reads an adapter file of one of the given kinds.
 * @throws HwcastError `not-found`; `corrupt` (cut, changed, no adapter); `newer-format`
 */
export function readAdapter<T>(path: string, kinds: readonly AdapterKind<T>[]): AdapterFile<T> {
  return parseAdapter(readFileChecked(path, 'adapter').toString(), path, kinds);
}

/** Text of an adapter file, checked. @throws HwcastError as `readAdapter` */
export function parseAdapter<T>(text: string, where: string, kinds: readonly AdapterKind<T>[]): AdapterFile<T> {
  const commands = [...new Set(kinds.map((k) => k.command))].join(' or '),
    again = { where, hint: `run \`${commands}\` again` };
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new HwcastError('corrupt', 'the adapter is no whole JSON', { ...again, cause });
  }
  const kind = isRecord(raw) ? kinds.find((k) => (raw.kind === undefined ? k.first?.(raw) : raw.kind === k.kind)) : undefined;
  if (!kind) {
    const other = isRecord(raw) && typeof raw.kind === 'string' ? ` but of kind '${raw.kind}'` : '';
    throw new HwcastError('corrupt', `not an ${kinds.map((k) => k.what).join(' or ')}${other}`, again);
  }
  if (typeof raw.formatVersion === 'number' && raw.formatVersion > ADAPTER_VERSION)
    throw new HwcastError('newer-format', `adapter format ${raw.formatVersion} is newer than ${ADAPTER_VERSION}`, {
      where,
      hint: 'update hwcast',
    });
  const parsed = kind.fields
    .extend({ ...Common, kind: z.literal(kind.kind).default(kind.kind) })
    .strict()
    .safeParse(raw);
  if (!parsed.success) throw new HwcastError('corrupt', `not a whole adapter: ${z.prettifyError(parsed.error)}`, again);
  const sealed = parsed.data as unknown as AdapterFile<T>;
  const unsealed = raw.kind === undefined && sealed.sha256 === undefined && sealed.formatVersion === 1;
  if (!unsealed && checksum(raw) !== sealed.sha256)
    throw new HwcastError('corrupt', 'the adapter is not what was written (sha256 differs)', again);
  return sealed;
}

/** Whether a JSON value names one of these kinds. */
export const namesKind = (value: unknown, kinds: readonly { kind: string }[]): boolean =>
  isRecord(value) && kinds.some((k) => k.kind === value.kind);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const today = (): string => new Date().toISOString().slice(0, 10);

function checksum(adapter: object): string {
  const { sha256: _, ...content } = adapter as { sha256?: unknown };
  return sha256(JSON.stringify(content));
}
