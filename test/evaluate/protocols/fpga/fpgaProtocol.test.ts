import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../../src/evaluate/evaluate.js';
import { fpgaProtocol } from '../../../../src/evaluate/protocols/fpga/fpgaProtocol.js';
import { type FpgaRow, fpgaRow } from '../../../../src/evaluate/protocols/fpga/fpgaRow.js';
import { renderFpgaResults } from '../../../../src/evaluate/report/renderFpgaResults.js';
import { hasShared, SHARED } from '../../../shared.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-fpga-protocol-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const base = { command: 'c', measuredAt: 't', k: [5], draws: 2, seed: 1 };

describe('fpgaRow', () => {
  const row = fpgaRow({
    space: 's',
    task: 'residual',
    device: 'csynth',
    target: 'cycles',
    method: 'mlp',
    k: 0,
    selection: 'random',
    command: 'c',
    measuredAt: 't',
    smape: 3.21,
    r2: Number.NaN,
    within10: 0.5,
  });
  it('has the columns of every protocol, null for what is unknown', () => {
    expect(row).toMatchObject({
      protocol: 'fpga',
      target: 'cycles',
      smape: 3.21,
      r2: null,
      spearman: null,
      ceiling: null,
      draws: 1,
    });
    expect(Object.values(row)).not.toContain(undefined);
    expect(() => fpgaRow({ ...row, target: 'gates' })).toThrow(/no target 'gates'/);
  });
  it('renders only columns that have values, and the published figures as other data', () => {
    const text = renderFpgaResults([row]);
    expect(text).toMatch('| device | target | method | k | SMAPE | within 10 % |');
    expect(text).toMatch('| csynth | cycles | mlp | 0 | 3.2 | 50 |');
    expect(text).toMatch(/## Published, on other data/);
  });
});

describe('fpgaProtocol', () => {
  it('names a task that it does not know, and what is missing', async () => {
    await expect(fpgaProtocol({ ...base, tasks: ['places'] })).rejects.toThrow(/no task 'places'/);
    await expect(fpgaProtocol({ ...base, tasks: ['power'] })).rejects.toThrow(/needs --data/);
    await expect(fpgaProtocol({ ...base, tasks: ['family'], dataset: join(folder, 'none') })).rejects.toThrow(
      /no rows of FPGA families/,
    );
  });

  it.skipIf(!hasShared)('writes results.json and results.md through evaluate (needs ../shared)', async () => {
    const rows = (await evaluate({
      ...base,
      protocol: 'fpga',
      tasks: ['power'],
      data: join(SHARED, 'data'),
      methods: [],
      selections: ['random'],
      out: folder,
    })) as FpgaRow[];
    expect(rows.map((r) => r.target)).toEqual(['power', 'energy']);
    for (const r of rows) expect(r.mape).toBeLessThan(0.1);
    expect(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))).toEqual(rows);
    expect(readFileSync(join(folder, 'results.md'), 'utf8')).toMatch('mlperf tiny');
  });
});
