import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/graph/workload.js';
import { PREDICTION_FORMATS, type Predicted, predictionWriter } from '../../src/present/predictionView.js';
import { singleTarget } from '../../src/surrogate/predictor.js';

const FBNET = '0123456780123456780123',
  OFA = `224,22222,${'3'.repeat(20)},${'4'.repeat(20)}`;
const ids = [`fbnet:${FBNET}`, `ofa:${OFA}`, 'nasbench201:#9', `fbnet:${'8'.repeat(22)}`];

function predicted(some: readonly string[], first = 0): Predicted {
  return {
    workloads: some.map(parseWorkload),
    predictions: some.map((_, i) => {
      const value = 1e-3 * (1.23456789 + first + i);
      return singleTarget('latency', { value, low: value / 2, high: value * 2, unit: 's', provenance: 'surrogate' }, ['careful']);
    }),
    target: 'latency',
    device: 'phone',
  };
}

describe('predictionWriter', () => {
  it.each(PREDICTION_FORMATS)('%s: parts joined are the text of one part', (format) => {
    const whole = predictionWriter(format);
    const expected = whole.part(predicted(ids)) + whole.end();
    const parted = predictionWriter(format);
    const parts = [parted.part(predicted(ids.slice(0, 1))), parted.part(predicted(ids.slice(1, 3), 1))];
    expect(parts.join('') + parted.part(predicted(ids.slice(3), 3)) + parted.end()).toBe(expected);
    expect(expected.split('\n').length).toBeGreaterThan(ids.length);
  });

  it('csv has seven digits in the unit of display and quotes commas', () => {
    const rows = parse(predictionWriter('csv').part(predicted(ids)), { columns: true }) as Record<string, string>[];
    expect(rows[0]).toEqual({
      workload: ids[0],
      latency_ms: '1.234568',
      low_ms: '0.6172839',
      high_ms: '2.469136',
      provenance: 'surrogate',
    });
    expect(rows[1].workload).toBe(ids[1]);
  });

  it('leaves the interval of a measured value open: empty in csv, null in json, left out in text', () => {
    const some: Predicted = {
      ...predicted(ids.slice(2, 3)),
      predictions: [singleTarget('latency', { value: 2e-3, low: null, high: null, unit: 's', provenance: 'measured' })],
    };
    expect(predictionWriter('csv').part(some).trimEnd().split('\n')[1]).toMatch(/^nasbench201:.*,2,,,measured$/);
    const { low_ms, high_ms, provenance } = JSON.parse(predictionWriter('jsonl').part(some));
    expect({ low_ms, high_ms, provenance }).toEqual({ low_ms: null, high_ms: null, provenance: 'measured' });
    expect(predictionWriter('text').part(some)).toMatch(/^nasbench201:\S+ {2}2\.000 ms {2}measured\n$/);
  });

  it('json is one array, indented', () => {
    const writer = predictionWriter('json');
    const text = writer.part(predicted(ids)) + writer.end();
    const list = JSON.parse(text);
    expect(list).toHaveLength(4);
    expect(text).toBe(`${JSON.stringify(list, null, 1)}\n`);
    expect(Object.keys(list[0])).toEqual(['workload', 'latency_ms', 'low_ms', 'high_ms', 'provenance', 'device', 'warnings']);
  });

  it('json and jsonl say what was taken for granted, where anything was', () => {
    const some = predicted(ids.slice(0, 2));
    some.predictions[1].assumptions.push('batch 1');
    const lines = predictionWriter('jsonl')
      .part(some)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).not.toHaveProperty('assumptions');
    expect(lines[1].assumptions).toEqual(['batch 1']);
  });
});
