import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mean, median } from '../../../src/core/statistics.js';
import { type FpgaLabel, type FpgaSourceRow, readFpgaSources } from '../../../src/fpga/data/fpgaSources.js';
import type { HlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { analyseDesign, type DesignAnalysis } from '../../../src/fpga/rules/analyseDesign.js';
import type { MatrixProduct } from '../../../src/fpga/rules/matrixProduct.js';
import { SHARED } from '../../shared.js';

export const RULES_FOLDER = resolve(import.meta.dirname, '../../../datasets/fpga-rules');
export const FPGA_FOLDER = join(SHARED, 'data/fpga');
/** Whether the collected tables are there whose licences keep them out of the repository. */
export const hasFpga = existsSync(FPGA_FOLDER);

let ofRules: FpgaSourceRow[] | undefined, collected: FpgaSourceRow[] | undefined;
/** Single dense layers of wa-hls4ml, of the embedded table. */
export function ruleRows(): FpgaSourceRow[] {
  ofRules ??= readFpgaSources(RULES_FOLDER);
  return ofRules;
}
/** All rows of the collected tables (needs ../shared). */
export function fpgaRows(): FpgaSourceRow[] {
  collected ??= readFpgaSources(FPGA_FOLDER, { onIssue: () => {} });
  return collected;
}

const TOTALS = {
  lut: 'lut',
  ff: 'ff',
  dsp: 'dsp',
  bram18: 'bram18',
  cycles_min: 'latencyMin',
  cycles: 'latencyMax',
  ii_min: 'iiMin',
  ii: 'iiMax',
} as const satisfies Partial<Record<FpgaLabel, keyof DesignAnalysis['total']>>;
export type Target = keyof typeof TOTALS;

/** Reported and analytical values of rows that have the label. */
export function pairs(of: readonly FpgaSourceRow[], target: Target): [reported: number, analytical: number][] {
  return of.flatMap((row) => {
    const label = row.labels[target];
    // a module is no project: it has no ports of its own
    const total = analyseDesign(row.design, { topLevel: row.source !== 'hls4ml_modules' }).total;
    return label === undefined ? [] : [[label, total[TOTALS[target]]] as [number, number]];
  });
}

export const shareExact = (p: [number, number][]): number => mean(p.map(([a, b]) => (a === b ? 1 : 0)));
export const shareWithin = (p: [number, number][], cycles: number): number =>
  mean(p.map(([a, b]) => (Math.abs(a - b) <= cycles ? 1 : 0)));
const relative = (p: [number, number][]): number[] => p.map(([a, b]) => Math.abs(a - b) / Math.max(1, a));
export const meanError = (p: [number, number][]): number => mean(relative(p));
export const medianError = (p: [number, number][]): number => median(relative(p));
export const largestError = (p: [number, number][]): number => Math.max(...relative(p));

/** Synthesised single dense layers of wa-hls4ml whose weights lie in memory: strategy resource, RF > 1. */
export const resourceRows = (): FpgaSourceRow[] =>
  ruleRows().filter((r) => r.success && r.design.strategy === 'resource' && r.design.reuseFactor > 1);

/** Synthesised single dense layers of wa-hls4ml whose weights are constants, each multiplied at once. */
export const unrolledRows = (): FpgaSourceRow[] => ruleRows().filter((r) => r.success && r.design.reuseFactor === 1);

export const weightBits = (row: FpgaSourceRow): number => row.design.layers[0].weight!.bits;

/** A split of the single-layer rows by model, for constants fitted to one half. */
export const half = (row: FpgaSourceRow): number => {
  const { inShape, outShape } = row.design.layers[0];
  return (inShape[0] / 32 + outShape[0] / 32 + weightBits(row) / 2) % 2;
};

/** A dense layer as a matrix product: hls4ml's defaults unless told. */
export const product = (nIn: number, nOut: number, reuse: number, more: Partial<MatrixProduct> = {}): MatrixProduct => ({
  nIn,
  nOut,
  reuse,
  strategy: 'resource',
  dataBits: 16,
  weightBits: 8,
  ownWidths: false,
  weightFraction: 7,
  accumBits: 16,
  zeroWeights: undefined,
  generation: 'DSP48E2',
  multipliers: undefined,
  vivadoHls: true,
  clockNs: 5,
  ...more,
});

/** A chain of dense layers of the given sizes, rectifiers between where asked. */
export function denseDesign(sizes: readonly number[], more: Partial<HlsDesign> = {}): HlsDesign {
  return {
    id: sizes.join('-'),
    layers: sizes.slice(1).map((n, i) => ({
      name: `dense_${i + 1}`,
      kind: 'dense',
      inputs: i ? [`dense_${i}`] : [],
      inShape: [sizes[i]],
      outShape: [n],
      weight: { bits: 8, intBits: 1, signed: true },
    })),
    precision: { bits: 16, intBits: 6, signed: true },
    reuseFactor: 1,
    strategy: 'resource',
    ioType: 'io_parallel',
    part: 'xcu250-figd2104-2L-e',
    clockS: 5e-9,
    tool: 'vivado_hls',
    toolVersion: '2020.1',
    assumptions: [],
    ...more,
  };
}
