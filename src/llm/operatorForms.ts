import type { AttentionSizes } from '../analytical/rules/attentionWork.js';
import type { KernelFamily } from '../analytical/rules/efficiencies.js';
import type { GemmSizes } from '../analytical/rules/gemm.js';
import type { KernelWork } from '../analytical/rules/kernelTime.js';
import type { DeviceSpec, PeakDtype } from '../device/deviceSpec.js';
import type { Attrs } from '../graph/operators/attributes.js';
import { operatorNamed } from '../graph/operators/index.js';
import { bytesOf, type WeightFormat } from './architecture/weightFormat.js';
import { fusedWork } from './fusedWork.js';
import type { Matrix } from './layerMatrices.js';
import type { Parallelism } from './llmSetup.js';
import type { Framework } from './servingConstants.js';
import type { WeightFormats } from './weights.js';

/** One pass: `batch` requests bring `length` new tokens each to `before` cached ones; `outputs` of all tokens get a token made after them. */
export interface Pass {
  batch: number;
  length: number;
  before: number;
  outputs: number;
  /** tokens of an encoder that attention across reads; they are projected in the pass that `projectsEncoder` */
  encoderTokens?: number;
  projectsEncoder?: boolean;
  bidirectional?: boolean;
}

/** A kernel, or a message, of a pass, and how often it runs. */
export interface PassOperator {
  name: string;
  count: number;
  work: KernelWork;
  /** `network`: `work.bytes` is the message of each device */
  family: KernelFamily | 'all-reduce' | 'all-gather' | 'reduce-scatter' | 'all-to-all' | 'point-to-point';
  /** its arithmetic runs in the narrow type of the weights */
  narrow: boolean;
  /** type of its arithmetic, where it is neither of the two */
  compute?: PeakDtype;
  gemm?: GemmSizes;
  attention?: AttentionSizes;
  /** of a scan that hands its state from chunk to chunk */
  scan?: { length: number; chunk: number };
}

/** What all operators of a pass share. */
export interface Context extends Parallelism {
  pass: Pass;
  hidden: number;
  formats: WeightFormats;
  kv: WeightFormat;
  framework: Framework;
  device: DeviceSpec;
  normName: string;
}

/** A kernel that runs once unless told. */
export const kernel = (
  name: string,
  family: PassOperator['family'],
  work: KernelWork,
  rest: Partial<PassOperator> = {},
): PassOperator => ({
  name,
  count: 1,
  family,
  work,
  narrow: false,
  ...rest,
});

const linear = operatorNamed('linear'),
  linearAttrs = new Map<number, Attrs>();

/** Attributes of a linear operator; the same object for the same numbers, so that they are checked once. */
function attrsOf(outFeatures: number, bias: boolean): Attrs {
  const key = 2 * outFeatures + (bias ? 1 : 0);
  let attrs = linearAttrs.get(key);
  if (!attrs) {
    attrs = Object.freeze({ outFeatures, bias: bias ? 1 : 0 });
    linearAttrs.set(key, attrs);
  }
  return attrs;
}

/** A matrix over so many rows, divided by tensor parallelism; FLOPs and activations as the table of operators counts a linear operator. */
export function product(
  { name, inputs, outputs, split, bias }: Matrix,
  rows: number,
  c: Context,
  format: WeightFormat,
): PassOperator {
  const k = split === 'inputs' ? Math.ceil(inputs / c.tp) : inputs,
    n = split === 'outputs' ? Math.ceil(outputs / c.tp) : outputs;
  const made = { shape: [rows, n], dtype: 'bf16' as const, attrs: attrsOf(n, bias) };
  const cost = linear.cost(made, [{ shape: [rows, k], dtype: 'bf16' }]);
  const width = bytesOf(c.formats.wide) / 2; // costs are of two bytes an element
  const bytes = (cost.bytesIn + cost.bytesOut) * width + cost.params * bytesOf(format);
  return kernel(
    name,
    'gemm',
    { flops: cost.flops, bytes },
    {
      gemm: { m: rows, n, k, outputBytes: bytesOf(c.formats.wide) },
      narrow: format === c.formats.weights,
    },
  );
}

/** Elementwise and row operators by the table of operators, as one kernel. */
export function fused(
  name: string,
  ops: readonly (readonly [op: string, inputs: 1 | 2])[],
  rows: number,
  width: number,
  c: Context,
): PassOperator {
  const { flops, bytes } = fusedWork(ops, rows, width);
  return kernel(name, 'rowwise', { flops, bytes: (bytes * bytesOf(c.formats.wide)) / 2 });
}

export const tokensOf = ({ batch, length }: Pass): number => batch * length;
