import type { Target } from './dataset.js';

/** Unit of each target inside hwcast and in `measurements.parquet`. */
export const UNITS: Readonly<Record<Target, string>> = {
  latency: 's',
  energy: 'J',
  power: 'W',
  peak_memory: 'B',
  lut: '1',
  ff: '1',
  dsp: '1',
  bram18: '1',
  uram: '1',
  bram: '1',
  cycles: 'cycles',
  cycles_min: 'cycles',
  ii: 'cycles',
  ii_min: 'cycles',
};

/** How a target is shown to people: SI value times `scale` is in `unit`. */
export const DISPLAY: Readonly<Record<Target, { unit: string; scale: number }>> = {
  latency: { unit: 'ms', scale: 1e3 },
  energy: { unit: 'mJ', scale: 1e3 },
  power: { unit: 'W', scale: 1 },
  peak_memory: { unit: 'MB', scale: 1e-6 },
  lut: { unit: 'LUT', scale: 1 },
  ff: { unit: 'FF', scale: 1 },
  dsp: { unit: 'DSP', scale: 1 },
  bram18: { unit: 'BRAM18', scale: 1 },
  uram: { unit: 'URAM', scale: 1 },
  bram: { unit: 'BRAM', scale: 1 },
  cycles: { unit: 'cycles', scale: 1 },
  cycles_min: { unit: 'cycles', scale: 1 },
  ii: { unit: 'cycles', scale: 1 },
  ii_min: { unit: 'cycles', scale: 1 },
};
