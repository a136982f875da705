import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import { inferShape } from '../../graph/inferShape.js';
import type { Attrs } from '../../graph/operators/attributes.js';
import { operatorNamed } from '../../graph/operators/index.js';
import type { MappedOp, Tensor } from '../../graph/operatorText.js';
import { recordedForm } from '../recordedForm.js';
import type { HloDot, HloInstruction, HloModule } from './hloModule.js';

/** Instructions whose parts run by themselves, or that run nothing. */
const NO_KERNEL =
  /^(while|conditional|call|parameter|constant|tuple|get-tuple-element|bitcast|after-all|partition-id|replica-id)$/;
/** Custom calls of libraries: a forward convolution, and a product. */
const CONVOLVES = /conv(BiasActivation)?Forward(Graph)?$/i,
  MULTIPLIES = /(gemm|matmul)/i;

type Instructions = ReadonlyMap<number, HloInstruction>;

/** Where an instruction stands. */
interface Place {
  instruction: HloInstruction;
  among: Instructions;
}

/** The instruction of a name; undefined where the module has none. */
export function hloInstruction({ computations }: HloModule, name: string): Place | undefined {
  for (const among of computations.values())
    for (const instruction of among.values()) if (instruction.name === name) return { instruction, among };
  return undefined;
}

/**
 * The operator that an instruction is: convolutions and products with their attributes, of a fusion the one of most multiply-accumulates in it; anything else
 * is opaque, by its opcode, with what it reads and gives out.
 * @returns why it is none, where it is none
 */
export function hloOperator(module: HloModule, { instruction, among }: Place): MappedOp | string {
  const { opcode, target } = instruction;
  if (NO_KERNEL.test(opcode)) return `${opcode}: it runs no kernel of its own`;
  if (opcode !== 'fusion') return ownOperator(instruction, among) ?? opaque(instruction, among, target && 'custom-call');
  let head: { operator: MappedOp; macs: number } | undefined;
  for (const id of instruction.called)
    for (const part of module.computations.get(id)?.values() ?? []) {
      const operator = ownOperator(part, module.computations.get(id)!);
      if (typeof operator !== 'object') continue;
      const { macs } = operatorNamed(operator.op).cost(operator, operator.inputs);
      if (!head || macs > head.macs) head = { operator, macs };
    }
  return head?.operator ?? opaque(instruction, among, 'fusion');
}

/** A convolution or product; undefined where it is neither. */
function ownOperator(instruction: HloInstruction, among: Instructions): MappedOp | string | undefined {
  const { opcode, target, output, operands } = instruction,
    [x, y] = operands.map((id) => among.get(id)?.output);
  let made: Pick<MappedOp, 'op' | 'attrs' | 'inputs'> | string | undefined;
  if (opcode === 'convolution' || CONVOLVES.test(target)) made = convolution(instruction, x, y);
  else if (opcode === 'dot') made = product(instruction.dot, x, y);
  else if (MULTIPLIES.test(target)) made = product(dotOfConfig(instruction.config), x, y);
  if (typeof made !== 'object') return made;
  if (!output) return `${opcode}: the shape or type of its result is not known`;
  try {
    const shape = inferShape(
      made.op,
      made.inputs.map((t) => t.shape),
      made.attrs,
    );
    if (elementCount(shape) !== elementCount(output.shape))
      return `${opcode}: its attributes make [${shape}], it gives out [${output.shape}]`;
    return recordedForm({ ...made, shape: [...shape], dtype: output.dtype });
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    return `${opcode}: ${error.message}`;
  }
}

function convolution({ convolution: axes, window, groups }: HloInstruction, x?: Tensor, filters?: Tensor) {
  if (!axes || !x || !filters) return 'convolution: the shapes or axes of its tensors are not known';
  // TPUs have products as convolutions of no axis
  if (!axes.sizes.length && groups === 1)
    return product({ summed: [[axes.channels], [axes.filterIn]], batch: [[], []] }, x, filters);
  if (window.some((w) => w.baseDilation > 1)) return 'convolution of a spread input: a transposed one is not read';
  if (window.some((w) => w.before < 0 || w.after < 0 || !Number.isSafeInteger(w.before) || !Number.isSafeInteger(w.after)))
    return 'convolution of a cut input';
  if (!window.length || window.length !== axes.sizes.length) return 'convolution: its window does not have the axes of its input';
  const attrs: Attrs = {
    kernel: window.map((w) => w.size),
    stride: window.map((w) => w.stride),
    padding: [...window.map((w) => w.before), ...window.map((w) => w.after)],
    dilation: window.map((w) => w.dilation),
    groups,
    outChannels: filters.shape[axes.filterOut],
    bias: 0,
  };
  const shape = [axes.batch, axes.channels, ...axes.sizes].map((axis) => x.shape[axis]);
  return { op: `conv${window.length}d`, attrs, inputs: [{ shape, dtype: x.dtype }] };
}

/** [batch, m, k] x [batch, k, n], axes of one kind as one; without batches two matrices. */
function product(dot: HloDot | undefined, x?: Tensor, y?: Tensor) {
  if (!dot || !x || !y) return 'product: the shapes or axes of its tensors are not known';
  const count = (t: Tensor, axes: readonly number[]) => axes.reduce((n, axis) => n * t.shape[axis], 1),
    [k, batch] = [count(x, dot.summed[0]), count(x, dot.batch[0])],
    rest = (t: Tensor, side: 0 | 1) => elementCount(t.shape) / count(t, dot.summed[side]) / count(t, dot.batch[side]),
    leading = dot.batch[0].length ? [batch] : [];
  return {
    op: 'matmul',
    attrs: { transposeB: 0 },
    inputs: [
      { shape: [...leading, rest(x, 0), k], dtype: x.dtype },
      { shape: [...leading, k, rest(y, 1)], dtype: y.dtype },
    ],
  };
}

/** Axes of a product as the back end's JSON has them. */
function dotOfConfig(config: string): HloDot | undefined {
  try {
    const value = JSON.parse(config),
      axes = (value.gemm_backend_config ?? value).dot_dimension_numbers,
      list = (key: string): number[] => (axes[key] ?? []).map(Number);
    return {
      summed: [list('lhs_contracting_dimensions'), list('rhs_contracting_dimensions')],
      batch: [list('lhs_batch_dimensions'), list('rhs_batch_dimensions')],
    };
  } catch {
    return undefined;
  }
}

function opaque({ opcode, output, operands }: HloInstruction, among: Instructions, kind: string): MappedOp | string {
  const name = kind || (/^[a-z][a-z-]{0,39}$/.test(opcode) ? opcode : 'other'),
    inputs = operands.flatMap((id) => among.get(id)?.output ?? []).filter((t) => t.shape.length);
  if (!output || !inputs.length) return `${name}: no tensor with an axis among what it reads or gives out`;
  return { op: 'opaque', attrs: { kind: `xla::${name}` }, inputs, shape: output.shape, dtype: output.dtype };
}
