import type { FpgaPart } from '../../device/fpgaParts.js';

/** Resources that switch. */
export interface SwitchedResources {
  lut: number;
  ff: number;
  dsp: number;
  bram18: number;
}

/**
 * Joules a clock cycle and resource: least squares of relative error, none negative, on the placed and routed designs of every other kernel of ML4Accel
 * (154 designs, xczu9eg, 100 MHz, Vivado's vector-less estimate, so at its default activity). On the other kernels (128 designs) the dynamic power has a
 * median error of 21 % (mean 27 %), the total 2.0 % (mean 4.0 %). Another clock and other parts: by proportion, not checked.
 */
const SWITCHING_J = {
  lut: 2.46e-14,
  ff: 2.09e-14,
  dsp: 1.08e-11,
  bram18: 6.11e-12,
  /** clock tree and control of any design */
  design: 7.6e-12,
} as const;

/** Static watts a LUT of the part: xc7k160t 0.149 W of 101400 (report), xczu9eg 0.620 W of 274080 (282 designs). One part each; others by proportion. */
const STATIC_W_PER_LUT = { sevenSeries: 1.47e-6, ultrascale: 2.26e-6 } as const;
/** Static watts a dynamic watt, by the warmer die: fit to the 282 designs, which have 0.620 to 0.631 W. */
const LEAKAGE = 0.0065;

/** Static power of a configured part in watts, idle. Undefined for families without a seen part. */
export function staticPower(part: Pick<FpgaPart, 'lut' | 'dspGeneration' | 'staticPowerW'>): number | undefined {
  if (part.staticPowerW !== undefined) return part.staticPowerW;
  if (part.dspGeneration === 'DSP48E1') return STATIC_W_PER_LUT.sevenSeries * part.lut;
  if (part.dspGeneration === 'DSP48E2') return STATIC_W_PER_LUT.ultrascale * part.lut;
  return undefined;
}

/** Dynamic power in watts of placed resources at a clock, at Vivado's default activity. */
export function dynamicPower(r: SwitchedResources, clockHz: number): number {
  const j = SWITCHING_J;
  return clockHz * (j.lut * r.lut + j.ff * r.ff + j.dsp * r.dsp + j.bram18 * r.bram18 + j.design);
}

/** Watts of a design on a part, of the chip alone. `total` is undefined where the static power is not known. */
export function power(
  part: Pick<FpgaPart, 'lut' | 'dspGeneration' | 'staticPowerW'>,
  resources: SwitchedResources,
  clockHz: number,
): { staticW: number | undefined; dynamicW: number; totalW: number | undefined } {
  const dynamicW = dynamicPower(resources, clockHz);
  const idle = staticPower(part);
  const staticW = idle === undefined ? undefined : idle + LEAKAGE * dynamicW;
  return { staticW, dynamicW, totalW: staticW === undefined ? undefined : staticW + dynamicW };
}

/**
 * Watts of a whole board while it infers, processor and regulators included: nearly constant over networks. Means of the MLPerf Tiny v0.7 energy runs
 * (hls4ml and FINN): pynq-z2 1.62 to 1.76 W, arty-a7-100t 2.21 to 2.27 W; a board's mean without the network predicts its energy within 7 %.
 */
export const BOARD_POWER_W: Readonly<Record<string, number>> = { 'pynq-z2': 1.68, 'arty-a7-100t': 2.24 };

/** Joules an inference: power times the time between inferences (`ii` cycles; for one alone, its latency). */
export const energyPerInference = (watts: number, cycles: number, clockHz: number): number => (watts * cycles) / clockHz;
