import { median } from '../../core/statistics.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { kernelNumbers } from '../../surrogate/operatorSum/kernelFeatures.js';
import type { Machine } from '../../surrogate/operatorSum/machine.js';
import { kernelsOf } from '../../surrogate/operatorSum/operatorSum.js';
import type { MeasuredKernel } from '../../surrogate/operatorSum/utilisationPrior.js';

const NEIGHBOURS = 3;
/** Keeps a neighbour at no distance from counting without limit. */
const NEAREST = 0.01;

/** Seconds of a graph as the sum of its kernels, each by the utilisation of its three nearest measured ones of its kind, 1 where there is none. */
export function neighbourSums(
  measured: readonly Omit<MeasuredKernel, 'machine'>[],
  machine: Machine,
): (graph: OpGraph) => number {
  const known = new Map<string, { numbers: number[]; log: number }[]>();
  for (const { kernel, seconds } of measured) {
    const at = kernelNumbers(kernel, machine, 1),
      of = known.get(kernel.kind) ?? [];
    of.push({ numbers: at.numbers, log: Math.log(seconds / at.seconds) });
    known.set(kernel.kind, of);
  }
  return (graph) =>
    kernelsOf(graph, 'captured').reduce((sum, kernel) => {
      const { seconds, numbers } = kernelNumbers(kernel, machine, machine.batch);
      return sum + seconds * Math.exp(nearestLog(known.get(kernel.kind) ?? [], numbers));
    }, 0);
}

function nearestLog(known: readonly { numbers: number[]; log: number }[], numbers: readonly number[]): number {
  const nearest: { distance: number; log: number }[] = [];
  for (const k of known) {
    let distance = 0;
    for (let j = 0; j < numbers.length; j++) distance += (k.numbers[j] - numbers[j]) ** 2;
    if (nearest.length === NEIGHBOURS && distance >= nearest[NEIGHBOURS - 1].distance) continue;
    nearest.push({ distance, log: k.log });
    nearest.sort((a, b) => a.distance - b.distance);
    nearest.length = Math.min(nearest.length, NEIGHBOURS);
  }
  let sum = 0,
    weights = 0;
  for (const { distance, log } of nearest) {
    sum += log / (distance + NEAREST);
    weights += 1 / (distance + NEAREST);
  }
  return weights ? sum / weights : 0;
}

/** The factor that takes sums to measured values best, from models where both are known. */
export const factorOf = (sums: readonly number[], values: readonly number[]): number => median(sums.map((s, i) => values[i] / s));
