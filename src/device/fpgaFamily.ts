/** The multiplier block of a family, by the name of its primitive; `none` where there is none. */
export type DspGeneration =
  | 'DSP48E1'
  | 'DSP48E2'
  | 'DSP58'
  | 'MULT18X18D'
  | 'SB_MAC16'
  | 'GOWIN_MULT18'
  | 'GOWIN_MULT27'
  | 'INTEL_MULT18'
  | 'CYCLONE_V_DSP'
  | 'ARRIA_10_DSP'
  | 'AGILEX_DSP'
  | 'POLARFIRE_MATH'
  | 'none';

/** 18 Kb, the block RAM in which capacities are compared. */
export const BITS_OF_BRAM18 = 18 * 1024;

/** name, aliases (comma between), LUT, FF, DSP, block RAMs, URAM, most user I/O of any package where known */
type PartRow = readonly [string, string, number, number, number, number, number?, number?];

/** The parts of a family and what they have in common. */
export interface FpgaFamily {
  family: string;
  dsp: DspGeneration;
  lutInputs: number;
  /** bits of one block RAM */
  block: number;
  source: string;
  parts: readonly PartRow[];
}
