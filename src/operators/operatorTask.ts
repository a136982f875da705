import type { Efficiency } from '../analytical/rules/efficiencies.js';

/** An operator on a device, before it is measured. */
export interface OperatorRow {
  /** the same on every device */
  sizes: readonly number[];
  /** log sizes, roofline terms, waves and what of the cache it takes, in octaves: rows are alike where these are, [width] */
  numbers: Float64Array;
  /** what sizes are multiples of: kernels are chosen by it, but it says nothing of how near two rows are, [steps] */
  steps: readonly number[];
  /** seconds that the rule of its family says under constants */
  rule(e: Efficiency): number;
  /** seconds that the corrected roofline says: max(F / 0.75 peak, Q / 0.8 bandwidth) + overhead */
  roofline: number;
}

/** Operators of one family that one kernel source of one back end ran on one device. */
export interface OperatorTask {
  device: string;
  backend: string;
  /** what the table calls the kernels */
  source: string;
  rows: readonly OperatorRow[];
  /** measured, [rows] */
  seconds: Float64Array;
}
