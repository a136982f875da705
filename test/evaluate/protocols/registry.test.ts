import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/evaluate/evaluate.js';
import { PROTOCOL_NAMES, PROTOCOLS, partsOf, protocolsNamed } from '../../../src/evaluate/protocols/registry.js';
import { temporaryFolder } from '../../networks/smallModel.js';
import { hasShared, SHARED } from '../../shared.js';

const { folder, path, remove } = temporaryFolder();
afterAll(remove);
const base = { command: 'c', measuredAt: 't', k: [5], draws: 2, seed: 1, protocol: 'fpga', methods: [], out: folder };
const settings = { ...base, selections: ['random'] as const };

describe('protocols', () => {
  it('are a line each: names, and parts of one name in order', () => {
    expect(PROTOCOL_NAMES).toEqual(['help', 'nasflat', 'leave-one-out', 'fpga', 'llm', 'tables', 'zoo', 'operators']);
    expect(partsOf('fpga')).toEqual(['residual', 'family', 'stage', 'kernels', 'power']);
    expect(partsOf('zoo')).toEqual(['known-models', 'known-configurations', 'new-models']);
    expect(partsOf('help')).toEqual([]);
    expect(new Set(PROTOCOLS.map((p) => `${p.name} ${p.part}`)).size).toBe(PROTOCOLS.length);
    expect(protocolsNamed('fpga', ['power', 'family']).map((p) => p.part)).toEqual(['power', 'family']);
    expect(protocolsNamed('nasflat', ['N1']).map((p) => p.name)).toEqual(['nasflat']);
  });

  it('names a task that it does not know, and what is missing', async () => {
    await expect(evaluate({ ...settings, tasks: ['places'] })).rejects.toMatchObject({
      code: 'usage',
      message: "no task 'places' of the protocol fpga",
      hint: 'one of residual, family, stage, kernels, power',
    });
    await expect(evaluate({ ...settings, tasks: ['power'] })).rejects.toThrow(/needs --data/);
    await expect(evaluate({ ...settings, tasks: ['family'], dataset: path('none') })).rejects.toThrow(/no rows of FPGA families/);
  });

  it.skipIf(!hasShared)('writes results.json and results.md (needs ../shared)', async () => {
    const rows = await evaluate({ ...settings, tasks: ['power'], data: join(SHARED, 'data') });
    expect(rows.map((r) => r.target)).toEqual(['power', 'energy']);
    expect(Math.max(...rows.map((r) => r.mape!))).toBeLessThan(0.1);
    expect(JSON.parse(readFileSync(path('results.json'), 'utf8'))).toEqual(rows);
    expect(readFileSync(path('results.md'), 'utf8')).toMatch('mlperf tiny');
  });
});
