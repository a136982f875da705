import type { Workload } from './workload.js';

/** `space:#index` where the space has an order, which is shorter than the code and accepted wherever a workload is. */
export const shortName = (w: Workload): string =>
  w.space?.indexOf && w.arch ? `${w.space.name}:#${w.space.indexOf(w.arch)}` : w.id;
