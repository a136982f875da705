import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256, writeFolderAtomic } from '../core/files.js';
import { VERSION } from '../core/version.js';
import type { NamedTensor } from './safetensors.js';

/** What a method keeps of a model: plain data and tensors. */
export interface ModelParts {
  parts: unknown;
  scaler: unknown;
  tensors: Record<string, NamedTensor>;
}

/** Model folders of one kind: config.json lists its fields and sha256 of every other file. */
export interface FolderKind<F extends z.ZodRawShape> {
  /** as config.json names it; folders of networks name none */
  kind?: string;
  /** for messages, e.g. `FPGA model` */
  what: string;
  version: number;
  /** fields of config.json beside version, kind, program and checksums */
  fields: z.ZodObject<F>;
  /** how to get one */
  hint: string;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/**
 * Writes a model folder as a whole: same model, same bytes. Values of `files` that are no bytes are written as JSON.
 * @param derived files that follow from the others and only save work: not listed in config.json, so that the model is the same with and without them
 */
export function writeModelFolder<F extends z.ZodRawShape>(
  folder: string,
  { kind, version }: FolderKind<F>,
  fields: z.input<z.ZodObject<F>>,
  files: Readonly<Record<string, Uint8Array | string | object>>,
  derived: Readonly<Record<string, string>> = {},
): void {
  const written = Object.fromEntries(
    Object.entries(files).map(([name, data]) => [
      name,
      typeof data === 'string' || data instanceof Uint8Array ? data : json(data),
    ]),
  );
  const checksums = Object.fromEntries(Object.entries(written).map(([name, data]) => [name, sha256(data)]));
  writeFolderAtomic(folder, {
    ...written,
    ...derived,
    'config.json': json({ formatVersion: version, kind, hwcast: VERSION, ...fields, files: checksums }),
  });
}

/** A model folder whose config.json was checked; files are read and compared with their checksum when asked for. */
export interface OpenFolder<F extends z.ZodRawShape> {
  fields: z.output<z.ZodObject<F>>;
  /** of config.json, which holds those of all files: what identifies the model */
  sha256: string;
  /** changes with every file of the folder: its hash, and size and time of the files */
  state: string;
  /** @throws HwcastError `not-found`; `corrupt` where the checksum differs */
  bytes(name: string): Buffer;
  /** @throws HwcastError also `corrupt` for what is no JSON */
  json(name: string): unknown;
  /** the error that a file is not what it should be */
  corrupt(name: string, message: string, cause?: unknown): HwcastError;
}

/**
 * Opens a model folder; runs no code from it.
 * @throws HwcastError `not-found`, `newer-format`, `corrupt` (no JSON, other fields, a model of another kind)
 */
export function openModelFolder<F extends z.ZodRawShape>(folder: string, of: FolderKind<F>): OpenFolder<F> {
  const where = join(folder, 'config.json');
  const corrupt = (name: string, message: string, cause?: unknown) =>
    new HwcastError('corrupt', message, {
      where: join(folder, name),
      cause,
      hint: 'train the model again, or restore the folder',
    });
  if (!existsSync(where)) throw new HwcastError('not-found', `no ${of.what} in '${folder}'`, { hint: of.hint });
  const text = readFileChecked(where);
  let raw: { formatVersion?: unknown };
  try {
    raw = JSON.parse(text.toString());
  } catch (cause) {
    throw corrupt('config.json', 'config.json is no JSON', cause);
  }
  const version = raw?.formatVersion;
  if (typeof version === 'number' && version > of.version)
    throw new HwcastError(
      'newer-format',
      `${of.what} format ${version} is newer than ${of.version}, which hwcast ${VERSION} reads`,
      {
        where,
        hint: 'update hwcast',
      },
    );
  const other = (raw as { kind?: unknown } | null)?.kind;
  if (typeof other === 'string' && other !== of.kind)
    throw new HwcastError('corrupt', `holds a model of kind '${other}', not a ${of.what}`, { where, hint: of.hint });
  const common = z.object({
    formatVersion: z.int(),
    kind: of.kind === undefined ? z.undefined().optional() : z.literal(of.kind),
    hwcast: z.string(),
    files: z.record(z.string(), z.string()),
  });
  const known = common.safeParse(raw),
    fields = of.fields.safeParse(raw);
  const error = known.error ?? fields.error;
  if (!known.success || !fields.success)
    throw corrupt('config.json', `config.json is not that of a ${of.what}: ${z.prettifyError(error!)}`, error);
  const bytes = (name: string): Buffer => {
    const data = readFileChecked(join(folder, name), 'model file');
    if (sha256(data) !== known.data.files[name]) throw corrupt(name, `${name} is not the file that was written (sha256 differs)`);
    return data;
  };
  return {
    fields: fields.data,
    sha256: sha256(text),
    state: [sha256(text), ...Object.keys(known.data.files).map((name) => fileState(join(folder, name)))].join(' '),
    bytes,
    json(name) {
      const data = bytes(name);
      try {
        return JSON.parse(data.toString());
      } catch (cause) {
        throw corrupt(name, `${name} is no JSON`, cause);
      }
    },
    corrupt,
  };
}

/**
 * Keeps what is read from model folders, one value a folder while none of its files changes (`OpenFolder.state`). A promise that is refused is not kept.
 */
export function folderCache<T>(): (folder: string, state: string, read: () => T) => T {
  const known = new Map<string, { state: string; value: T }>();
  return (folder, state, read) => {
    const key = resolve(folder),
      entry = known.get(key);
    if (entry?.state === state) return entry.value;
    const value = read();
    known.set(key, { state, value });
    if (value instanceof Promise)
      value.catch(() => {
        if (known.get(key)?.value === value) known.delete(key);
      });
    return value;
  };
}

function fileState(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.size}:${stat.mtimeMs}` : 'missing';
}
