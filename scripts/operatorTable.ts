import { mean } from '../src/core/statistics.js';
import type { ResultRow } from '../src/evaluate/resultRow.js';
import { commandList, distinct, markdownTable, percent } from './markdown.js';

const METHODS = ['roofline', 'neighbours', 'closed-form', 'operators'];
/** Where every device is told apart. */
const SHOWN = 20;

const deviceOf = ({ device }: ResultRow): string => device.split(',')[0];

/** A row a device from rows of what ran on it, scores averaged, the means over all tasks left out: devices count the same, however many back ends ran. */
export function deviceRows(rows: readonly ResultRow[]): ResultRow[] {
  const groups = new Map<string, ResultRow[]>();
  for (const r of rows.filter(({ device }) => device !== 'all' && device !== 'median of all')) {
    const key = [r.space, deviceOf(r), r.method, r.k, r.selection].join('\t');
    groups.set(key, [...(groups.get(key) ?? []), r]);
  }
  return [...groups.values()].map((own) => {
    const averaged = Object.fromEntries(
      Object.entries(own[0]).map(([name, value]) => [
        name,
        typeof value === 'number' ? mean(own.map((r) => Number(r[name as keyof ResultRow]))) : value,
      ]),
    );
    return { ...(averaged as unknown as ResultRow), device: deviceOf(own[0]) };
  });
}

type Score = 'mape' | 'coverage90';

const overDevices = (rows: readonly ResultRow[], score: Score): number | null =>
  rows.length ? mean(rows.map((r) => r[score] ?? Number.NaN)) : null;

/** Tables of `hwcast evaluate --protocol operators`, from `deviceRows`. */
export function operatorTable(rows: readonly ResultRow[]): string {
  const families = distinct(rows.map((r) => r.space)),
    ks = distinct(rows.map((r) => r.k)).sort((a, b) => a - b);
  const columns = ks.flatMap((k) =>
    k ? (['random', 'chosen'] as const).map((selection) => ({ k, selection })) : [{ k, selection: 'random' as const }],
  );
  const at = (space: string, method: string, { k, selection }: (typeof columns)[number]) =>
    rows.filter((r) => r.space === space && r.method === method && r.k === k && r.selection === selection);
  const errors = families.flatMap((space) =>
    METHODS.map((method) => [space, method, ...columns.map((c) => percent(overDevices(at(space, method, c), 'mape')))]),
  );
  const coverage = families.map((space) => [
    space,
    'in interval',
    ...columns.map((c) => percent(overDevices(at(space, 'operators', c), 'coverage90'), 0)),
  ]);
  const head = ['family', 'method', ...columns.map(({ k, selection }) => (k ? `${k} ${selection}` : 'none measured'))];
  const devices = distinct(rows.map((r) => r.device));
  const each = devices.map((d) => [
    d,
    ...families.flatMap((space) =>
      (['random', 'chosen'] as const).map((selection) =>
        percent(
          overDevices(
            at(space, 'operators', { k: SHOWN, selection }).filter((r) => r.device === d),
            'mape',
          ),
        ),
      ),
    ),
  ]);
  const eachHead = ['device', ...families.flatMap((space) => [`${space}, random`, `${space}, chosen`])];
  return `${markdownTable(head, [...errors, ...coverage])}\n\nBy device, ${SHOWN} measured:\n\n${markdownTable(eachHead, each)}\n\n${commandList(rows)}\n`;
}
