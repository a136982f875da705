import { csvText } from '../../core/csv.js';
import type { FpgaPart } from '../../device/fpgaParts.js';
import { RESOURCES } from '../../fpga/designTargets.js';
import { plainTable } from '../plainTable.js';

const HEAD = ['part', 'family', ...RESOURCES, 'multiplier', 'boards and other names', 'io'];

const fieldsOf = (p: FpgaPart): (string | number)[] => [
  p.name,
  p.family,
  ...RESOURCES.map((k) => p[k]),
  p.dspGeneration,
  p.aliases.join(' '),
  p.io ?? '',
];

/** A row a part: name, family, capacities, generation of multipliers, other names, user I/O of its largest package where known. */
export const partsCsv = (parts: readonly FpgaPart[]): string => csvText(HEAD, parts.map(fieldsOf));

/** The same as a table for people. */
export const partsText = (parts: readonly FpgaPart[]): string => plainTable(HEAD, parts.map(fieldsOf), [...RESOURCES, 'io']);
