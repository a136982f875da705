import { HwcastError } from '../core/errors.js';
import { readTextChecked } from '../core/files.js';
import type { Target } from '../dataset/dataset.js';
import { workloadRows } from '../graph/workloadRows.js';
import type { SupportRow } from '../surrogate/predictor.js';

/** Columns of measured values and the factor to SI. */
export const VALUE_COLUMNS: Readonly<Record<string, { target: Target; toSi: number }>> = {
  latency_s: { target: 'latency', toSi: 1 },
  latency_ms: { target: 'latency', toSi: 1e-3 },
  latency_us: { target: 'latency', toSi: 1e-6 },
  energy_j: { target: 'energy', toSi: 1 },
  energy_mj: { target: 'energy', toSi: 1e-3 },
  power_w: { target: 'power', toSi: 1 },
  peak_memory_bytes: { target: 'peak_memory', toSi: 1 },
  peak_memory_mb: { target: 'peak_memory', toSi: 1e6 },
  lut: { target: 'lut', toSi: 1 },
  ff: { target: 'ff', toSi: 1 },
  dsp: { target: 'dsp', toSi: 1 },
  bram18: { target: 'bram18', toSi: 1 },
  uram: { target: 'uram', toSi: 1 },
  bram: { target: 'bram', toSi: 1 },
  cycles: { target: 'cycles', toSi: 1 },
  cycles_min: { target: 'cycles_min', toSi: 1 },
  ii: { target: 'ii', toSi: 1 },
  ii_min: { target: 'ii_min', toSi: 1 },
};

/** A support file read and checked, see `parseSupport`. @throws HwcastError `not-found`, `bad-input` */
export const readSupport = (path: string, wanted?: Target): { target: Target; rows: SupportRow[] } =>
  parseSupport(readTextChecked(path, 'support file'), path, wanted);

/**
 * Support set of a CSV or JSONL text: column `workload`, one value column (`latency_ms`, `energy_mj`, ..), optionally `spread` and `repeats`.
 * Where the text has columns of several targets, `wanted` chooses. Rows that leave the value empty are an error, not skipped.
 * @throws HwcastError `bad-input` naming file and line
 */
export function parseSupport(text: string, where: string, wanted?: Target): { target: Target; rows: SupportRow[] } {
  if (!text.trim())
    throw new HwcastError('bad-input', 'the support file is empty', {
      where,
      hint: 'write a CSV with columns workload,latency_ms',
    });
  const parsed = workloadRows(text, where);
  const columns = Object.keys(parsed[0].fields).filter(
    (c) => Object.hasOwn(VALUE_COLUMNS, c) && (!wanted || VALUE_COLUMNS[c].target === wanted),
  );
  if (columns.length !== 1) {
    const found = columns.length ? `columns ${columns.join(' and ')}` : `no column of measured ${wanted ?? 'values'}`;
    throw new HwcastError('bad-input', `${found} in the support file`, {
      where,
      hint: columns.length ? 'choose one with --target' : `add one of ${Object.keys(VALUE_COLUMNS).slice(0, 6).join(', ')}`,
    });
  }
  const [column] = columns,
    { target, toSi } = VALUE_COLUMNS[column];
  const number = (v: unknown): number => (typeof v === 'number' ? v : typeof v === 'string' && v.trim() ? Number(v) : Number.NaN);
  const seen = new Map<string, number>();
  const rows = parsed.map(({ workload, fields, line }): SupportRow => {
    const value = number(fields[column]),
      at = { where: `${where}:${line}` };
    if (!(value > 0 && Number.isFinite(value)))
      throw new HwcastError('bad-input', `${column} is '${fields[column]}', not a positive number`, at);
    const earlier = seen.get(workload.id);
    if (earlier !== undefined)
      throw new HwcastError('bad-input', `'${workload.id}' was measured in line ${earlier} already`, {
        ...at,
        hint: 'give each network once, repeats averaged',
      });
    seen.set(workload.id, line);
    const optional = (name: 'spread' | 'repeats') => {
      const v = fields[name];
      if (v === undefined || v === null || v === '') return undefined;
      const n = number(v);
      if (!(n >= 0 && Number.isFinite(n))) throw new HwcastError('bad-input', `${name} is '${v}', not a number`, at);
      return n;
    };
    return { workload, value: value * toSi, spread: optional('spread'), repeats: optional('repeats') };
  });
  return { target, rows };
}
