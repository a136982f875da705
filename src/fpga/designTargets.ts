import type { Target } from '../graph/targets.js';

/** How far counts may be off of which little is known. */
export const LITTLE_KNOWN = 5;

/** Counts that HLS estimates and logic synthesis both give. */
export const COUNTS = ['lut', 'ff', 'dsp', 'bram18'] as const satisfies readonly Target[];
/** Targets that are resources of a part. */
export const RESOURCES = [...COUNTS, 'uram'] as const satisfies readonly Target[];
export type Resource = (typeof RESOURCES)[number];
/** Clock cycles from input to output, and until the next input is taken. */
export const CYCLES = ['cycles_min', 'cycles', 'ii_min', 'ii'] as const satisfies readonly Target[];
/** Targets of an FPGA design: resources, then clock cycles. */
export const DESIGN_TARGETS = [...RESOURCES, ...CYCLES] as const satisfies readonly Target[];
export type DesignTarget = (typeof DESIGN_TARGETS)[number];
