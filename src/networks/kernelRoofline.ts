import type { OpGraph } from '../graph/opGraph.js';
import { kernelSeconds, SINGLE } from '../surrogate/operatorSum/kernelSeconds.js';
import type { RunSetting } from '../surrogate/operatorSum/machine.js';
import { kernelsOf } from '../surrogate/operatorSum/operatorSum.js';
import { loweredOn } from './loweringOf.js';

/**
 * Seconds that the kernels which a framework launches for a batch of a graph take by their rooflines, one after another; arithmetic of matrix products whose
 * tiles leave units idle takes as much longer (waves: NVIDIA, Matrix Multiplication Background, 2023). Undefined where the setting is incomplete, and for a
 * graph without kernels.
 * @param graph in single precision
 */
export function kernelRoofline(graph: OpGraph, setting: RunSetting): number | undefined {
  const on = loweredOn(setting);
  if (!on) return undefined;
  const { lowering, machine } = on,
    times = kernelsOf(graph, lowering)
      .filter((kernel) => !kernel.isOfHalf || machine.width < SINGLE)
      .map((kernel) => kernelSeconds(kernel, machine, machine.batch).seconds);
  // in one order, whatever that of the nodes
  return times.length ? times.sort((a, b) => a - b).reduce((sum, t) => sum + t, 0) : undefined;
}
