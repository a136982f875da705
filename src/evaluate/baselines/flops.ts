import { graphCosts } from '../../graph/operatorCost.js';
import { type Workload, workloadGraph } from '../../graph/workload.js';
import { baseline } from './baseline.js';

const cache = new Map<string, number>();

/** FLOPs of the whole network. */
export function networkFlops(workload: Workload): number {
  let flops = cache.get(workload.id);
  if (flops === undefined) {
    flops = graphCosts(workloadGraph(workload)).total.flops;
    cache.set(workload.id, flops);
  }
  return flops;
}

/** Value proportional to FLOPs, the factor from the support: what a designer without a model does. Its rank needs no measurement. */
export const flopsBaseline = () =>
  baseline('flops', (support, values) => {
    let ratio = 0;
    support.forEach((w, i) => {
      ratio += values[i] / networkFlops(w) / support.length;
    });
    return (workloads) => workloads.map((w) => ratio * networkFlops(w));
  });
