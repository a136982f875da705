import { HwcastError } from '../core/errors.js';
import { graphIndex, operands } from '../graph/graphIndex.js';
import { liveNodes } from '../graph/liveNodes.js';
import { nodeCost } from '../graph/operatorCost.js';
import { DTYPE_BYTES, type OpGraph } from '../graph/opGraph.js';
import { kernelOfOperator, type MatrixWork } from './kernelWork.js';
import type { Dataflow, Product } from './rules/systolic.js';
import { type ArrayDtype, type SystolicChip, type SystolicCost, systolicCost } from './rules/systolicCost.js';

/** An operator on the array, all of its products together. */
export interface SystolicOperator extends Omit<SystolicCost, 'traffic'> {
  id: string;
  op: string;
  macs: number;
  products: number;
}

export interface SystolicNetwork {
  dataflow: Dataflow;
  operators: SystolicOperator[];
  cycles: number;
  /** seconds */
  time: number;
  /** joules */
  energy: SystolicCost['energy'];
  macs: number;
  /** of the whole network: products over cycles and multipliers */
  use: number;
  /** operators without products, which the array does not run, by how many there are */
  elsewhere: ReadonlyMap<string, number>;
}

/** The products of an operator, one after another; those of groups and heads are equal. */
function productsOf(
  op: string,
  { rows: m, columns: n, depth, groups }: MatrixWork,
  macs: number,
): { product: Product; times: number }[] {
  // scores, then what the values make of them; a mask saves nothing on an array
  if (op === 'attention') {
    const width = Math.max(1, Math.round(macs / (groups * m * n)) - depth);
    return [
      { m, n, k: depth },
      { m, n: width, k: n },
    ].map((product) => ({ product, times: groups }));
  }
  return [{ product: { m, n, k: macs / (m * n * groups) }, times: groups }];
}

/**
 * Latency and energy of a network's products on a systolic array, operator after operator: convolutions as products of their unfolded inputs
 * (im2col, as SCALE-Sim), groups and heads one by one. Everything else would run beside the array and is not counted, but named.
 * @throws HwcastError `unsupported` where an operator multiplies and is no product of matrices, `bad-input` where nothing multiplies
 */
export function systolicNetwork(graph: OpGraph, dataflow: Dataflow, chip: SystolicChip, dtype: ArrayDtype): SystolicNetwork {
  const live = liveNodes(graph),
    index = graphIndex(graph),
    operators: SystolicOperator[] = [],
    elsewhere = new Map<string, number>();
  graph.nodes.forEach((node, i) => {
    if (!live[i]) return;
    const cost = nodeCost(graph, i),
      { matrix } = kernelOfOperator(node, operands(graph, index, i), cost);
    if (!cost.macs) {
      if (cost.flops) elsewhere.set(node.op, (elsewhere.get(node.op) ?? 0) + 1);
      return;
    }
    if (!matrix)
      throw new HwcastError(
        'unsupported',
        `operator '${node.id}' (${node.op}) multiplies, but is no product of matrices that an array runs`,
        {
          hint: 'an array takes convolutions, linear layers, products of matrices and attention; hwcast roofline takes any operator',
        },
      );
    operators.push({
      ...onArray(productsOf(node.op, matrix, cost.macs), dataflow, chip, dtype),
      id: node.id,
      op: node.op,
      macs: cost.macs,
    });
  });
  if (!operators.length)
    throw new HwcastError('bad-input', 'the network multiplies no matrices', { hint: 'an array has nothing to do' });
  const sum = (of: (o: SystolicOperator) => number) => operators.reduce((total, o) => total + of(o), 0);
  const [cycles, macs] = [sum((o) => o.cycles), sum((o) => o.macs)];
  return {
    ...{ dataflow, operators, cycles, macs, elsewhere },
    time: sum((o) => o.time),
    energy: {
      arithmetic: sum((o) => o.energy.arithmetic),
      buffers: sum((o) => o.energy.buffers),
      memory: sum((o) => o.energy.memory),
    },
    use: macs / (cycles * chip.rows * chip.columns),
  };
}

function onArray(
  all: readonly { product: Product; times: number }[],
  dataflow: Dataflow,
  chip: SystolicChip,
  dtype: ArrayDtype,
): Omit<SystolicOperator, 'id' | 'op' | 'macs'> {
  const costs = all.map(({ product, times }) => ({
    ...systolicCost(dataflow, product, chip, { dtype, bytes: DTYPE_BYTES[dtype] }),
    done: product.m * product.n * product.k * times,
    times,
  }));
  const sum = (of: (c: SystolicCost) => number) => costs.reduce((total, c) => total + c.times * of(c), 0);
  const cycles = sum((c) => c.cycles),
    time = sum((c) => c.time);
  return {
    cycles,
    time,
    products: costs.reduce((total, c) => total + c.times, 0),
    use: costs.reduce((total, c) => total + c.done, 0) / (cycles * chip.rows * chip.columns),
    bound: time > cycles / chip.clock ? 'memory' : 'compute',
    energy: {
      arithmetic: sum((c) => c.energy.arithmetic),
      buffers: sum((c) => c.energy.buffers),
      memory: sum((c) => c.energy.memory),
    },
  };
}
