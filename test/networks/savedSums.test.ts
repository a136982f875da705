import { describe, expect, it } from 'vitest';
import { KERNEL_KINDS } from '../../src/analytical/kernelWork.js';
import { HwcastError } from '../../src/core/errors.js';
import type { TableSum } from '../../src/networks/modelTable.js';
import {
  areOfEarlierKernels,
  NearOfTables,
  partsOfSums,
  readNear,
  readSums,
  tensorsOfSums,
} from '../../src/networks/savedSums.js';
import { WEIGHTS } from '../../src/surrogate/operatorSum/kernelFeatures.js';
import { machineOf } from '../../src/surrogate/operatorSum/machine.js';
import { NEAR_WIDTH, type NearOperators } from '../../src/surrogate/operatorSum/nearOperators.js';

const counts = KERNEL_KINDS.map((_, k) => Number(k < 2));
const nearOf = (value: number): NearOperators => ({ counts, rows: new Float32Array(2 * NEAR_WIDTH).fill(value) });
const sumWith = (column: number, near?: NearOperators): TableSum => ({
  column,
  weights: new Float64Array(WEIGHTS).fill(0.5),
  level: -3,
  deviation: 0.1,
  lowering: 'captured',
  machine: machineOf({ hardware: 'H100-SXM', dtype: 'fp16', batch: 8, execution: 'graph' })!,
  ...(near ? { near } : {}),
});
// two tables that were trained apart on the same operators, and one on others
const tables = [
  { sums: [sumWith(0, nearOf(1)), sumWith(1, nearOf(2))] },
  { sums: [sumWith(0, nearOf(2)), sumWith(2)] },
  { sums: [sumWith(0, nearOf(1))] },
];
const near = new NearOfTables(tables),
  corrupt = (why: string) => new HwcastError('corrupt', why);

describe('measured operators of a model folder', () => {
  it('are kept once, whatever number of tables stand on them', () => {
    expect(near.all).toEqual([nearOf(1), nearOf(2)]);
    expect(tables.map((t) => partsOfSums(t, near).sums!.map((s) => s.near))).toEqual([[0, 1], [1, undefined], [0]]);
  });

  it('are those that were saved when they are read', () => {
    const shared = readNear(near.parts(), near.tensors(), corrupt);
    const read = tables.map((t, i) =>
      readSums(`table.${i}`, partsOfSums(t, near), shared, tensorsOfSums(`table.${i}`, t), corrupt),
    );
    expect(read).toEqual(tables);
  });

  it('are refused where they are not there, or are not as many as is said', () => {
    expect(() => readSums('table.0', partsOfSums(tables[0], near), [], tensorsOfSums('table.0', tables[0]), corrupt)).toThrow(
      /table\.0 stands on measured operators 'near\.0'/,
    );
    expect(() => readNear([counts.map(() => 1)], near.tensors(), corrupt)).toThrow(/'near\.0' is not of the operators/);
  });
});

describe('sums of a model folder', () => {
  it('are told from those of earlier folders, whose machines have no kind', () => {
    const parts = partsOfSums(tables[0], near),
      { kind: _, ...machine } = parts.sums![0].machine;
    const earlier = { sums: [{ ...parts.sums![0], machine }] };
    expect(areOfEarlierKernels({ tables: [parts] })).toBe(false);
    expect(areOfEarlierKernels({ tables: [parts, earlier] })).toBe(true);
    expect(areOfEarlierKernels({ tables: [{ drawn: [{ machines: earlier.sums }] }] })).toBe(true);
    expect(areOfEarlierKernels({ tables: [{}] })).toBe(false);
  });
});
