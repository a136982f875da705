import { cartesian } from '../core/cartesian.js';
import { findDevice } from '../device/deviceNamed.js';
import { machineOf, type RunSetting } from '../surrogate/operatorSum/machine.js';
import type { Lowering } from '../surrogate/operatorSum/operatorSum.js';
import { loweringOf } from './loweringOf.js';
import type { DrawnMachines } from './modelTable.js';

type Machines = DrawnMachines['machines'];

/** What a machine may be: any of these together. */
interface Choices {
  lowerings: readonly Lowering[];
  hardware?: readonly (string | undefined)[];
  dtypes: readonly string[];
  batches: readonly number[];
  threads?: readonly (number | undefined)[];
  fullBatch?: boolean | undefined;
}

/** Element types that GPUs are tried in. */
export const GPU_DTYPES = ['fp32', 'fp16'] as const;
/** What a setting may be where it is not told, on GPUs and on processors. */
const OPEN: Readonly<Record<'gpu' | 'processor', Choices>> = {
  gpu: { lowerings: ['captured', 'eager', 'compiled'], dtypes: GPU_DTYPES, batches: [1, 8, 32, 256] },
  processor: { lowerings: ['compiled', 'session'], dtypes: ['fp32'], batches: [1], threads: [1, 4, 16] },
};
const EXECUTION: Readonly<Record<Lowering, string>> = {
  captured: 'graph',
  eager: 'eager',
  compiled: 'compiled',
  session: 'compiled',
};

/** The machines among choices that are known. */
export const machinesAmong = ({
  lowerings,
  hardware = [undefined],
  dtypes,
  batches,
  threads = [undefined],
  fullBatch,
}: Choices): Machines =>
  cartesian({ hardware, lowering: lowerings, dtype: dtypes, batch: batches, threads }).flatMap(({ lowering, ...of }) => {
    const machine = machineOf({ ...of, fullBatch, execution: EXECUTION[lowering] });
    return machine ? [{ lowering, machine }] : [];
  });

/** Processors of some threads, under a compiler and under ONNX Runtime. */
export const PROCESSORS: Machines = machinesAmong(OPEN.processor);

const known = new Map<string, Machines | undefined>();

/**
 * The machines that a task may run on by what is told of its setting; element type, batch, threads and kind of runtime that are not told are tried.
 * @returns the same objects for the same setting; undefined where neither a GPU of the catalogue, a processor of it nor a number of threads is told, or an
 * element type or kind of runtime that kernels are not known of
 */
export function machinesOf(setting: RunSetting): Machines | undefined {
  const key = JSON.stringify(setting, Object.keys(setting).sort());
  if (!known.has(key)) known.set(key, find(setting));
  return known.get(key);
}

function find({ hardware, batch, fullBatch, dtype, threads, execution, framework }: RunSetting): Machines | undefined {
  const spec = hardware === undefined ? undefined : findDevice(hardware),
    isGpu = spec?.kind === 'gpu' && Boolean(spec.bandwidth);
  if (!isGpu && threads === undefined && spec?.kind !== 'cpu') return undefined;
  const open = isGpu ? OPEN.gpu : OPEN.processor,
    told = loweringOf({ execution, framework });
  if (execution !== undefined && !told) return undefined;
  const lowerings: readonly Lowering[] = told ? [told] : framework === 'onnxruntime' ? ['session'] : open.lowerings;
  const machines = machinesAmong({
    lowerings,
    hardware: [hardware],
    dtypes: dtype === undefined ? open.dtypes : [dtype],
    batches: batch === undefined ? open.batches : [batch],
    threads: threads === undefined ? open.threads : [threads],
    fullBatch,
  });
  return machines.length ? machines : undefined;
}

/**
 * Drawn machines by what is told of the setting of a task: its own machines, with the draws of tasks of the same kind of runtime. Where no task is of that
 * kind, draws of the others stand for it, as they are and with its kernels.
 */
export function drawnOnOwn(drawn: readonly DrawnMachines[], setting: RunSetting | undefined): readonly DrawnMachines[] {
  const own = setting && machinesOf(setting);
  if (!own) return drawn;
  const { execution: _execution, framework: _framework, ...hardware } = setting,
    open = machinesOf(hardware) ?? own;
  const alike = onMachines(drawn, own);
  return alike.length ? alike : [...drawn.map(({ draws }) => ({ machines: own, draws })), ...onMachines(drawn, open)];
}

/** Draws on those machines that have the kernels of what they were drawn for. */
const onMachines = (drawn: readonly DrawnMachines[], own: Machines): DrawnMachines[] =>
  drawn.flatMap(({ machines, draws }) => {
    const of = own.filter((o) => machines.some((m) => m.lowering === o.lowering && m.machine.kind === o.machine.kind));
    return of.length ? [{ machines: of, draws }] : [];
  });
