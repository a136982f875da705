// How often intervals of FPGA designs hold: points, where the rule is exact, apart from intervals, and of these such as whole numbers cannot have narrower.
import { mean, median } from '../src/core/statistics.js';
import { markdownTable, percent } from './markdown.js';

/** A predicted value with its interval, and what the tool said. */
export interface Held {
  value: number;
  low: number;
  high: number;
  label: number;
}

const inside = ({ low, high, label }: Held): boolean => label >= low && label <= high;
/** Count and share inside; a dash where there are none. */
const cells = (of: readonly Held[]): string[] => [
  String(of.length),
  of.length ? percent(mean(of.map((h) => Number(inside(h)))), 0) : '-',
];
/** Where half of the intervals end, over the value. */
const end = (of: readonly Held[], over: (h: Held) => number): string => {
  const finite = of.map(over).filter(Number.isFinite);
  return finite.length ? `x${median(finite).toFixed(2)}` : '-';
};

/** A line for each set of designs and target. */
export function coverageTable(sets: readonly (readonly [string, Readonly<Record<string, readonly Held[]>>])[]): string {
  const body = sets.flatMap(([name, targets]) =>
    Object.entries(targets).flatMap(([target, of]) => {
      if (!of.length) return [];
      const points = of.filter((h) => h.low === h.high),
        unit = of.filter((h) => h.low < h.high && h.low >= h.value - 1 && h.high <= h.value + 1),
        wider = of.filter((h) => !points.includes(h) && !unit.includes(h));
      const ends = [end(wider, (h) => (h.low + 1) / (h.value + 1)), end(wider, (h) => (h.high + 1) / (h.value + 1))];
      return [[name, target, ...cells(points), ...cells(unit), ...cells(wider), ...ends, cells(of)[1]]];
    }),
  );
  const head = [
    'designs of',
    'target',
    'points',
    'right',
    'one unit',
    'inside',
    'intervals',
    'inside',
    'from',
    'to',
    'all inside',
  ];
  return markdownTable(head, body);
}

/** Width of an interval over its value; a wide one with no end is none. */
const relativeWidth = ({ value, low, high }: Held): number => (high - low) / (value + 1);

/** Median width of intervals over the value, a line for each kind of layer and a column for each target. */
export function widthTable(kinds: readonly (readonly [string, Readonly<Record<string, readonly Held[]>>])[]): string {
  const targets = [...new Set(kinds.flatMap(([, of]) => Object.keys(of)))];
  const cell = (of: readonly Held[] = []): string => (of.length ? percent(median(of.map(relativeWidth)), 0) : '-');
  return markdownTable(
    ['layer', ...targets],
    kinds.map(([kind, of]) => [kind, ...targets.map((target) => cell(of[target]))]),
  );
}
