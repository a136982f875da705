import { csvText } from '../../core/csv.js';
import { otherText } from '../../fpga/synth/cellCounts.js';
import type { SynthesisRow } from '../../fpga/synth/synthesise.js';
import { plainTable } from '../plainTable.js';

/** Columns of a synthesis row in tables; the first eleven are those of `datasets/yosys-fpga/results.csv.gz`. */
const COLUMNS = [
  'id',
  'family',
  'tool_version',
  'lut',
  'ff',
  'carry',
  'dsp',
  'bram',
  'bram_bits',
  'lutram',
  'other',
  'latency_cycles',
  'ii_cycles',
  'fmax_mhz',
  'placed_on',
  'logic_cells',
] as const;

/** One JSON array. */
export const synthesisJson = (rows: readonly SynthesisRow[]): string => JSON.stringify(rows, null, 2);

/** A row a design and family; unknown values are empty. */
export const synthesisCsv = (rows: readonly SynthesisRow[]): string =>
  csvText(
    COLUMNS,
    rows.map((row) => [
      row.id,
      row.family,
      row.toolVersion,
      row.lut,
      row.ff,
      row.carry,
      row.dsp,
      row.bram,
      row.bramBits,
      row.lutram,
      otherText(row.other),
      row.latency,
      row.ii,
      row.placement && Number(row.placement.fmaxMhz.toFixed(2)),
      row.placement?.device,
      row.placement?.logicCells,
    ]),
  );

/** A line a row for people, named by family or design. */
export function synthesisText(rows: readonly SynthesisRow[], by: 'family' | 'design'): string {
  const placed = rows.some((r) => r.placement !== undefined);
  const numbers = [
    'LUT',
    'FF',
    'carry',
    'DSP',
    'BRAM',
    'BRAM bits',
    'LUT RAM',
    'latency',
    'II',
    ...(placed ? ['MHz', 'cells'] : []),
  ];
  return plainTable(
    [by, ...numbers, 'other', 'tool'],
    rows.map((r) => [
      by === 'family' ? r.family : r.id,
      r.lut,
      r.ff,
      r.carry,
      r.dsp,
      r.bram,
      r.bramBits,
      r.lutram,
      r.latency ?? '?',
      r.ii ?? '?',
      ...(placed ? [r.placement?.fmaxMhz.toFixed(1) ?? '', r.placement?.logicCells ?? ''] : []),
      otherText(r.other),
      r.toolVersion,
    ]),
    numbers,
  );
}
