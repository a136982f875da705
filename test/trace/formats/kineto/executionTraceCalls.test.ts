import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { operatorOfGraph, operatorText } from '../../../../src/graph/operatorText.js';
import { readerFor } from '../../../../src/trace/registry.js';
import { walkSources } from '../../../../src/trace/source/walkSources.js';
import { hasShared, SHARED } from '../../../shared.js';
import { collect, tinyTrace, twoSteps } from './tinyTrace.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-et-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function operators(path: string): Promise<string[]> {
  const all = [];
  for await (const source of walkSources([path]))
    if (!('kind' in source))
      for (const r of await collect(readerFor(source).read(source, {})))
        if (r.kind === 'operator') all.push(operatorText(operatorOfGraph(r.graph)));
  return all;
}

const bare = tinyTrace(twoSteps().map(({ dims: _, types: __, concrete: ___, ...op }) => op));
const ROOT = { name: '[pytorch|profiler|execution_trace|process]', id: 1 };

describe('a trace without shapes', () => {
  it.each([
    [
      'fields',
      '1.0.1',
      [
        {
          name: 'aten::linear',
          rf_id: 1,
          inputs: [[1], [2], [3]],
          input_shapes: [[4, 8], [16, 8], [16]],
          input_types: ['Tensor(float)', 'Tensor(float)', 'Tensor(float)'],
        },
        { name: 'aten::relu', rf_id: 2, inputs: [[4]], input_shapes: [[4, 16]], input_types: ['Tensor(c10::Half)'] },
        { name: 'aten::gelu', rf_id: 4, inputs: [[4]], input_shapes: [[4, 16]], input_types: ['Tensor(float)'] },
      ],
    ],
    [
      'groups and attributes',
      '1.1.1-chakra.0.0.4',
      [
        {
          name: 'aten::linear',
          attrs: [{ name: 'rf_id', value: 1 }],
          inputs: { values: [[1], [2], null], shapes: [[4, 8], [16, 8], []], types: ['Tensor(float)', 'Tensor(float)', 'None'] },
        },
        {
          name: 'aten::relu',
          attrs: [{ name: 'rf_id', value: 2 }],
          inputs: { values: [[4]], shapes: [[4, 16]], types: ['Tensor(c10::Half)'] },
        },
      ],
    ],
  ])('takes them from the execution trace of its run, with %s', async (_, schema, nodes) => {
    const path = join(folder, `${schema}_trace.json`);
    writeFileSync(path, bare);
    expect(await operators(path)).toEqual([]);
    writeFileSync(join(folder, `${schema}_et.json`), JSON.stringify({ schema, nodes: [ROOT, ...nodes] }));
    const bias = schema === '1.0.1' ? 1 : 0;
    // the third operator has the id of none, the fourth that of another
    expect(await operators(path)).toEqual([`op:linear/fp32/4x8/bias=${bias};outFeatures=16`, 'op:relu/fp16/4x16/']);
  });
});

describe.skipIf(!hasShared)(`real pairs${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  it('are joined', async () => {
    const of = (name: string) => operators(join(SHARED, 'data/traces/execution-trace', name));
    expect((await of('hta_simple_add_trace.json.gz')).filter((id) => id.startsWith('op:add'))).toEqual([
      'op:add/fp32/256x256;256x256/',
      'op:add/fp32/256x256;256x256/',
    ]);
    expect(new Set(await of('param_linear_kineto.json.gz')).has('op:linear/fp32/512x1024/bias=1;outFeatures=1024')).toBe(true);
  });
});
