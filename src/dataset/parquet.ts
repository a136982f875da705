import { parquetMetadata, parquetRead } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { HwcastError } from '../core/errors.js';

export type ParquetColumns = Record<string, ArrayLike<unknown>>;

/** Columns as the bytes of a Parquet file: Snappy, dictionaries where they pay. The same columns give the same bytes. */
export function writeParquet(columns: readonly ColumnSource[]): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData: [...columns], rowGroupSize: 1_000_000, createdBy: 'hwcast' }));
}

/**
 * The named columns of a Parquet file, whole.
 * @param optional columns that may be absent
 * @throws HwcastError `corrupt` naming `where` for a file that cannot be decoded, `bad-input` for one that lacks a column.
 */
export async function readParquet(
  bytes: Uint8Array,
  required: readonly string[],
  where: string,
  optional: readonly string[] = [],
): Promise<ParquetColumns> {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const parts = new Map<string, { start: number; data: ArrayLike<unknown> }[]>([...required, ...optional].map((n) => [n, []]));
  let rows = 0;
  let present: Set<string>;
  try {
    const metadata = parquetMetadata(buffer);
    rows = Number(metadata.num_rows);
    present = new Set(metadata.schema.slice(1).map((s) => s.name));
    const columns = [...parts.keys()].filter((n) => present.has(n));
    if (rows)
      await parquetRead({
        file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
        metadata,
        columns,
        onChunk: ({ columnName, columnData, rowStart }) => parts.get(columnName)?.push({ start: rowStart, data: columnData }),
      });
  } catch (cause) {
    throw corruptFile(where, `not a whole Parquet file: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
  const lacking = required.find((n) => !present.has(n));
  if (lacking !== undefined)
    throw new HwcastError('bad-input', `no column '${lacking}'; columns: ${[...present].join(', ')}`, { where });
  return Object.fromEntries(
    [...parts.keys()]
      .filter((n) => present.has(n))
      .map((name) => {
        const chunks = parts.get(name)!.sort((a, b) => a.start - b.start);
        const total = chunks.reduce((n, c) => n + c.data.length, 0);
        if (total !== rows) throw corruptFile(where, `column '${name}' has ${total} of ${rows} rows`);
        return [
          name,
          chunks.length === 1
            ? chunks[0].data
            : concatenate(
                chunks.map((c) => c.data),
                rows,
              ),
        ];
      }),
  );
}

function concatenate(chunks: ArrayLike<unknown>[], rows: number): unknown[] {
  const out = new Array<unknown>(rows);
  let at = 0;
  for (const chunk of chunks) for (let i = 0; i < chunk.length; i++) out[at++] = chunk[i];
  return out;
}

/** The one form of the message for damaged artefacts. */
export function corruptFile(where: string, why: string, cause?: unknown): HwcastError {
  return new HwcastError('corrupt', why, {
    where,
    cause,
    hint: 'the file is damaged or was cut off: copy the dataset again from its source, or make it again with `hwcast dataset import` or `hwcast ingest`',
  });
}
