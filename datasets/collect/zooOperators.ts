// Operators of the models of the zoo with the time of their kernels, from what PyTorch's profiler recorded; part of zoo.ts
import { readCsv } from '../../src/core/csv.js';
import { kept } from '../../src/core/kept.js';
import { operatorText } from '../../src/graph/operatorText.js';
import { mapOperator } from '../../src/trace/formats/kineto/atenOperators.js';
import type { OperatorCall } from '../../src/trace/formats/kineto/eventArguments.js';

/** An operator as a workload, and what a call of it takes. */
export interface MeasuredOperator {
  /** `op:..` */
  id: string;
  /** that of the models it was recorded in */
  configuration: string;
  /** mean over the calls of one step of all models */
  seconds: number;
  calls: number;
  /** models that call it */
  models: string[];
}

export interface ZooOperators {
  operators: MeasuredOperator[];
  /** rows of the table, and those of them in `operators` */
  rows: number;
  used: number;
  /** of all kernel time, the share that `operators` account for, 0 to 1 */
  share: number;
  /** rows that could not be used, by reason */
  reasons: Map<string, number>;
}

/** Steps that the profiler recorded. */
const STEPS = 2;

/** Operators that run one kernel a call, one or another by alignment; a call of any other runs all its kernels, some of them several times. */
const ONE_KERNEL = /^aten::(add|sub|mul|div|copy|cat)_?$/;

/** Rows of one operator of one model: the same shapes, types and arguments. */
interface Recorded {
  model: string;
  configuration: string;
  event: OperatorCall;
  /** calls and microseconds of each kernel, of all steps */
  kernels: { calls: number; microseconds: number }[];
}

/**
 * Operators of `kernels.csv`, mapped as the reader of traces does; of tensor lists, whose element type the profiler does not record, that of the models.
 * @param whole the configuration of a table that does not name any
 * @throws HwcastError `bad-input` for a broken table
 */
export function zooOperators(text: string, where: string, whole: string): ZooOperators {
  const recorded = new Map<string, Recorded>();
  const rows = readCsv(text, where);
  for (const { fields: f } of rows) {
    const configuration = f.configuration?.replace(/^graph/, 'eager') ?? whole;
    const key = [f.model, configuration, f.operator, f.input_dims, f.input_types, f.concrete_inputs].join('\n');
    const { kernels } = kept(recorded, key, () => ({ model: f.model, configuration, event: eventOf(f), kernels: [] }));
    kernels.push({ calls: Number(f.calls), microseconds: Number(f.microseconds) });
  }
  const sums = new Map<string, { id: string; configuration: string; calls: number; microseconds: number; models: Set<string> }>();
  const reasons = new Map<string, number>();
  let [used, time, all] = [0, 0, 0];
  for (const { model, configuration, event, kernels } of recorded.values()) {
    const microseconds = kernels.reduce((sum, k) => sum + k.microseconds, 0);
    all += microseconds;
    const mapped = mapOperator(event, () => (configuration.includes('fp32') ? 'fp32' : 'fp16'));
    if (typeof mapped === 'string') {
      const reason = event.dims ? `${event.name}: ${mapped}` : 'no operator with shapes';
      reasons.set(reason, (reasons.get(reason) ?? 0) + kernels.length);
      continue;
    }
    const id = operatorText(mapped);
    const sum = kept(sums, `${configuration} ${id}`, () => ({ id, configuration, calls: 0, microseconds: 0, models: new Set() }));
    sum.models.add(model);
    sum.calls += callsOf(event.name, kernels);
    sum.microseconds += microseconds;
    used += kernels.length;
    time += microseconds;
  }
  const operators = [...sums.values()].map(({ id, configuration, calls, microseconds, models }) => ({
    id,
    configuration,
    seconds: (microseconds / calls) * 1e-6,
    calls: calls / STEPS,
    models: [...models],
  }));
  return { operators, rows: rows.length, used, share: time / all, reasons };
}

/** Calls of an operator in all steps. */
function callsOf(name: string, kernels: readonly { calls: number }[]): number {
  const calls = kernels.map((k) => k.calls);
  return ONE_KERNEL.test(name) ? calls.reduce((a, b) => a + b, 0) : Math.min(...calls);
}

/**
 * What frameworks call where the profiler recorded a step inside of it, and where its arguments stand among those of the step; the reader of traces goes
 * by the calls around a step, which this table does not have.
 */
const CALLED_AS: Readonly<Record<string, { name: string; at: number[]; where?: (concrete: readonly string[]) => boolean }>> = {
  'aten::clamp_min': { name: 'aten::relu', at: [0], where: ([, least]) => least === '0' },
  'aten::clamp_min_': { name: 'aten::relu_', at: [0], where: ([, least]) => least === '0' },
  'aten::_cudnn_attention_forward': { name: 'aten::_scaled_dot_product_cudnn_attention', at: [0, 1, 2, 3, 8, 9, 10] },
};

/** The event that a row was recorded from, as far as it is known. */
function eventOf(fields: Record<string, string>): OperatorCall {
  const list = (name: string) => JSON.parse(fields[name] || 'null');
  const recorded: OperatorCall = {
    name: fields.operator,
    dims: list('input_dims'),
    types: list('input_types') ?? [],
    concrete: list('concrete_inputs'),
  };
  const called = CALLED_AS[recorded.name];
  const { dims, types, concrete } = recorded;
  if (!called || !dims || !concrete || called.where?.(concrete) === false) return recorded;
  const moved = <T>(all: readonly T[]) => called.at.map((i) => all[i]);
  return { ...recorded, name: called.name, dims: moved(dims), types: moved(types), concrete: moved(concrete) };
}
