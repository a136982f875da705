import { createRandom } from '../core/random.js';
import { median } from '../core/statistics.js';
import { drawUnlike, drawWeights } from '../surrogate/operatorSum/drawWeights.js';
import { type Machine, machineOf, type RunSetting } from '../surrogate/operatorSum/machine.js';
import { type NearOperators, nearOperators } from '../surrogate/operatorSum/nearOperators.js';
import type { Lowering } from '../surrogate/operatorSum/operatorSum.js';
import { LEAST_MODELS, trainSums } from '../surrogate/operatorSum/trainSums.js';
import { type MeasuredKernel, measuredPrior, vaguePrior } from '../surrogate/operatorSum/utilisationPrior.js';
import { loweredOn, loweringOf } from './loweringOf.js';
import { GPU_DTYPES, machinesAmong, PROCESSORS } from './machinesOf.js';
import type { DrawnMachines, ModelTable, TableSum } from './modelTable.js';

/** Measured operators, and how they ran. */
export interface MeasuredOperators {
  setting: RunSetting;
  kernels: readonly Omit<MeasuredKernel, 'machine'>[];
}

const FOLDS = 3;

/**
 * Sums over operators for the tasks of a table whose models have graphs, of those tasks where left-out models are predicted better by them than from what
 * the models are alone.
 * @param withoutModels the table without some models, to compare
 * @param settings of each task of the table
 */
export function sumsOfTable(
  table: ModelTable,
  settings: readonly (RunSetting | undefined)[],
  operators: readonly MeasuredOperators[],
  withoutModels: (left: (model: number) => boolean) => ModelTable,
): { sums: TableSum[]; drawn: DrawnMachines[] } {
  const { tasks, models, logs } = table.values,
    graphs = models.map((m) => m.graph),
    fold = foldsOf(models.map((m) => m.id));
  const usable = tasks.flatMap((task, column) => {
    const setting = settings[column],
      on = setting && loweredOn(setting);
    const of = logs.subarray(column * models.length, (column + 1) * models.length);
    const measured = graphs.filter((g, m) => g && !Number.isNaN(of[m])).length;
    if (!setting || !on || measured < LEAST_MODELS) return [];
    // an element type whose operators were measured is fitted by itself
    const kind = `${task.target} ${task.kind}`,
      isKnown = operators.some((o) => o.setting.dtype === setting.dtype);
    return [{ column, ...on, setting, logs: of, kind, group: isKnown ? `${kind} ${setting.dtype}` : kind }];
  });
  const described = describedLeftOut(usable, fold, withoutModels, table);
  const groups = [...new Set(usable.map((u) => u.group))],
    sums: TableSum[] = [],
    drawn: DrawnMachines[] = [];
  for (const group of groups) {
    const own = usable.filter((u) => u.group === group),
      { lowering, kind } = own[0],
      { measured, isSame } = operatorsFor(own, operators);
    const prior = measured.length ? measuredPrior(measured) : vaguePrior(),
      nearOf = isSame ? nearByMachine(measured, prior.mean) : () => undefined,
      of = own.map((u) => ({ ...u, near: nearOf(u.machine) }));
    const trained = trainSums(graphs, fold, of, lowering, prior);
    drawn.push({
      machines: [
        ...furtherMachines(own, lowering, dtypesOf(usable.filter((u) => u.kind === kind && u.group !== group))),
        ...(lowering === 'eager' ? capturedMachines(own, usable) : []),
        ...(own.some((u) => u.setting.threads !== undefined) ? PROCESSORS : []),
      ],
      draws: drawWeights(trained.rows, trained.sums, trained.prior, DRAWS, createRandom(`draws of ${group}`)),
    });
    of.forEach(({ column, logs: measuredLogs }, t) => {
      // of models that both predict: where there are many, not all of them are left out in turn
      const { [t]: leftOut } = trained.leftOut,
        compared = models.map((_, m) => m).filter((m) => !Number.isNaN(leftOut[m])),
        error = (predicted: Float64Array) => median(compared.map((m) => Math.abs(predicted[m] - measuredLogs[m])));
      if (error(leftOut) < error(described[usable.indexOf(own[t])])) sums.push({ ...trained.sums[t], column });
    });
  }
  if (drawn.length) drawn.push(unlikeMachines(drawn));
  return { sums, drawn };
}

/** Draws of the weights of a task that was not measured. */
const DRAWS = 64;
/** Images per batch that a new task may have. */
const BATCHES = [1, 8, 32];

/** A task whose models are sums. */
interface Usable {
  setting: RunSetting;
  lowering: Lowering;
}
const dtypesOf = (of: readonly Usable[]): ReadonlySet<string | undefined> => new Set(of.map((u) => u.setting.dtype));

/** Between the kernels of a captured graph (s): medians on an H200 are 0.26 to 0.39 us by configuration (bench/lowering.ts). */
const BETWEEN_KERNELS = 0.4e-6;

