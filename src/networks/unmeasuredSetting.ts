import { mean } from '../core/statistics.js';
import type { OpGraph } from '../graph/opGraph.js';
import type { Machine, RunSetting } from '../surrogate/operatorSum/machine.js';
import { type Lowering, saidOfUnmeasured, sumGraph } from '../surrogate/operatorSum/operatorSum.js';
import { logsOfDraws, SUM_VARIANCE } from './drawnTable.js';
import { loweredOn } from './loweringOf.js';
import type { DrawnMachines, ModelTable, TableSum } from './modelTable.js';

/** Log of the seconds that a batch takes, its standard deviation, and what is doubtful of it. */
export interface LogLatency {
  log: number;
  deviation: number;
  /** share of the time of operators that none of nearly their sizes was measured for */
  unmeasured: number;
  warnings: string[];
}

/** What sums over operators say of hardware that they were learned on, in a setting that need not have been measured. */
export interface UnmeasuredSetting {
  /** the tasks whose sums these are; none where only their hardware, in other element types, was measured */
  tasks: string[];
  /** undefined for a graph without kernels */
  latencyOf(graph: OpGraph): LogLatency | undefined;
}

/**
 * Latency of graphs on known hardware, nothing measured in the very setting: by the sums of tasks that differ in their batch only; else by draws of the
 * weights that a further task of the hardware may have. Tasks of full batches are left out, whose values are of a picture.
 * @param tables of any targets
 * @returns undefined where the setting is incomplete, or nothing of that hardware and kind of runtime is known
 */
export function unmeasuredSetting(tables: readonly ModelTable[], setting: RunSetting): UnmeasuredSetting | undefined {
  const on = loweredOn(setting);
  if (!on) return undefined;
  const { lowering, machine } = on,
    known = tables.filter((t) => t.values.target === 'latency').map(({ values }) => ({ ...values, sums: values.sums ?? [] }));
  const ofSetting = known.flatMap(({ sums, tasks }) =>
    sums
      .filter((s) => isLike(s, machine, lowering) && !s.machine.perImage)
      .map((sum) => ({ sum, task: tasks[sum.column].device })),
  );
  if (ofSetting.length)
    return {
      tasks: ofSetting.map((s) => s.task),
      latencyOf: (graph) =>
        bySums(
          ofSetting.map((s) => ({ ...s.sum, machine })),
          graph,
        ),
    };
  // machines that tasks may be on are drawn of hardware that nothing was measured on, too
  const drawn = known.flatMap(({ sums, drawn: all = [] }) => {
    const isMeasured = sums.some((s) => s.machine.bandwidth === machine.bandwidth),
      isOfPictures = sums.some((s) => s.lowering === lowering && s.machine.perImage);
    return isMeasured && !isOfPictures ? all : [];
  });
  const draws = drawn.filter(({ machines }) => machines.some((m) => isLike(m, machine, lowering))).map((d) => d.draws);
  return draws.length ? { tasks: [], latencyOf: (graph) => byDraws(on, draws, graph) } : undefined;
}

/** Whether it is the same kind of runtime on the same hardware in the same element type. */
const isLike = (
  of: DrawnMachines['machines'][number],
  { peak, bandwidth, width, launch }: Machine,
  lowering: Lowering,
): boolean =>
  of.lowering === lowering &&
  of.machine.peak === peak &&
  of.machine.bandwidth === bandwidth &&
  of.machine.width === width &&
  of.machine.launch === launch;

function bySums(sums: readonly TableSum[], graph: OpGraph): LogLatency | undefined {
  const summed = sums.flatMap((sum) => sumGraph(sum, graph) ?? []);
  if (!summed.length) return undefined;
  const log = mean(summed.map((s) => s.log));
  const between = mean(summed.map((s) => (s.log - log) ** 2)),
    around = mean(sums.map((s) => s.deviation ** 2));
  // the tasks have the same measured operators
  const [{ unmeasured }] = summed;
  return { log, deviation: Math.sqrt(between + around), unmeasured: unmeasured.share, warnings: saidOfUnmeasured(unmeasured) };
}

function byDraws(on: DrawnMachines['machines'][number], draws: readonly Float64Array[], graph: OpGraph): LogLatency | undefined {
  const logs = draws.flatMap((of) => [...logsOfDraws(graph, on, of)]),
    log = mean(logs);
  if (!Number.isFinite(log)) return undefined;
  return { log, deviation: Math.sqrt(mean(logs.map((l) => (l - log) ** 2)) + SUM_VARIANCE), unmeasured: 0, warnings: [] };
}
