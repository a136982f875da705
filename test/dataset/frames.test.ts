import { describe, expect, it, vi } from 'vitest';
import { fromDataFrame, standardise, toDataFrame } from '../../src/dataset/frames.js';
import { toTable } from '../../src/dataset/tables.js';
import { tinyDataset } from './tinyDataset.js';

const frameOf = async (columns: Record<string, unknown[]>) => {
  const danfo = await import('danfojs-node');
  return new danfo.DataFrame(columns as object);
};

describe('toTable', () => {
  it('is one row a measurement, ready for arquero', () => {
    const rows = toTable(tinyDataset()).groupby('device').count().objects();
    expect(rows).toEqual([
      { device: 'cpu', count: 4 },
      { device: 'gpu', count: 3 },
    ]);
    expect(toTable(tinyDataset()).object(2)).toEqual({
      workload: 'free',
      device: 'cpu',
      condition: '',
      target: 'latency',
      value: 0.02,
      repeats: null,
      spread: null,
    });
  });
});

describe('danfojs frames', () => {
  it('round-trip, and print nothing on stdout', async () => {
    const stdout = vi.spyOn(process.stdout, 'write');
    const dataset = tinyDataset(),
      frame = await toDataFrame(dataset);
    expect(frame.shape).toEqual([7, 7]);
    expect(fromDataFrame(frame, { card: dataset.card, workloads: dataset.workloads, splits: dataset.splits })).toEqual(dataset);
    expect(stdout).not.toHaveBeenCalled();
    stdout.mockRestore();
  });

  it('build a dataset from rows alone', async () => {
    const frame = await frameOf({
      workload: ['nasbench201:#1', 'nasbench201:#0'],
      device: ['d', 'd'],
      condition: ['', ''],
      target: ['latency', 'latency'],
      value: [1, 2],
    });
    const dataset = fromDataFrame(frame, { card: { name: 'n', source: 's', licence: 'l', notes: [] } });
    expect(dataset.card.devices).toEqual({ d: { conditions: { '': {} } } });
    expect(dataset.workloads[0].arch).toBeDefined();
    expect(Array.from(dataset.tasks[0].values)).toEqual([1, 2]);
  });

  it('refuse a negative value, a duplicate and a missing column, naming the row', async () => {
    const card = { name: 'n', source: 's', licence: 'l', notes: [] };
    const columns = {
      workload: ['nasbench201:#1', 'nasbench201:#0'],
      device: ['d', 'd'],
      condition: ['', ''],
      target: ['latency', 'latency'],
    };
    const negative = await frameOf({ ...columns, value: [1, -2] });
    expect(() => fromDataFrame(negative, { card })).toThrow(
      expect.objectContaining({ code: 'bad-input', where: 'DataFrame row 2' }),
    );
    const twice = await frameOf({ ...columns, workload: ['nasbench201:#1', 'nasbench201:#1'], value: [1, 2] });
    expect(() => fromDataFrame(twice, { card })).toThrow(/measured twice/);
    const bare = await frameOf(columns);
    expect(() => fromDataFrame(bare, { card })).toThrow(/no column 'value'/);
  });
});

describe('standardise', () => {
  it('gives mean 0 and deviation 1, and restores', async () => {
    const frame = await frameOf({ a: [1, 2, 3, 4], b: [100, -50, 20, 10] });
    const { scaled, restore } = await standardise(frame);
    const column = (c: number) => (scaled.values as number[][]).map((row) => row[c]);
    for (const c of [0, 1]) {
      expect(column(c).reduce((x, y) => x + y) / 4).toBeCloseTo(0, 5);
      expect(column(c).reduce((x, y) => x + y * y, 0) / 4).toBeCloseTo(1, 5);
    }
    (restore(scaled).values as number[][]).forEach((row, r) =>
      row.forEach((x, c) => expect(x).toBeCloseTo((frame.values as number[][])[r][c], 4)),
    );
  });

  it('refuses a constant column by name', async () => {
    await expect(standardise(await frameOf({ a: [1, 2], flat: [3, 3] }))).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining("'flat' is constant"),
    });
  });
});
