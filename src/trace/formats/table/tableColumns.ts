import { closeNames, HwcastError } from '../../../core/errors.js';
import { spreadScale, type Target, VALUE_COLUMNS, valueColumn } from '../../../graph/targets.js';
import type { ReadOptions } from '../../traceReader.js';

/** Where a value of a row comes from: the text of a column, or a template over several. Undefined where the cell is empty. */
export type Cell = (row: readonly string[]) => string | undefined;

export interface TableValue {
  /** as the header or mapping calls it, for messages */
  name: string;
  target: string;
  /** SI per unit of the column */
  scale: number;
  cell: Cell;
  /** fixed where the column's name is the device (wide form) */
  device?: string;
}

export interface TableColumns {
  workload: Cell;
  device?: Cell;
  condition?: Cell;
  run?: Cell;
  pass?: Cell;
  repeats?: Cell;
  /** median absolute deviation: of the logs, or of the values where `unit` is their SI scale */
  spread?: { cell: Cell; scale?: number };
  values: TableValue[];
  /** long form: target and value in columns of their own, SI */
  long?: { target: Cell; value: Cell };
  /** columns with no meaning here */
  ignored: string[];
}

const PLAIN = ['workload', 'device', 'condition', 'run', 'pass', 'repeats', 'spread', 'target', 'value'] as const;

/**
 * Canonical names and what they are read from: as mapped by hand, else the columns that have such names.
 * @throws HwcastError `usage` for an unknown canonical name
 */
function canonicalColumns(header: readonly string[], byHand: Readonly<Record<string, string>>): Record<string, string> {
  const map: Record<string, string> = { ...byHand };
  for (const name of Object.keys(map))
    if (!(PLAIN as readonly string[]).includes(name) && !valueColumn(name) && spreadScale(name) === undefined)
      throw new HwcastError('usage', `--map: '${name}' is no canonical name`, {
        hint: `known: ${PLAIN.join(', ')}, ${Object.keys(VALUE_COLUMNS).join(', ')}, spread_ms`,
      });
  // a target mapped by hand takes the place of columns that have canonical names
  const mapped = new Set(Object.keys(map).flatMap((n) => valueColumn(n)?.target ?? (n.startsWith('spread') ? 'spread' : n)));
  for (const name of header) {
    const meaning = valueColumn(name)?.target ?? (spreadScale(name) === undefined ? name : 'spread');
    const canonical = (PLAIN as readonly string[]).includes(name) || valueColumn(name) || spreadScale(name) !== undefined;
    if (canonical && !mapped.has(meaning)) map[name] = name;
  }
  return map;
}

/**
 * What each column of a table means: by its canonical name (`workload`, `device`, `latency_ms`, `energy_mj`, `peak_memory_bytes`, `run`, ...),
 * by `options.map` (canonical name -> column or template with `{column}`), or, with `options.wideDevices`, as a device.
 * @param sample first row of data; tells which columns of a wide table are numbers
 * @throws HwcastError `bad-input` for a mapping to a column that is not there, no workload, or no value column; `usage` for an unknown canonical name.
 */
export function tableColumns(
  header: readonly string[],
  sample: readonly string[],
  options: ReadOptions,
  where: string,
): TableColumns {
  const index = new Map(header.map((name, i) => [name, i]));
  const used = new Set<string>();
  const column = (name: string): Cell => {
    const position = index.get(name);
    if (position === undefined) {
      const close = closeNames(name, header);
      throw new HwcastError('bad-input', `no column '${name}'`, {
        where,
        hint: `${close.length ? `did you mean ${close.join(', ')}? ` : ''}columns: ${header.join(', ').slice(0, 400)}`,
      });
    }
    used.add(name);
    return (row) => row[position]?.trim() || undefined;
  };
  const cellOf = (text: string): Cell => {
    if (!text.includes('{')) return column(text);
    const parts = text.split(/\{([^{}]*)\}/).map((part, i) => (i % 2 ? column(part) : () => part));
    return (row) => {
      const values = parts.map((p) => p(row));
      return values.includes(undefined) ? undefined : values.join('');
    };
  };

  const map = canonicalColumns(header, options.map ?? {});
  const plain = (name: (typeof PLAIN)[number]): Cell | undefined => (map[name] === undefined ? undefined : cellOf(map[name]));
  const workload = plain('workload');
  if (!workload)
    throw new HwcastError('bad-input', "no column 'workload'", {
      where,
      hint: `map one: --map workload=COLUMN; columns: ${header.join(', ').slice(0, 400)}`,
    });
  const columns: TableColumns = { workload, values: [], ignored: [] };
  for (const name of ['device', 'condition', 'run', 'pass', 'repeats'] as const) columns[name] = plain(name);
  for (const name of Object.keys(map)) {
    const value = valueColumn(name),
      scale = spreadScale(name);
    if (value) {
      const twice = columns.values.find((v) => v.target === value.target);
      if (twice)
        throw new HwcastError('bad-input', `two columns give ${value.target}: ${twice.name} and ${name}`, {
          where,
          hint: 'choose one with --map',
        });
      columns.values.push({ name: map[name] === name ? name : `${name}=${map[name]}`, ...value, cell: cellOf(map[name]) });
    } else if (name === 'spread' || scale !== undefined) columns.spread = { cell: cellOf(map[name]), scale };
  }
  checkSpread(Object.keys(map), columns, where);
  const target = plain('target'),
    value = plain('value');
  if (target && value) columns.long = { target, value };
  if (options.wideDevices)
    header.forEach((name, i) => {
      if (used.has(name) || !Number.isFinite(Number(sample[i]?.trim() || Number.NaN))) return;
      columns.values.push({ name, target: 'latency', scale: 1e-3, cell: column(name), device: name });
    });
  if (!columns.values.length && !columns.long)
    throw new HwcastError('bad-input', 'no column holds a value', {
      where,
      hint: `name one latency_ms, energy_mj, ... or map it: --map latency_ms=COLUMN; columns: ${header.join(', ').slice(0, 400)}`,
    });
  columns.ignored = header.filter((name) => !used.has(name));
  return columns;
}

/** The spread of a row is that of its latency, or of its first value: a unit of another quantity is refused. */
function checkSpread(names: readonly string[], { values }: TableColumns, where: string): void {
  const name = names.find((n) => spreadScale(n) !== undefined),
    measured = (values.find((v) => v.target === 'latency') ?? values[0])?.target;
  if (name === undefined || measured === undefined || spreadScale(name, measured as Target) !== undefined) return;
  throw new HwcastError('bad-input', `${name} is no unit of ${measured}`, {
    where,
    hint: 'spread is the median absolute deviation of logs; with a unit, that of the values in it',
  });
}
