import { HwcastError } from '../../core/errors.js';
import { findFpgaPart } from '../../device/fpgaParts.js';
import type { LabelStage } from '../design/hlsDesign.js';
import { RESOURCES, type Resource } from '../designTargets.js';

export type FpgaReportKind =
  | 'csynth-xml'
  | 'csynth-rpt'
  | 'csynth-overview'
  | 'vivado-utilization'
  | 'vivado-hierarchy'
  | 'vivado-export'
  | 'vivado-timing'
  | 'vivado-power'
  | 'yosys-stat';

/** Counts of a report; null where it does not say. `bram18` in blocks of 18 Kb. */
export type ReportResources = Record<Resource, number | null>;

/** Clock cycles; null where the tool could not tell (`undef`, `?`). */
export interface CycleRange {
  min: number | null;
  max: number | null;
}

/** A module inside the design. */
export interface ReportModule {
  name: string;
  instance?: string;
  latency: CycleRange | null;
  ii: CycleRange | null;
  resources: ReportResources;
  clockEstNs?: number | null;
}

/** What hwcast reads of the report of an FPGA tool, in the units of the field names. */
export interface FpgaReport {
  kind: FpgaReportKind;
  stage: LabelStage;
  /** top function or module */
  top?: string;
  /** as the report spells it */
  part?: string;
  tool?: string;
  toolVersion?: string;
  clockNs?: number;
  clockEstNs?: number;
  latency: CycleRange | null;
  ii: CycleRange | null;
  resources: ReportResources;
  available?: ReportResources;
  modules: ReportModule[];
  /** setup slack of the worst path and of all failing ones */
  timing?: { wnsNs: number | null; tnsNs: number | null; clocks: { name: string; periodNs: number }[] };
  /** watts; components without static power */
  power?: { totalW: number; dynamicW: number; staticW: number; components: Record<string, number> };
  /** cells by type over the whole hierarchy */
  cells?: Record<string, number>;
  warnings: string[];
}

export const NO_RESOURCES: ReportResources = { lut: null, ff: null, dsp: null, bram18: null, uram: null };

/** Where a report is read and what was noticed on the way. */
export class ReportText {
  readonly warnings: string[] = [];

  constructor(
    readonly text: string,
    readonly name: string,
  ) {}

  warn(text: string): void {
    if (!this.warnings.includes(text)) this.warnings.push(text);
  }

  /** The error of a damaged or cut report. */
  corrupt(message: string): HwcastError {
    return new HwcastError('corrupt', message, {
      where: this.name,
      hint: 'the report is cut off or damaged: copy it again from the tool',
    });
  }

  /** A whole number; null with a warning where the tool wrote `undef` or `?`. @throws HwcastError `corrupt` for anything else. */
  count(text: string | undefined, what: string): number | null {
    const value = text?.trim();
    if (value === undefined || value === '') throw this.corrupt(`no value for ${what}`);
    if (/^(0|[1-9]\d{0,14})$/.test(value)) return Number(value);
    if (/^(undef|\?|N\/A|NA)$/.test(value)) {
      this.warn(`${what} is '${value}': the tool could not tell it`);
      return null;
    }
    throw this.corrupt(`${what} is '${printable(value)}', not a whole number`);
  }

  /** A number with at least `digits` decimals, as the tool prints it. @throws HwcastError `corrupt`. */
  decimal(text: string | undefined, what: string, digits = 0, signed = false): number {
    const value = text?.trim() ?? '';
    if (value.startsWith('-') && !signed) throw this.corrupt(`${what} is '${printable(value)}', less than zero`);
    if (!/^-?(0|[1-9]\d{0,11})(\.\d{1,6})?$/.test(value) || (value.split('.')[1] ?? '').length < digits)
      throw this.corrupt(`${what} is '${printable(value)}', not a number`);
    return Number(value);
  }

  /** Notes a contradiction between two values that the report gives for the same thing. */
  agree(a: number | null | undefined, b: number | null | undefined, what: string, tolerance = 0): void {
    if (typeof a !== 'number' || typeof b !== 'number' || Math.abs(a - b) <= tolerance + 1e-9) return;
    this.warn(`${what}: the report contradicts itself (${round(a)} and ${round(b)}); it may be damaged`);
  }

  range(min: number | null, max: number | null, what: string): CycleRange | null {
    if (min !== null && max !== null && min > max)
      this.warn(`${what}: the least, ${min}, is more than the most, ${max}; the report may be damaged`);
    return min === null && max === null ? null : { min, max };
  }

  /** Capacity must be that of the part, where hwcast knows it. */
  checkCapacity(part: string | undefined, available: ReportResources | undefined): void {
    const known = part === undefined ? undefined : findFpgaPart(part);
    if (part !== undefined && !known) this.warn(`part '${printable(part)}' is not in the catalogue`);
    if (known && available)
      for (const key of RESOURCES)
        if (available[key] !== null && available[key] !== known[key])
          this.warn(`available ${key} is ${available[key]}, of ${known.name} ${known[key]} is known; the report may be damaged`);
  }
}

const round = (value: number): number => Number(value.toPrecision(8));

/** Text for an error message: control characters shown, cut to 60 characters. */
const printable = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`).slice(0, 60);

/** `0.425 us`, `50.000 ns`, `0 ns` in nanoseconds with half a unit of its last digit; undefined for other text. */
function realTimeNs(text: string): { ns: number; half: number } | undefined {
  const match = text.trim().match(/^(\d+)(?:\.(\d+))?\s*(ps|ns|us|ms|sec|s)$/);
  if (!match) return undefined;
  const unit = { ps: 1e-3, ns: 1, us: 1e3, ms: 1e6, sec: 1e9, s: 1e9 }[match[3]]!;
  return { ns: Number(`${match[1]}.${match[2] ?? 0}`) * unit, half: 0.5 * unit * 10 ** -(match[2]?.length ?? 0) };
}

/** Cycles times clock must be the time printed beside them. The clock is printed with two decimals: 3.33 may be 3.333. */
export function checkRealTime(
  report: ReportText,
  cycles: number | null,
  text: string | undefined,
  clockNs: number | undefined,
  what: string,
): void {
  if (cycles === null || clockNs === undefined || !clockNs || text === undefined || /^\s*(undef|\?|-|N\/A)\s*$/.test(text))
    return;
  const time = realTimeNs(text);
  if (!time) {
    report.warn(`${what}: '${printable(text.trim())}' is no time; the report may be damaged`);
    return;
  }
  const clocks = [clockNs, 1000 / Math.round(1000 / clockNs)].filter((c) => Math.abs(c - clockNs) <= 0.005);
  if (!clocks.some((clock) => Math.abs(cycles * clock - time.ns) <= time.half * 1.02 + 1e-6))
    report.warn(`${what}: ${cycles} cycles of ${clockNs} ns are not ${text.trim()}; the report may be damaged`);
}

/** `2019.2.1 (Build 2724168 on Thu ..)` or `Vivado v.2020.1 (lin64) Build ..`: the version alone. */
export const versionIn = (text: string | undefined): string | undefined => text?.match(/\b(\d{4}\.\d+(?:\.\d+)?)\b/)?.[1];

/** What `read` gives, or `otherwise` with its error as a warning: for parts of a report behind its summary. */
export function orWarn<T>(report: ReportText, otherwise: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    report.warn(`left out: ${error.message}`);
    return otherwise;
  }
}
