/**
 * What is measured and predicted. SI inside: seconds, joules, watts, bytes; counts for FPGA resources and cycles.
 *
 * | target | meaning |
 * |---|---|
 * | latency, energy | of one inference of the batch |
 * | power, peak_memory | while it runs |
 * | lut, ff, dsp, bram18, uram | FPGA resources; bram18 in blocks of 18 Kb |
 * | bram | block RAM in the family's own blocks |
 * | cycles, cycles_min | clock cycles from input to output, at most and at least |
 * | ii, ii_min | cycles until the next input is taken, at most and at least |
 */
export const TARGETS = [
  'latency',
  'energy',
  'power',
  'peak_memory',
  'lut',
  'ff',
  'dsp',
  'bram18',
  'uram',
  'bram',
  'cycles',
  'cycles_min',
  'ii',
  'ii_min',
] as const;
export type Target = (typeof TARGETS)[number];

/** How a target is measured in files and shown to people: SI per unit by the unit's name, SI inside, and the unit that people read. */
interface TargetUnits {
  /** unit inside hwcast and in `measurements.parquet` */
  si: string;
  /** SI per unit, for columns such as `latency_ms`; none for counts, whose column is the target itself */
  columns?: Readonly<Record<string, number>>;
  display: { unit: string; scale: number };
}

const time = { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 },
  energy = { j: 1, mj: 1e-3, uj: 1e-6 },
  power = { w: 1, mw: 1e-3, kw: 1e3 },
  memory = { bytes: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };
const count = (unit: string): TargetUnits => ({ si: '1', display: { unit, scale: 1 } }),
  cycles: TargetUnits = { si: 'cycles', display: { unit: 'cycles', scale: 1 } };

const TARGET_UNITS: Readonly<Record<Target, TargetUnits>> = {
  latency: { si: 's', columns: time, display: { unit: 'ms', scale: 1e3 } },
  energy: { si: 'J', columns: energy, display: { unit: 'mJ', scale: 1e3 } },
  power: { si: 'W', columns: power, display: { unit: 'W', scale: 1 } },
  peak_memory: { si: 'B', columns: memory, display: { unit: 'MB', scale: 1e-6 } },
  lut: count('LUT'),
  ff: count('FF'),
  dsp: count('DSP'),
  bram18: count('BRAM18'),
  uram: count('URAM'),
  bram: count('BRAM'),
  cycles,
  cycles_min: cycles,
  ii: cycles,
  ii_min: cycles,
};

const byTarget = <T>(of: (units: TargetUnits) => T) =>
  Object.fromEntries(TARGETS.map((t) => [t, of(TARGET_UNITS[t])])) as Readonly<Record<Target, T>>;

/** Unit of each target inside hwcast and in `measurements.parquet`. */
export const UNITS = byTarget((u) => u.si);
/** How a target is shown to people: SI value times `scale` is in `unit`. */
export const DISPLAY = byTarget((u) => u.display);

/** A column of measured values in a file: its target, and SI per unit. */
export interface ValueColumn {
  target: Target;
  scale: number;
}

/** Columns of measured values by name, e.g. `latency_ms`, `energy_mj`, `peak_memory_mb`, `lut`: the same for datasets, support sets and FPGA designs. */
export const VALUE_COLUMNS: Readonly<Record<string, ValueColumn>> = Object.fromEntries(
  TARGETS.flatMap((target): [string, ValueColumn][] => {
    const { columns } = TARGET_UNITS[target];
    return columns
      ? Object.entries(columns).map(([unit, scale]) => [`${target}_${unit}`, { target, scale }])
      : [[target, { target, scale: 1 }]];
  }),
);

/** Target and SI scale of a column; undefined where the name is none of a value. */
export const valueColumn = (name: string): ValueColumn | undefined =>
  Object.hasOwn(VALUE_COLUMNS, name) ? VALUE_COLUMNS[name] : undefined;

/** SI per unit of `spread_ms` and the like: a deviation in a unit of `target` instead of one of logs; undefined for other names and other units. */
export function spreadScale(name: string, target?: Target): number | undefined {
  const unit = /^spread_([a-z]+)$/.exec(name)?.[1];
  if (unit === undefined) return undefined;
  const units = target ? [TARGET_UNITS[target].columns ?? {}] : [time, energy, power, memory];
  return units.flatMap((scales: Readonly<Record<string, number>>) => (Object.hasOwn(scales, unit) ? scales[unit] : []))[0];
}
