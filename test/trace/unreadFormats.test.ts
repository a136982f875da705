import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readerFor } from '../../src/trace/registry.js';
import { unreadFormat } from '../../src/trace/unreadFormats.js';
import { hasShared, SHARED } from '../shared.js';

it('names formats by content, and says nothing of what it does not know', () => {
  const speedscope = Buffer.from('{"$schema":"https://www.speedscope.app/file-format-schema.json"');
  expect(unreadFormat(speedscope)).toBe('a speedscope profile');
  expect(unreadFormat(Buffer.from('# Notes'))).toBeUndefined();
  expect(() => readerFor({ name: 'a.json', head: speedscope })).toThrow(
    'this is a speedscope profile, which hwcast does not read',
  );
});

it('a whole file of another format on one line is no row of a table', () => {
  const whole = Buffer.from('{"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[]}\n');
  expect(() => readerFor({ name: 'a.json', head: whole })).toThrow('this is a speedscope profile, which hwcast does not read');
  expect(readerFor({ name: 'a.jsonl', head: Buffer.from('{"workload":"x","latency_ms":1}\n') }).format).toBe('table');
});

describe.skipIf(!hasShared)(`real files${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  it.each([
    ['nn-meter/nnmeter_ir_mobilenetv3small_0.json', 'an nn-Meter graph'],
    ['kineto-chrome/cmpark_chrome_trace.json.gz', 'a Chrome trace that is not of PyTorch'],
    ['mlir/iree_fullyconnected.mlir', 'MLIR text'],
    ['onnx/light_resnet50.onnx', 'an ONNX model'],
    ['onnx/nnlqp_resnet18_no_weight.onnx', 'an ONNX model'],
    ['onnx/polygraphy_bad_no_import_domains.onnx', 'an ONNX model'],
    ['device-config/a100-sxm-80gb.json', 'a description of a GPU'],
    ['llm-config/llmanalysis_EleutherAI_gpt-j-6b.json', 'a configuration of a language model'],
    ['safetensors/candle_jfk_codes.safetensors', 'a safetensors file'],
  ])('%s is %s', (file, name) => {
    const bytes = readFileSync(join(SHARED, 'data/traces', file));
    expect(unreadFormat((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).subarray(0, 1 << 17))).toBe(name);
  });
});
