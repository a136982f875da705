import type { SystolicChip } from '../analytical/rules/systolicCost.js';
import { systolicArea } from '../analytical/rules/systolicCost.js';
import type { SystolicNetwork } from '../analytical/systolicNetwork.js';
import { plainTable } from './plainTable.js';

/** Networks on an array, one entry a workload and dataflow. */
export type SystolicResults = readonly { workload: string; result: SystolicNetwork }[];

const total = ({ arithmetic, buffers, memory }: SystolicNetwork['energy']) => arithmetic + buffers + memory;
const round = (value: number) => Number(value.toPrecision(6));
const mm2 = (chip: SystolicChip) => {
  const { array, buffers } = systolicArea(chip);
  return { array: round(array * 1e6), buffers: round(buffers * 1e6) };
};

/** One record a workload and dataflow; with `explain`, its operators in it. */
export function systolicJson(results: SystolicResults, chip: SystolicChip, explain: boolean): string {
  const costs = (o: Pick<SystolicNetwork, 'cycles' | 'use' | 'time' | 'energy' | 'macs'>) => ({
    macs: o.macs,
    cycles: o.cycles,
    use: round(o.use),
    latencyMs: round(o.time * 1e3),
    energyMj: round(total(o.energy) * 1e3),
    energyMjOf: Object.fromEntries(Object.entries(o.energy).map(([part, joules]) => [part, round(joules * 1e3)])),
  });
  const rows = results.map(({ workload, result }) => ({
    workload,
    dataflow: result.dataflow,
    ...costs(result),
    areaMm2: mm2(chip),
    provenance: 'analytical',
    notOnTheArray: Object.fromEntries(result.elsewhere),
    ...(explain
      ? { operators: result.operators.map((o) => ({ id: o.id, op: o.op, bound: o.bound, products: o.products, ...costs(o) })) }
      : {}),
  }));
  return JSON.stringify(rows, null, 2);
}

/** For people: what the chip is, one table, then with `explain` one of operators for each. */
export function systolicTables(results: SystolicResults, chip: SystolicChip, explain: boolean): string {
  const { rows, columns, clock, buffer, bandwidth } = chip,
    { array, buffers } = mm2(chip);
  const numbers = ['cycles', 'use', 'ms', 'mJ', 'arithmetic', 'buffers', 'memory'];
  const cells = (o: Pick<SystolicNetwork, 'cycles' | 'use' | 'time' | 'energy'>) => [
    o.cycles,
    `${(100 * o.use).toFixed(1)} %`,
    (o.time * 1e3).toPrecision(4),
    (total(o.energy) * 1e3).toPrecision(4),
    ...[o.energy.arithmetic, o.energy.buffers, o.energy.memory].map((joules) => (joules * 1e3).toPrecision(3)),
  ];
  const parts = [
    `systolic array of ${rows} x ${columns} at ${clock / 1e6} MHz, three buffers of ${buffer / 1024} KiB, memory ${bandwidth / 1e9} GB/s`,
    `area at least ${array.toPrecision(4)} mm2 of elements, ${buffers.toPrecision(4)} mm2 of buffers`,
    plainTable(
      ['workload', 'stays in place', ...numbers],
      results.map(({ workload, result }) => [workload, result.dataflow, ...cells(result)]),
      numbers,
    ),
  ];
  for (const { workload, result } of explain ? results : [])
    parts.push(
      `\n${workload}, ${result.dataflow}`,
      plainTable(
        ['operator', 'op', ...numbers, 'bound'],
        result.operators.map((o) => [o.id, o.op, ...cells(o), o.bound]),
        numbers,
      ),
    );
  const elsewhere = [...new Set(results.flatMap(({ result }) => [...result.elsewhere.keys()]))];
  if (elsewhere.length) parts.push(`not on the array and not counted: ${elsewhere.join(', ')}`);
  return parts.join('\n');
}