/** Between the nodes of a session on a processor (s). Assumed: profiles have 6 us, most of them the profiler's own, and runs without it are no longer than their nodes. */
const BETWEEN_NODES = 1e-6;

/** Measured operators on the hardware of tasks: those of their element types, or of others where there are none. */
function operatorsFor(
  of: readonly Usable[],
  operators: readonly MeasuredOperators[],
): { measured: MeasuredKernel[]; isSame: boolean } {
  const onHardware = operators.filter(
      ({ setting }) =>
        of[0].lowering === loweringOf(setting) &&
        (of[0].lowering === 'session' || of.some((u) => u.setting.hardware === setting.hardware)),
    ),
    same = onHardware.filter((o) => dtypesOf(of).has(o.setting.dtype));
  const measured = (same.length ? same : onHardware).flatMap(({ setting, kernels }) => {
    const machine = machineOf(setting);
    const between = of[0].lowering === 'captured' ? BETWEEN_KERNELS : BETWEEN_NODES;
    return machine ? kernels.map((k) => ({ ...k, seconds: k.seconds + between, machine })) : [];
  });
  return { measured, isSame: same.length > 0 };
}

/** Measured operators near those of a machine: of a processor those with as many threads, or the nearest number of them; GPUs all have as many units. */
function nearByMachine(measured: readonly MeasuredKernel[], mean: Float64Array): (machine: Machine) => NearOperators {
  const byUnits = [...new Set(measured.map((m) => m.machine.units))].map((units) => ({
    units,
    near: nearOperators(
      measured.filter((m) => m.machine.units === units),
      mean,
    ),
  }));
  return (machine) => {
    const apart = ({ units }: { units: number }) => Math.abs(Math.log(units / machine.units));
    return byUnits.reduce((best, of) => (apart(of) < apart(best) ? of : best)).near;
  };
}

/** The hardware of measured tasks in other settings. @param taken element types that other tasks of the kind tell of */
const furtherMachines = (
  of: readonly Usable[],
  lowering: Lowering,
  taken: ReadonlySet<string | undefined>,
): DrawnMachines['machines'] =>
  machinesAmong({
    lowerings: [lowering],
    hardware: [...new Set(of.map((u) => u.setting.hardware))],
    dtypes: GPU_DTYPES.filter((dtype) => !taken.has(dtype)),
    batches: BATCHES,
  });

/** What is launched one by one tells of the same kernels in a captured graph, where none of their hardware and element type was measured. */
function capturedMachines(of: readonly Usable[], all: readonly Usable[]): DrawnMachines['machines'] {
  const hardware = new Set(of.map((u) => u.setting.hardware));
  const captured = all.filter((u) => u.lowering === 'captured' && hardware.has(u.setting.hardware));
  return furtherMachines(of, 'captured', dtypesOf(captured));
}

/** The GPUs of these and processors, with weights like those of no task. */
function unlikeMachines(drawn: readonly DrawnMachines[]): DrawnMachines {
  const gpus = drawn.flatMap((d) => d.machines).filter(({ machine }) => machine.kind === 'gpu'),
    distinct = new Map(gpus.map((g) => [JSON.stringify(g), g]));
  return { machines: [...distinct.values(), ...PROCESSORS], draws: drawUnlike(DRAWS, createRandom('machines like none')) };
}

/** What models get in each task from what they are, without any of their fold in the table, [tasks][models]; NaN where not measured or without a graph. */
function describedLeftOut(
  of: readonly { column: number; logs: Float64Array }[],
  fold: Int32Array,
  withoutModels: (left: (model: number) => boolean) => ModelTable,
  table: ModelTable,
): Float64Array[] {
  const { models, tasks } = table.values,
    described = of.map(() => new Float64Array(models.length).fill(Number.NaN));
  for (let f = 0; f < FOLDS && of.length; f++) {
    const rest = withoutModels((m) => fold[m] === f),
      left = models.map((_, m) => m).filter((m) => fold[m] === f && models[m].graph);
    const { at } = rest.see(left.map((m) => models[m]));
    of.forEach(({ column, logs }, t) => {
      left.forEach((m, i) => {
        if (!Number.isNaN(logs[m])) described[t][m] = rest.levels[column] + at[i * tasks.length + column];
      });
    });
  }
  return described;
}

/** Fold of each model; models whose names begin alike are in one. */
function foldsOf(ids: readonly string[]): Int32Array {
  const families = [...new Set(ids.map(familyOf))];
  return Int32Array.from(ids, (id) => families.indexOf(familyOf(id)) % FOLDS);
}

/** First word of a name: `zoo:tv/resnet50` is a resnet, `ai-hub:deepbox/VGG3DDetection/w8a16` a vgg. */
export const familyOf = (id: string): string => {
  const name = id.toLowerCase().replace(/\/(float|w\d+a\d+[a-z\d_]*)$/, '');
  return /[a-z]+/.exec(name.replace(/^.*[:/]/, ''))?.[0] ?? id;
};
