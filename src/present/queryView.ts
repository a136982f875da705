import { csvText } from '../core/csv.js';
import type { QueryResult } from '../dataset/queryDatasets.js';
import { plainTable } from './plainTable.js';

/** For people: aligned columns, numbers to the right. */
export function queryTable({ columns, rows }: QueryResult): string {
  const isNumeric = (i: number) =>
    rows.some((r) => r[i] !== null) && rows.every((r) => r[i] === null || typeof r[i] === 'number');
  return plainTable(
    columns,
    rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell)))),
    columns.filter((_, i) => isNumeric(i)),
  );
}

/** Empty cells where there is no value. */
export const queryCsv = ({ columns, rows }: QueryResult): string => csvText(columns, rows);

/** An array of objects; columns of one name are numbered. */
export function queryJson({ columns, rows }: QueryResult): string {
  const names = columns.map((name, i) => {
    const before = columns.slice(0, i).filter((n) => n === name).length;
    return before ? `${name}_${before + 1}` : name;
  });
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(row.map((cell, i) => [names[i], cell]))),
    null,
    2,
  );
}
