import { elementCount } from '../../../../core/elementCount.js';
import { HwcastError } from '../../../../core/errors.js';
import { graphCosts } from '../../../operatorCost.js';
import type { OnnxGraph } from '../onnxModel.js';
import { positiveAxis } from '../onnxShapes.js';
import { NotCovered, type Operation, type Rules } from '../operation.js';
import { blockOf, capturedNames, Scope } from '../scope.js';
import { constantValue, isConstant, type Value } from '../value.js';

/** A scan of more operators is not written out step by step. */
const MOST_STEPS_WRITTEN = 20_000;

/** Runs a body in the place of its operator: its tensors and those around it. */
function inline(op: Operation, body: OnnxGraph, inputs: readonly Value[]): Value[] {
  const scope = new Scope(blockOf(body), (name) => op.scope.get(name));
  body.inputs.forEach(({ name }, i) => {
    if (inputs[i]) scope.set(name, inputs[i]);
  });
  return op.translator.run(scope);
}

interface Behind {
  operators: number;
  macs: number;
  outputs: Value[];
}

/** What one pass of a body costs, worked out beside the graph; undefined where it cannot be read. */
function behind(op: Operation, body: OnnxGraph, inputs: readonly Value[]): Behind | undefined {
  const trial = op.translator.fresh();
  const adopted = new Map<Value, Value>();
  const adopt = (value: Value): Value => {
    if (isConstant(value) || value.items) return value;
    const known = adopted.get(value) ?? trial.input('x', value.shape, value.dtype);
    adopted.set(value, known);
    return known;
  };
  const scope = new Scope(blockOf(body), (name) => {
    const value = op.scope.get(name);
    return value && adopt(value);
  });
  try {
    body.inputs.forEach(({ name }, i) => {
      if (inputs[i]) scope.set(name, adopt(inputs[i]));
    });
    const outputs = trial.run(scope);
    const { macs } = graphCosts({ nodes: trial.nodes, outputs: [] }).total;
    return { operators: body.nodes.length, macs, outputs };
  } catch (error) {
    if (error instanceof HwcastError || error instanceof NotCovered) return undefined;
    throw error;
  }
}

const described = (pass: Behind | undefined, body: OnnxGraph): string =>
  pass
    ? `${pass.operators} operators, ${pass.macs >= 1e6 ? `${(pass.macs / 1e6).toPrecision(3)} M` : pass.macs} MACs a pass`
    : `${body.nodes.length} operators`;

/** An opaque operator with the tensors it reads of the graph around it, its outputs shaped as told. */
function opaque(op: Operation, bodies: readonly OnnxGraph[], outputs: readonly (Value | undefined)[]): Value[] {
  const captured = new Set(bodies.flatMap((b) => [...capturedNames(b)]));
  const read = [...captured].flatMap((name) => op.scope.get(name) ?? []);
  const operands = [...op.operands, ...read].filter((v) => !v.items && !(isConstant(v) && elementCount(v.shape) <= 1));
  return op.node.outputs.map((name, i) => {
    const shaped = op.translator.stated(op.scope.block.valueInfo?.get(name)) ?? outputs[i];
    if (!shaped) throw new HwcastError('unsupported', `the shape of output '${name}' of ${op.type} is not known before it runs`);
    const attrs = { kind: op.type, shape: [...shaped.shape] };
    return op.translator.add(op.name, 'opaque', i ? [] : operands, attrs, shaped.dtype)[0];
  });
}

/** A branch that is known is taken; else the operator is opaque. */
function conditional(op: Operation): Value[] {
  const [yes, no] = [op.graph('then_branch'), op.graph('else_branch')];
  if (!yes || !no) throw new NotCovered('has no branches');
  const condition = op.inputs[0]?.constant?.values()?.[0];
  if (condition !== undefined) return inline(op, condition ? yes : no, []);
  const passes = [yes, no].map((branch) => behind(op, branch, []));
  const larger = (passes[0]?.macs ?? 0) >= (passes[1]?.macs ?? 0) ? 0 : 1;
  op.translator.warnings.push(
    `If '${op.name}' is not counted but by its tensors: ${described(passes[0], yes)} or ${described(passes[1], no)}`,
  );
  return opaque(op, [yes, no], passes[larger]?.outputs ?? passes[1 - larger]?.outputs ?? []);
}

