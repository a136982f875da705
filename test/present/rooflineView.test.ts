import { describe, expect, it } from 'vitest';
import { roofline } from '../../src/analytical/roofline.js';
import { readCsv } from '../../src/core/csv.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { rooflineCsv, rooflineJson, rooflineTables } from '../../src/present/rooflineView.js';

const device = deviceNamed('RTX-4090'),
  workload = parseWorkload('nasbench201:#4711');
const results = [{ workload: workload.id, result: roofline(workloadGraph(workload), device, { hypothesis: 'eager' }) }];

describe('views of a roofline', () => {
  it('say the same in JSON and CSV', () => {
    const [record] = JSON.parse(rooflineJson(results, device, false)) as Record<string, unknown>[];
    const [row] = readCsv(rooflineCsv(results, device, false), 'csv');
    expect(row.fields).toMatchObject({ workload: workload.id, hypothesis: 'eager', provenance: 'analytical' });
    expect(Number(row.fields.latency_ms)).toBe(record.latency_ms);
    expect(record.latency_ms).toBeCloseTo(results[0].result.latency * 1e3, 5);
    expect(rooflineTables(results, device, false)).toContain(workload.id);
  });

  it('with explain, have one row an operator', () => {
    const rows = readCsv(rooflineCsv(results, device, true), 'csv');
    const [{ operators }] = JSON.parse(rooflineJson(results, device, true)) as { operators: { id: string }[] }[];
    expect(rows.map((r) => r.fields.id)).toEqual(operators.map((o) => o.id));
    expect(rows.map((r) => r.fields.id)).toEqual(results[0].result.operators.map((o) => o.id));
  });
});
