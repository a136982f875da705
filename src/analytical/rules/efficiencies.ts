/** Constants of one family of kernels. */
export interface Efficiency {
  /** share of the peak rate that is reached */
  compute: number;
  /** share of the memory bandwidth that is reached */
  memory: number;
  /** how sharp the knee is */
  sharpness: number;
  /** seconds */
  launch: number;
  /** of `gemmComputeTime` */
  smallTile?: number;
  splitCost?: number;
  waveCost?: number;
  /** traffic of a byte written, in bytes read */
  writing?: number;
  /** of repeated kernels: share of the last-level cache that holds what one reads, bytes per second of it for each processor */
  held?: number;
  cacheRate?: number;
  /** how far a launch hides behind the work before it: 1 not at all, large altogether */
  overlap?: number;
  /** of kernels that a host hands over one by one: its time for that, in parts of what the catalogue says */
  host?: number;
  /** of `Network`: seconds of a further peer, of a second phase; share of the rate of additions in the switch, of a host's bridge */
  hop?: number;
  bulk?: number;
  inSwitch?: number;
  hostShare?: number;
}

/** Constants and how far off they are on devices they were not fitted to: 5 % and 95 % quantiles of measured over predicted. */
export interface FittedEfficiency extends Efficiency {
  readonly band: readonly [low: number, high: number];
}

export const KERNEL_FAMILIES = [
  'gemm',
  'attention',
  'decodeAttention',
  'rowwise',
  'conv',
  'experts',
  'blockExperts',
  'trtllmGenExperts',
  'widenedExperts',
  'blackwellWidenedExperts',
  'trtllmGenWidenedExperts',
  'tritonWidenedExperts',
  'mxfp8Experts',
  'scan',
  'decodeScan',
  'network',
] as const;
export type KernelFamily = (typeof KERNEL_FAMILIES)[number];
