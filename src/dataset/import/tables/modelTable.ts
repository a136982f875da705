import { HwcastError } from '../../../core/errors.js';
import type { ModelFacts } from '../../../graph/namedModel.js';
import type { Target } from '../../../graph/targets.js';
import { checkDataset } from '../../checkDataset.js';
import type { Condition, Dataset, DatasetCard, DeviceEntry, TaskData } from '../../dataset.js';

/** A file of a source, as text. */
export interface TableFile {
  name: string;
  text: string;
}

/** One value that others measured, SI. */
export interface TableMeasurement {
  workload: string;
  device: string;
  /** key of the condition, see `conditions` */
  condition: string;
  target: Target;
  value: number;
  /** half of (most - least) over the value, where the source gives both */
  spread?: number;
  repeats?: number;
  /** file and line */
  where: string;
}

/** What the files of one source hold. */
export interface ModelTable {
  measurements: TableMeasurement[];
  /** of the models by workload id */
  facts: Map<string, ModelFacts>;
  /** by device and key */
  conditions: Map<string, Map<string, Condition>>;
  /** names in the device catalogue, by device */
  hardware: Map<string, string>;
  /** what was left out and why */
  notes: string[];
}

/** A source of tables: one file and one line in `modelTables.ts`. */
export interface ModelTableFormat {
  name: string;
  about: string;
  /** source, licence and notice of the card */
  source: string;
  licence: string;
  notice: string;
  detect(file: TableFile): boolean;
  /** adds what a file holds. @throws HwcastError `bad-input` naming file and line */
  read(file: TableFile, into: ModelTable): void;
}

export const emptyTable = (): ModelTable => ({
  measurements: [],
  facts: new Map(),
  conditions: new Map(),
  hardware: new Map(),
  notes: [],
});

/** Notes a condition of a device. */
export function addCondition({ conditions }: ModelTable, device: string, key: string, condition: Condition): void {
  let known = conditions.get(device);
  if (!known) {
    known = new Map();
    conditions.set(device, known);
  }
  known.set(key, condition);
}

/** A positive number of a cell. @throws HwcastError `bad-input` */
export function positive(text: string | undefined, what: string, where: string): number {
  const value = Number(text);
  if (text === undefined || text.trim() === '' || !(value > 0 && Number.isFinite(value)))
    throw new HwcastError('bad-input', `${what} is '${text ?? ''}', not a positive number`, { where });
  return value;
}

/**
 * A positive number of a cell, or nothing where the source could not tell (empty, nan or 0), which the notes say.
 * @throws HwcastError `bad-input` for anything else
 */
export function measuredNumber(text: string | undefined, what: string, where: string, { notes }: ModelTable): number | undefined {
  const cell = (text ?? '').trim();
  if (cell !== '' && cell.toLowerCase() !== 'nan' && Number(cell) !== 0) return positive(cell, what, where);
  notes.push(`Rows whose ${what} is empty or 0 in the source are left out of that target.`);
  return undefined;
}

/**
 * A dataset of a table: a workload a model, a task a (device, condition, target). Of two values of one measurement the later counts, and the notes say so.
 * @throws HwcastError `bad-input` for a table without a measurement
 */
export function tableDataset(table: ModelTable, card: Omit<DatasetCard, 'devices' | 'noise'>): Dataset {
  const ids = [...new Set(table.measurements.map((m) => m.workload))].sort(),
    position = new Map(ids.map((id, i) => [id, i]));
  const tasks = new Map<string, Map<number, TableMeasurement>>();
  let twice = 0;
  for (const m of table.measurements) {
    const key = JSON.stringify([m.device, m.condition, m.target]);
    if (!tasks.has(key)) tasks.set(key, new Map());
    if (tasks.get(key)!.has(position.get(m.workload)!)) twice++;
    tasks.get(key)!.set(position.get(m.workload)!, m);
  }
  if (!tasks.size) throw new HwcastError('bad-input', 'the table holds no measurement', { where: card.name });
  const devices = Object.fromEntries(
    [...table.conditions]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, known]): [string, DeviceEntry] => {
        const hardware = table.hardware.get(id);
        return [id, { ...(hardware ? { hardware } : {}), conditions: Object.fromEntries(known) }];
      }),
  );
  const dataset: Dataset = {
    card: {
      ...card,
      devices,
      noise: {},
      notes: [
        ...card.notes,
        ...new Set(table.notes),
        ...(twice ? [`${twice} measurements stand twice in the source; the later value is kept.`] : []),
      ],
    },
    workloads: ids.map((id) => ({ id, facts: table.facts.get(id) ?? {} })),
    tasks: [...tasks].map(([key, rows]) => taskOf(key, rows)),
    splits: {},
  };
  checkDataset(dataset);
  return dataset;
}

function taskOf(key: string, rows: Map<number, TableMeasurement>): TaskData {
  const [device, condition, target] = JSON.parse(key) as [string, string, Target],
    order = [...rows.keys()].sort((a, b) => a - b),
    cells = order.map((row) => rows.get(row)!);
  return {
    device,
    condition,
    target,
    rows: Int32Array.from(order),
    values: Float64Array.from(cells, (m) => m.value),
    spread: Float64Array.from(cells, (m) => m.spread ?? Number.NaN),
    repeats: Int32Array.from(cells, (m) => m.repeats ?? 0),
  };
}
