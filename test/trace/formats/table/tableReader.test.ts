import { describe, expect, it } from 'vitest';
import { tableReader } from '../../../../src/trace/formats/table/tableReader.js';
import type { ReadIssue, ReadOptions, RowRecord } from '../../../../src/trace/traceReader.js';
import { bytes, collect, failure } from '../kineto/tinyTrace.js';

async function read(text: string, options: ReadOptions = {}) {
  const records = await collect(
    tableReader.read({ name: 't.csv', head: Buffer.from(text), chunks: bytes(text, 11), named: true }, options),
  );
  return {
    rows: records.filter((r): r is RowRecord => r.kind === 'row'),
    issues: records.filter((r): r is ReadIssue => r.kind === 'issue'),
  };
}
const brief = (rows: RowRecord[]) => rows.map((r) => [r.workload, r.device, r.target, Number(r.value.toPrecision(9))]);

describe('tableReader', () => {
  it('knows canonical columns and their units, empty cells are no issue', async () => {
    const { rows, issues } = await read(
      'workload,device,condition,latency_us,energy_mj,peak_memory_mib,repeats,spread,other\n#1,gpu,eager,2500,7,2,5,0.01,x\n#2,gpu,eager,nan,,1,3,,y\n',
    );
    expect(brief(rows)).toEqual([
      ['#1', 'gpu', 'latency', 0.0025],
      ['#1', 'gpu', 'energy', 0.007],
      ['#1', 'gpu', 'peak_memory', 2 ** 21],
      ['#2', 'gpu', 'peak_memory', 2 ** 20],
    ]);
    expect(rows[0]).toMatchObject({
      condition: 'eager',
      repeats: 5,
      spread: 0.01,
      run: null,
      pass: null,
      where: 't.csv, line 2',
    });
    expect(rows[1]).toMatchObject({ repeats: null, spread: null });
    expect(issues).toEqual([]);
  });

  it('maps columns by hand, with text around them', async () => {
    const text = 'arch,config,median_ms,latency_ms,j\n0,a,1.5,9,0.5\n1,b,2.5,9,\n';
    const { rows } = await read(text, {
      map: { workload: 'nasbench201:#{arch}', device: 'h100_{config}', latency_ms: 'median_ms', energy_j: 'j' },
    });
    expect(brief(rows)).toEqual([
      ['nasbench201:#0', 'h100_a', 'latency', 0.0015],
      ['nasbench201:#0', 'h100_a', 'energy', 0.5],
      ['nasbench201:#1', 'h100_b', 'latency', 0.0025],
    ]);
  });

  it('reads tables with a column per device', async () => {
    const { rows, issues } = await read('arch_index,note,1080ti_1,pixel2\n0,x,10.5,9\n1,y,,bad\n', {
      map: { workload: 'nasbench201:#{arch_index}' },
      wideDevices: true,
    });
    expect(brief(rows)).toEqual([
      ['nasbench201:#0', '1080ti_1', 'latency', 0.0105],
      ['nasbench201:#0', 'pixel2', 'latency', 0.009],
    ]);
    expect(issues).toMatchObject([{ where: "t.csv, line 3 ('bad')", reason: 'pixel2 is no positive number', what: 'row' }]);
  });

  it('reads target and value from columns of their own, and a deviation in the unit of the value', async () => {
    expect(brief((await read('workload,device,target,value\n#1,d,lut,120\n#1,d,latency,0.5\n')).rows)).toEqual([
      ['#1', 'd', 'lut', 120],
      ['#1', 'd', 'latency', 0.5],
    ]);
    const { rows } = await read('workload,device,latency_ms,spread_us\n#1,d,2,100\n');
    expect(rows[0].spread).toBeCloseTo(0.05, 12);
  });

  it('reads semicolons, quotes, byte order marks, JSON lines', async () => {
    expect(brief((await read('\ufeffworkload;device;latency_ms\r\n"|a;b|";d;1\r\n')).rows)).toEqual([
      ['|a;b|', 'd', 'latency', 0.001],
    ]);
    const { rows, issues } = await read(
      '{"workload":"#1","device":"d","latency_ms":1}\n\n{"workload":"#2","latency_ms":2,"device":"ü"}\n{"workload":"#3"\n[1]\n{"workload":"#4","latency_ms":null,"device":"d"}',
    );
    expect(brief(rows)).toEqual([
      ['#1', 'd', 'latency', 0.001],
      ['#2', 'ü', 'latency', 0.002],
    ]);
    expect(issues.map((i) => [i.where, i.reason])).toEqual([
      ['t.csv, line 4', 'line that is no JSON object'],
      ['t.csv, line 5', 'line that is no JSON object'],
    ]);
  });

  it('reports bad rows with their line and goes on', async () => {
    const { rows, issues } = await read(
      'workload,device,latency_ms,repeats,spread\n#1,d,-3,1,0\n#2,d,fast,1,0\n#3,d\n,d,1,1,0\n#5,d,1,0.5,0\n#6,d,1,2,-1\n#7,d,0,,\n#8,d,1,,\n',
    );
    expect(brief(rows)).toEqual([['#8', 'd', 'latency', 0.001]]);
    expect(issues.map((i) => [i.where, i.reason])).toEqual([
      ["t.csv, line 2 ('-3')", 'latency_ms is no positive number'],
      ["t.csv, line 3 ('fast')", 'latency_ms is no positive number'],
      ['t.csv, line 4', 'row of 2 fields under a header of 5'],
      ["t.csv, line 5 ('')", 'row without a workload'],
      ["t.csv, line 6 ('0.5')", 'repeats is no positive whole number'],
      ["t.csv, line 7 ('-1')", 'spread is no number from 0'],
      ["t.csv, line 8 ('0')", 'latency_ms is no positive number'],
    ]);
  });

  it('refuses tables it cannot make sense of, naming the columns', async () => {
    const error = async (text: string, options?: ReadOptions) => (await failure(read(text, options))).describe();
    expect(await error('arch,latency_ms\na,1\n')).toBe(
      "t.csv: no column 'workload'\n  map one: --map workload=COLUMN; columns: arch, latency_ms",
    );
    expect(await error('workload,ms\na,1\n')).toContain(
      't.csv: no column holds a value\n  name one latency_ms, energy_mj, ... or map it: --map latency_ms=COLUMN',
    );
    expect(await error('workload,median_ms\na,1\n', { map: { latency_ms: 'medianms' } })).toContain(
      "no column 'medianms'\n  did you mean median_ms?",
    );
    expect(await error('workload,x\na,1\n', { map: { latency_min: 'x' } })).toContain(
      "--map: 'latency_min' is no canonical name",
    );
    expect(await error('workload,latency_ms,latency_us\na,1,1\n')).toContain(
      'two columns give latency: latency_ms and latency_us',
    );
    expect(await error('workload,a,a\nx,1,2\n')).toBe("t.csv: column 'a' stands twice in the header");
    expect(await error('workload,latency_ms\n')).toBe('t.csv: the table has a header and no rows');
    expect(await error('')).toBe('t.csv: the file is empty');
    expect(await error('workload,latency_ms\n"a,1\nb,2\n')).toContain('t.csv: not a CSV table: Quote Not Closed');
  });
});
