import { cartesian } from '../core/cartesian.js';
import { operatorNamed } from '../graph/operators/index.js';
import { OPERATOR_CLASSES } from '../graph/operators/operator.js';
import type { MappedOp } from '../graph/operatorText.js';
import { DTYPE_BYTES } from '../graph/tensorType.js';
import { FEATURE_GROUPS } from '../surrogate/featureGroups.js';
import type { Columns } from '../surrogate/kind.js';

/**
 * Reference machines whose roofline times span those of real devices, so that the log time of an operator on a device is nearly linear in theirs: launch
 * (s), arithmetic (FLOP/s for two bytes an element, in inverse proportion to the width) and bandwidth (B/s).
 */
const MACHINES = cartesian({ launch: [2e-6, 2e-5], peak: [3e12, 3e13, 3e14], bandwidth: [1e11, 1e12] });

const NAMES = [
  'log.flops',
  'log.bytes',
  'log.weights',
  'log.intensity',
  'log.output',
  'log.rows',
  'log.columns',
  'log.width',
  ...MACHINES.map((m) => `time.${m.launch}/${m.peak}/${m.bandwidth}`),
  ...OPERATOR_CLASSES.map((c) => `class.${c}`),
];
const PHYSICAL = FEATURE_GROUPS.indexOf('physical');

/**
 * Features of single operators, [operators, columns]: logs of arithmetic, traffic, weights, intensity (FLOP/B, Williams et al., CACM 2009), output, its
 * last axis and the rest, element width; log roofline times on reference machines; the operator's class.
 */
export function operatorColumns(operators: readonly MappedOp[]): Columns {
  const data = new Float64Array(operators.length * NAMES.length);
  operators.forEach((op, i) => data.set(rowOf(op), i * NAMES.length));
  return { names: [...NAMES], group: new Uint8Array(NAMES.length).fill(PHYSICAL), data, rows: operators.length };
}

function rowOf({ op, attrs, inputs, shape, dtype }: MappedOp): number[] {
  const operator = operatorNamed(op),
    cost = operator.cost({ attrs, shape, dtype }, inputs),
    width = DTYPE_BYTES[operator.computeDtype(attrs) ?? dtype];
  const bytes = cost.bytesIn + cost.bytesOut + cost.bytesWeights,
    elements = shape.reduce((a, b) => a * b, 1),
    columns = shape.at(-1) ?? 1;
  const log = (v: number) => Math.log(Math.max(1, v));
  const time = ({ launch, peak, bandwidth }: (typeof MACHINES)[number]) =>
    Math.log(launch + Math.max((cost.flops * width) / (2 * peak), bytes / bandwidth));
  const found = operator.featureClass(inputs, attrs);
  return [
    log(cost.flops),
    log(bytes),
    log(cost.bytesWeights),
    Math.log((1 + cost.flops) / (1 + bytes)),
    log(elements),
    log(elements / Math.max(1, columns)),
    log(columns),
    Math.log(width),
    ...MACHINES.map(time),
    ...OPERATOR_CLASSES.map((c) => (c === found ? 1 : 0)),
  ];
}
