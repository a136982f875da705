import type { OpGraph } from '../graph/opGraph.js';
import { kernelNumbers, SINGLE } from '../surrogate/operatorSum/kernelFeatures.js';
import type { RunSetting } from '../surrogate/operatorSum/machine.js';
import { kernelsOf } from '../surrogate/operatorSum/operatorSum.js';
import { loweredOn } from './loweringOf.js';

/** Most elements along the side of a tile of a matrix product: libraries take small ones where large ones would leave multiprocessors idle. */
const TILE = 64;

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
    smaller = { ...machine, tile: Math.min(machine.tile, TILE) };
  const times = kernelsOf(graph, lowering).flatMap((kernel) => {
    if (kernel.isOfHalf && machine.width >= SINGLE) return [];
    const { seconds, compute, filling } = kernelNumbers(kernel, smaller, machine.batch);
    return filling > 1 ? Math.max(seconds, compute * filling + machine.launch) : seconds;
  });
  // in one order, whatever that of the nodes
  return times.length ? times.sort((a, b) => a - b).reduce((sum, t) => sum + t, 0) : undefined;
}
