import { HwcastError } from '../core/errors.js';
import type { ModelFacts } from '../graph/namedModel.js';
import type { Workload } from '../graph/workload.js';
import { checkDataset } from './checkDataset.js';
import { type Dataset, type DatasetCard, type TaskData, taskId } from './dataset.js';

/**
 * Unites datasets: workloads by id (those of the first keep their positions), tasks by (device, condition, target). A measurement that stands in several
 * with the same value counts once. Licences, sources and notes are listed; splits of workload positions are renumbered; where two datasets have
 * different splits of one name, the later one goes under `<dataset>/<name>`.
 * @throws HwcastError `bad-input` for two values of one measurement, or two descriptions of one condition, naming the place.
 */
export function mergeDatasets(datasets: readonly Dataset[], name?: string): Dataset {
  if (!datasets.length) throw new HwcastError('bad-input', 'nothing to merge');
  const positions = new Map<string, number>(),
    workloads: Workload[] = [];
  const tasks = new Map<string, { first: TaskData; from: Cells }>();
  const splits: Record<string, string[]> = {};
  for (const dataset of datasets) {
    const moved = Int32Array.from(dataset.workloads, (w) => {
      const at = positions.get(w.id);
      if (at === undefined) {
        positions.set(w.id, workloads.length);
        return workloads.push(w) - 1;
      }
      workloads[at] = unitedWorkload(workloads[at], w, dataset.card.name);
      return at;
    });
    for (const task of dataset.tasks) addTask(tasks, task, moved, workloads, dataset.card.name);
    for (const [split, members] of Object.entries(dataset.splits)) addSplit(splits, split, members, moved, dataset);
  }
  const merged: Dataset = {
    card: mergeCards(
      datasets.map((d) => d.card),
      name,
    ),
    workloads,
    tasks: [...tasks.values()].map(({ first, from }) => {
      const rows = [...from.keys()].sort((a, b) => a - b),
        cells = rows.map((r) => from.get(r)!);
      return {
        ...first,
        rows: Int32Array.from(rows),
        values: Float64Array.from(cells, (c) => c.value),
        spread: Float64Array.from(cells, (c) => c.spread),
        repeats: Int32Array.from(cells, (c) => c.repeats),
      };
    }),
    splits,
  };
  checkDataset(merged);
  return merged;
}

/** A workload of two datasets: what either knows of it. @throws HwcastError `bad-input` where they contradict each other */
function unitedWorkload(known: Workload, more: Workload, where: string): Workload {
  const named = known.facts ?? more.facts,
    oneLacksIt = named && !(known.graph && more.graph);
  if (!oneLacksIt && JSON.stringify(known.graph) !== JSON.stringify(more.graph))
    throw new HwcastError('bad-input', `workload '${known.id}' has two different graphs`, { where });
  if (!named) return known;
  for (const [name, value] of Object.entries(more.facts ?? {})) {
    const before = known.facts?.[name as keyof ModelFacts];
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(value))
      throw new HwcastError('bad-input', `workload '${known.id}' has two values of ${name}: ${before} and ${value}`, { where });
  }
  return { ...known, graph: known.graph ?? more.graph, facts: { ...known.facts, ...more.facts } };
}

type Cells = Map<number, { value: number; spread: number; repeats: number; source: string }>;

function addTask(
  tasks: Map<string, { first: TaskData; from: Cells }>,
  task: TaskData,
  moved: Int32Array,
  workloads: Workload[],
  source: string,
): void {
  const id = taskId(task),
    key = JSON.stringify([task.device, task.condition, task.target]);
  let known = tasks.get(key);
  if (!known) {
    known = { first: task, from: new Map() };
    tasks.set(key, known);
  }
  for (let i = 0; i < task.rows.length; i++) {
    const row = moved[task.rows[i]],
      value = task.values[i],
      before = known.from.get(row);
    if (before && before.value !== value)
      throw new HwcastError(
        'bad-input',
        `two values of '${id}' for workload '${workloads[row].id}': ${before.value} in '${before.source}', ${value} in '${source}'`,
        {
          where: `${source}, task ${id}, row ${i + 1}`,
          hint: 'measurements of other conditions need another condition key or device name; drop one of the two otherwise',
        },
      );
    if (!before || (!before.repeats && task.repeats[i]))
      known.from.set(row, { value, spread: task.spread[i], repeats: task.repeats[i], source });
  }
}

/** Members that are positions of this dataset are renumbered; other names (devices) stay. */
function addSplit(splits: Record<string, string[]>, name: string, members: string[], moved: Int32Array, { card }: Dataset): void {
  const renumbered = members.map((m) =>
    /^\d+$/.test(m) && Number(m) < moved.length && !(m in card.devices) ? String(moved[Number(m)]) : m,
  );
  const agrees = !(name in splits) || JSON.stringify(splits[name]) === JSON.stringify(renumbered);
  splits[agrees ? name : `${card.name}/${name}`] = renumbered;
}

function mergeCards(cards: readonly DatasetCard[], name?: string): DatasetCard {
  const devices: DatasetCard['devices'] = {},
    noise: DatasetCard['noise'] = {},
    unclear = new Set<string>();
  for (const card of cards) {
    for (const [id, entry] of Object.entries(card.devices)) {
      if (!Object.hasOwn(devices, id)) devices[id] = { ...(entry.hardware && { hardware: entry.hardware }), conditions: {} };
      if (devices[id].hardware !== entry.hardware)
        throw new HwcastError('bad-input', `device '${id}' is '${devices[id].hardware}' and '${entry.hardware}'`, {
          where: card.name,
        });
      for (const [key, condition] of Object.entries(entry.conditions)) {
        const known = Object.hasOwn(devices[id].conditions, key) ? devices[id].conditions[key] : undefined;
        if (known && JSON.stringify(Object.entries(known).sort()) !== JSON.stringify(Object.entries(condition).sort()))
          throw new HwcastError(
            'bad-input',
            `condition '${key}' of device '${id}' is described in two ways: ${JSON.stringify(known)} and ${JSON.stringify(condition)}`,
            { where: card.name },
          );
        devices[id].conditions[key] = condition;
      }
    }
    for (const [task, figures] of Object.entries(card.noise)) {
      // two runs of one task: neither figure is that of their union
      if (noise[task] && JSON.stringify(noise[task]) !== JSON.stringify(figures)) unclear.add(task);
      noise[task] = figures;
    }
  }
  for (const task of unclear) delete noise[task];
  const joined = (texts: string[]) => [...new Set(texts)].join('; ');
  return {
    name: name ?? cards.map((c) => c.name).join('+'),
    source: joined(cards.map((c) => c.source)),
    licence: joined(cards.map((c) => c.licence)),
    devices,
    noise,
    notes: [
      ...new Set([
        ...cards.flatMap((c) => c.notes),
        ...[...unclear].map((t) => `Noise of ${t} is left out: it was measured in several runs.`),
      ]),
    ],
  };
}