/** Operands: how often at most, whether at all, then what is carried from pass to pass; further outputs are one value a pass. */
function loop(op: Operation): Value[] {
  const body = op.graph('body');
  if (!body) throw new NotCovered('has no body');
  const times = op.inputs[0]?.constant?.values()?.[0];
  const carried = op.inputs.slice(2).map((_, i) => op.input(i + 2));
  const pass = behind(op, body, [constantValue([], 'int64'), constantValue([], 'bool'), ...carried]);
  const often = times === undefined ? 'an unknown number of passes' : `at most ${times} passes`;
  op.translator.warnings.push(`Loop '${op.name}' is not counted but by its tensors: ${described(pass, body)}, ${often}`);
  const scanned = (pass?.outputs ?? []).slice(1 + carried.length);
  return opaque(
    op,
    [body],
    [...carried, ...scanned.map((v) => (times === undefined ? undefined : { shape: [times, ...v.shape], dtype: v.dtype }))],
  );
}

/** One step of a scan: a slice of each scanned tensor. */
const element = (op: Operation, x: Value, axis: number, step: number): Value => {
  const sliced = op.translator.add(
    `${op.name}/slice`,
    'slice',
    [x],
    { shape: x.shape.map((n, i) => (i === axis ? 1 : n)), begin: x.shape.map((_, i) => (i === axis ? step : 0)) },
    x.dtype,
  )[0];
  return op.translator.add(`${op.name}/step`, 'reshape', [sliced], { shape: x.shape.filter((_, i) => i !== axis) }, x.dtype)[0];
};

/** A body for each step of a sequence, written out step by step; opaque where that would be too many operators. */
function scan(op: Operation): Value[] {
  const body = op.graph('body');
  const scanned = op.int('num_scan_inputs');
  if (!body || !scanned || op.version < 9) throw new NotCovered('a scan of operator set 8');
  const states = op.inputs.length - scanned;
  let carried = op.inputs.slice(0, states).map((_, i) => op.input(i));
  const sequences = op.inputs.slice(states).map((_, i) => op.input(states + i));
  const axes = sequences.map((x, i) => positiveAxis(op.ints('scan_input_axes')?.[i] ?? 0, x.shape.length));
  const length = sequences[0].shape[axes[0]];
  const outAxes = op.ints('scan_output_axes') ?? [];
  if (length * body.nodes.length > MOST_STEPS_WRITTEN) {
    const parts = sequences.map((x, i) => ({ shape: x.shape.filter((_, k) => k !== axes[i]), dtype: x.dtype }));
    const pass = behind(op, body, [...carried, ...parts]);
    op.translator.warnings.push(
      `Scan '${op.name}' is not counted but by its tensors: ${described(pass, body)}, ${length} passes`,
    );
    const rows = (pass?.outputs ?? []).slice(states);
    return opaque(op, [body], [...carried, ...rows.map((v) => ({ shape: [length, ...v.shape], dtype: v.dtype }))]);
  }
  const collected: Value[][] = [];
  for (let step = 0; step < length; step++) {
    const outputs = inline(op, body, [...carried, ...sequences.map((x, i) => element(op, x, axes[i], step))]);
    carried = outputs.slice(0, states);
    outputs.slice(states).forEach((y, i) => {
      if (!step) collected[i] = [];
      collected[i].push(y);
    });
  }
  return [...carried, ...collected.map((parts, i) => stacked(op, parts, outAxes[i] ?? 0))];
}

/** Values of all steps one after another along a new axis. */
function stacked(op: Operation, parts: readonly Value[], axis: number): Value {
  const at = positiveAxis(axis, parts[0].shape.length + 1);
  const rows = parts.map((v) => {
    const shape = [...v.shape.slice(0, at), 1, ...v.shape.slice(at)];
    return op.translator.add(`${op.name}/row`, 'reshape', [v], { shape }, v.dtype)[0];
  });
  return rows.length === 1 ? rows[0] : op.translator.add(op.name, 'concat', rows, { axis: at }, rows[0].dtype)[0];
}

export const CONTROL_FLOW: Rules = { If: conditional, Loop: loop, Scan: scan };
