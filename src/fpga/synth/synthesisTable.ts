import { csvField } from '../../core/csv.js';
import { otherText } from './cellCounts.js';
import type { SynthesisRow } from './synthesise.js';

/** Columns of a synthesis row in tables; the first eleven are those of `datasets/yosys-fpga/results.csv.gz`. */
export const SYNTHESIS_COLUMNS = [
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

/** Values of a row in the order of `SYNTHESIS_COLUMNS`; unknown ones are empty. */
export const synthesisFields = (row: SynthesisRow): (string | number)[] => [
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
  row.latency ?? '',
  row.ii ?? '',
  row.placement ? Number(row.placement.fmaxMhz.toFixed(2)) : '',
  row.placement?.device ?? '',
  row.placement?.logicCells ?? '',
];

export const synthesisCsv = (rows: readonly SynthesisRow[]): string =>
  [
    SYNTHESIS_COLUMNS.join(','),
    ...rows.map((row) =>
      synthesisFields(row)
        .map((v) => csvField(`${v}`))
        .join(','),
    ),
  ].join('\n');
