import { HwcastError } from '../core/errors.js';
import { readTextChecked } from '../core/files.js';
import { spreadScale, type Target, VALUE_COLUMNS, valueColumn } from '../graph/targets.js';
import { type WorkloadRow, workloadRows } from '../graph/workloadRows.js';
import type { SupportRow } from '../surrogate/predictor.js';

/** A support file read and checked, see `parseSupport`. @throws HwcastError `not-found`, `bad-input` */
export const readSupport = (path: string, wanted?: Target): Promise<{ target: Target; rows: SupportRow[] }> =>
  parseSupport(readTextChecked(path, 'support file'), path, wanted);

/**
 * Support set of a text, a table (`,` `;` or tab) or JSON lines: column `workload` (paths of model files too), one value column, optionally `spread` and `repeats`. The columns and
 * their units are those that `hwcast ingest` reads (`VALUE_COLUMNS`): `latency_ms`, `latency_ns`, `energy_mj`, ..; `spread` is the median absolute
 * deviation of logs, `spread_ms` and the like that of the values. Where the text has columns of several targets, `wanted` chooses. Rows that leave the
 * value empty are an error, not skipped.
 * @throws HwcastError `bad-input` naming file and line
 */
export async function parseSupport(
  text: string,
  where: string,
  wanted?: Target,
): Promise<{ target: Target; rows: SupportRow[] }> {
  if (!text.trim())
    throw new HwcastError('bad-input', 'the support file is empty', {
      where,
      hint: 'write a CSV with columns workload,latency_ms',
    });
  const parsed = await workloadRows(text, where),
    column = valueColumnOf(Object.keys(parsed[0].fields), where, wanted),
    { target, scale } = VALUE_COLUMNS[column];
  const seen = new Map<string, number>();
  const rows = parsed.map((row, i): SupportRow => {
    const { workload, fields, line } = row,
      place = { where: `${where}:${line}` };
    const value = numberOf(fields[column]);
    if (!(value > 0 && Number.isFinite(value)))
      throw new HwcastError('bad-input', `${column} is '${fields[column]}', not a positive number`, place);
    const earlier = seen.get(workload.id);
    if (parsed[i + 1]?.line === line)
      throw new HwcastError('bad-input', 'one value for a file of several models', {
        ...place,
        hint: `write each in a row of its own: ${workload.id}, ${parsed[i + 1].workload.id}, ..`,
      });
    if (earlier !== undefined)
      throw new HwcastError('bad-input', `'${workload.id}' was measured in line ${earlier} already`, {
        ...place,
        hint: 'give each network once, repeats averaged',
      });
    seen.set(workload.id, line);
    return {
      workload,
      value: value * scale,
      spread: spreadOf(row, target, value * scale, place),
      repeats: optional('repeats', fields.repeats, place),
    };
  });
  return { target, rows };
}

/** The one column of values of the wanted target. @throws HwcastError `bad-input` for none or several */
function valueColumnOf(names: readonly string[], where: string, wanted: Target | undefined): string {
  const columns = names.filter((name) => {
    const column = valueColumn(name);
    return column && (!wanted || column.target === wanted);
  });
  if (columns.length === 1) return columns[0];
  const found = columns.length ? `columns ${columns.join(' and ')}` : `no column of measured ${wanted ?? 'values'}`;
  throw new HwcastError('bad-input', `${found} in the support file`, {
    where,
    hint: columns.length
      ? 'choose one with --target'
      : 'add one of latency_ms, latency_us, energy_mj, power_w, peak_memory_mb, lut, ..',
  });
}

/**
 * Spread of a row as a deviation of logs; `spread_ms` over the value where it is one of values.
 * @throws HwcastError `bad-input` for a unit of another quantity
 */
function spreadOf({ fields }: WorkloadRow, target: Target, valueSi: number, place: { where: string }): number | undefined {
  const name = Object.keys(fields).find((f) => f === 'spread' || spreadScale(f) !== undefined);
  if (name === undefined) return undefined;
  const spread = optional(name, fields[name], place),
    scale = spreadScale(name, target);
  if (name !== 'spread' && scale === undefined)
    throw new HwcastError('bad-input', `${name} is no unit of ${target}`, {
      ...place,
      hint: 'spread is the median absolute deviation of logs; with a unit, that of the values in it',
    });
  return spread === undefined || scale === undefined ? spread : (spread * scale) / valueSi;
}

const numberOf = (v: unknown): number => (typeof v === 'number' ? v : typeof v === 'string' && v.trim() ? Number(v) : Number.NaN);

function optional(name: string, text: unknown, place: { where: string }): number | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const n = numberOf(text);
  if (!(n >= 0 && Number.isFinite(n))) throw new HwcastError('bad-input', `${name} is '${text}', not a number`, place);
  return n;
}
