import { mean } from '../../core/statistics.js';
import { TARGETS } from '../../graph/targets.js';
import type { ResultRow } from '../resultRow.js';

/** What the figure shows: means over the devices and tasks of a group (protocol, space, target). Errors in percent. */
export interface FigureData {
  groups: { name: string; ceilingError: number; ceilingSpearman: number }[];
  methods: string[];
  /** numbers of measurements, ascending */
  k: number[];
  points: {
    group: string;
    method: string;
    selection: 'random' | 'chosen';
    k: number;
    medianError: number;
    spearman: number;
  }[];
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
const meanOf = (values: readonly (number | null)[]): number =>
  mean(values.filter((v): v is number => v !== null && !Number.isNaN(v)));

/** Means of results per group, method, selection and number of measurements; unknown means are NaN. */
export function figureData(rows: readonly ResultRow[]): FigureData {
  const protocols = distinct(rows.map((r) => r.protocol));
  const nameOf = (r: ResultRow) => `${protocols.length > 1 ? `${r.protocol} ` : ''}${r.space} ${r.target}`;
  const measured = rows.filter((r) => r.method !== 'ceiling');
  const byTarget = [...measured].sort((a, b) => TARGETS.indexOf(a.target) - TARGETS.indexOf(b.target));
  const groups = distinct(byTarget.map(nameOf)),
    methods = distinct(measured.map((r) => r.method)),
    k = distinct(measured.map((r) => r.k)).sort((a, b) => a - b);
  const points: FigureData['points'] = [];
  for (const group of groups)
    for (const method of methods)
      for (const selection of ['random', 'chosen'] as const)
        for (const count of k) {
          const own = measured.filter(
            (r) => nameOf(r) === group && r.method === method && r.selection === selection && r.k === count,
          );
          if (own.length)
            points.push({
              group,
              method,
              selection,
              k: count,
              medianError: 100 * meanOf(own.map((r) => r.medianApe)),
              spearman: meanOf(own.map((r) => r.spearman)),
            });
        }
  return {
    groups: groups.map((name) => {
      const top = rows.filter((r) => r.method === 'ceiling' && nameOf(r) === name);
      return {
        name,
        ceilingError: 100 * meanOf(top.map((r) => r.medianApe)),
        ceilingSpearman: meanOf(top.map((r) => r.spearman)),
      };
    }),
    methods,
    k,
    points,
  };
}
