import { kept } from '../core/kept.js';
import type { OpGraph } from '../graph/opGraph.js';
import { logSum } from '../surrogate/operatorSum/fitSums.js';
import { WEIGHTS } from '../surrogate/operatorSum/kernelFeatures.js';
import type { RunSetting } from '../surrogate/operatorSum/machine.js';
import { setOf } from '../surrogate/operatorSum/operatorSum.js';
import { drawnOnOwn } from './machinesOf.js';
import type { ModelDescription } from './modelDescription.js';
import type { DrawnMachines, ModelTable, SeenModels, SeenTable } from './modelTable.js';

/** Variance of a model around the sum of its kernels. */
export const SUM_VARIANCE = 0.002;

/**
 * The hypothesis that a new task runs on a certain machine, as a table whose tasks are draws of the weights of its operators: every model with a graph has a
 * value, nothing has to be measured elsewhere. Levels are taken from the measured models.
 */
export class DrawnTable implements SeenTable {
  readonly kinds: readonly string[];
  readonly centred: Float64Array;
  readonly level: number;
  private readonly levels: Float64Array;

  constructor(
    private readonly table: ModelTable,
    private readonly on: DrawnMachines['machines'][number],
    private readonly draws: Float64Array,
    measured: readonly ModelDescription[],
  ) {
    const columns = draws.length / WEIGHTS;
    this.kinds = new Array(columns).fill('');
    this.levels = new Float64Array(columns);
    this.centred = this.valuesOf(measured);
    measured.forEach((_, i) => {
      for (let c = 0; c < columns; c++) this.levels[c] += this.centred[i * columns + c] / measured.length;
    });
    for (let i = 0; i < this.centred.length; i++) this.centred[i] -= this.levels[i % columns];
    this.level = this.levels.reduce((a, l) => a + l, 0) / columns;
  }

  get values() {
    return this.table.values;
  }

  see(models: readonly ModelDescription[]): SeenModels {
    const at = this.valuesOf(models),
      { scaled } = this.table.see(models);
    for (let i = 0; i < at.length; i++) at[i] -= this.levels[i % this.levels.length];
    return { at, noise: new Float64Array(models.length).fill(SUM_VARIANCE), scaled };
  }

  /** Logs by draw, [models, draws]; all models have graphs */
  private valuesOf(models: readonly ModelDescription[]): Float64Array {
    const columns = this.levels.length,
      at = new Float64Array(models.length * columns);
    models.forEach(({ graph }, i) => {
      at.set(logsOfDraws(graph as OpGraph, this.on, this.draws), i * columns);
    });
    return at;
  }
}

/** By draws, machine and graph: each task asks the same graphs again. */
const known = new WeakMap<Float64Array, Map<DrawnMachines['machines'][number], WeakMap<OpGraph, Float64Array>>>();

/** Logs of a graph on a machine under each draw, [draws] */
export function logsOfDraws(graph: OpGraph, on: DrawnMachines['machines'][number], draws: Float64Array): Float64Array {
  let byMachine = known.get(draws);
  if (!byMachine) {
    byMachine = new Map();
    known.set(draws, byMachine);
  }
  const byGraph = kept(byMachine, on, () => new WeakMap<OpGraph, Float64Array>());
  let logs = byGraph.get(graph);
  if (!logs) {
    const set = setOf(graph, on);
    logs = Float64Array.from({ length: draws.length / WEIGHTS }, (_, c) =>
      logSum(set, draws.subarray(c * WEIGHTS, (c + 1) * WEIGHTS)),
    );
    byGraph.set(graph, logs);
  }
  return logs;
}

/**
 * Machines that a task may run on.
 * @param measured at least one, all with graphs
 * @param setting of the task, as far as it is known
 */
export const drawnTables = (
  table: ModelTable,
  measured: readonly ModelDescription[],
  setting: RunSetting | undefined,
): DrawnTable[] =>
  drawnOnOwn(table.values.drawn ?? [], setting).flatMap(({ machines, draws }) =>
    machines.map((on) => new DrawnTable(table, on, draws, measured)),
  );
