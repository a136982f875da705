import { describe, expect, it, vi } from 'vitest';
import { fromDataFrame, toDataFrame } from '../../src/dataset/frames.js';
import { toTable } from '../../src/dataset/tables.js';
import { tinyDataset } from './tinyDataset.js';

const frameOf = async (columns: Record<string, unknown[]>) => {
  const danfo = await import('danfojs-node');
  return new danfo.DataFrame(columns as object);
};

describe('toTable', () => {
  it('is one row a measurement, ready for arquero', async () => {
    const table = await toTable(tinyDataset()),
      rows = table.groupby('device').count().objects();
    expect(rows).toEqual([
      { device: 'cpu', count: 4 },
      { device: 'gpu', count: 3 },
    ]);
    expect(table.object(2)).toEqual({
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

  it('say which package is missing', async () => {
    vi.doMock('danfojs-node', () => {
      throw new Error('not installed');
    });
    await expect(toDataFrame(tinyDataset())).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining("'danfojs-node'"),
      hint: expect.stringContaining('npm install danfojs-node'),
    });
    vi.doUnmock('danfojs-node');
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
