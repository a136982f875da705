import { HwcastError } from '../../core/errors.js';
import { CELL_TABLES, type CellClass } from './cellTables.js';
import type { YosysFamily } from './yosysFamilies.js';

/** Cells of a synthesised design in the units of its family (`CELL_TABLES`). */
export interface CellCounts {
  lut: number;
  ff: number;
  carry: number;
  dsp: number;
  bram: number;
  /** capacity of all block memories used, larger ones in `other` included */
  bramBits: number;
  lutram: number;
  /** buffers, inverters, wide multiplexers, constants, large memories: by cell type, in alphabetical order */
  other: Record<string, number>;
}

/** Bookkeeping of newer Yosys versions, no hardware. */
const NOTHING = new Set(['$scopeinfo']);

const classes = new Map<YosysFamily, Map<string, [CellClass, number]>>();
function classesOf(family: YosysFamily): Map<string, [CellClass, number]> {
  let byCell = classes.get(family);
  if (!byCell) {
    byCell = new Map();
    for (const [name, cells] of Object.entries(CELL_TABLES[family].cells) as [CellClass, Record<string, number>][])
      for (const [cell, units] of Object.entries(cells)) byCell.set(cell, [name, units]);
    classes.set(family, byCell);
  }
  return byCell;
}

/**
 * Counts of a family from the cell types that Yosys reports (`num_cells_by_type` of `stat -json`).
 * @throws HwcastError `unsupported` for a cell type that the family's table does not have: it is never left out silently
 */
export function cellCounts(family: YosysFamily, cells: Readonly<Record<string, number>>, where?: string): CellCounts {
  const counts: CellCounts = { lut: 0, ff: 0, carry: 0, dsp: 0, bram: 0, bramBits: 0, lutram: 0, other: {} };
  const table = CELL_TABLES[family],
    byCell = classesOf(family);
  for (const cell of Object.keys(cells).sort()) {
    const n = cells[cell];
    if (NOTHING.has(cell)) continue;
    const entry = byCell.get(cell);
    if (!entry)
      throw new HwcastError('unsupported', `${n} cells of type '${cell}', which the table of ${family} does not have`, {
        where,
        hint: cell.startsWith('$')
          ? 'a cell of Yosys itself: its script has not mapped all of the design to the family'
          : 'please report the cell; a row in src/fpga/synth/cellTables.ts adds it',
      });
    const [name, units] = entry;
    if (name !== 'other') counts[name] += n * units;
    else {
      counts.other[cell] = n;
      counts.bramBits += n * (table.largeMemoryBits?.[cell] ?? 0);
    }
  }
  counts.bramBits += counts.bram * table.bramBits;
  return counts;
}

/** `other` as one field of a table: `BUFG:1;INV:2`. */
export const otherText = (other: Readonly<Record<string, number>>): string =>
  Object.entries(other)
    .map(([cell, n]) => `${cell}:${n}`)
    .join(';');
