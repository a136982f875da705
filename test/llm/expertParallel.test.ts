import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { readConfig } from '../../src/llm/architecture/readConfig.js';
import { knownLlm, readLlm } from '../../src/llm/architecture/readLlm.js';
import { weightFormat } from '../../src/llm/architecture/weightFormat.js';
import { chooseFormats } from '../../src/llm/llmSetup.js';
import { passOperators } from '../../src/llm/passOperators.js';
import { weightBytes, weightBytesPerDevice } from '../../src/llm/weights.js';

const model = knownLlm('mistralai/Mixtral-8x7B-v0.1'),
  device = deviceNamed('H100-SXM5-80GB'),
  chosen = { ...chooseFormats(model, device, {}), device, framework: 'vllm' as const };
const operators = (ep: number) =>
  new Map(
    passOperators(model, { batch: 16, length: 1, before: 1023, outputs: 1 }, { tp: 1, pp: 1, ep, ...chosen }).map((o) => [
      o.name,
      o,
    ]),
  );

describe('experts of Mixtral-8x7B, by hand: 32 layers, 8 experts of 3 x 4096 x 14336, two a token', () => {
  it('sixteen tokens meet 8 (1 - (3/4)^16) of them', () => {
    const { count, work } = operators(1).get('experts')!;
    expect(count).toBe(32);
    expect(work.flops).toBe(2 * 16 * 2 * 3 * 4096 * 14336);
    const weights = 8 * (1 - 0.75 ** 16) * 3 * 4096 * 14336,
      activations = 32 * (3 * 4096 + 6 * 14336) + 16 * 4096;
    expect(work.bytes).toBeCloseTo(2 * (weights + activations), -1);
    expect(operators(1).has('experts_exchange')).toBe(false);
  });

  it('on eight devices each has an eighth of the work and sends its rows there and back', () => {
    const [one, eight] = [operators(1), operators(8)];
    expect(eight.get('experts')!.work.flops).toBe(one.get('experts')!.work.flops / 8);
    expect(eight.get('experts')!.work.bytes).toBeCloseTo(one.get('experts')!.work.bytes / 8, -1);
    // 16 tokens to two experts each, 4096 of two bytes, an eighth on each device; two messages a layer
    expect(eight.get('experts_exchange')).toMatchObject({ count: 64, work: { bytes: (16 * 2 * 4096 * 2) / 8 } });
  });

  it('unevenly loaded: all wait for the fullest device, which sends and computes more', () => {
    const setup = { tp: 1, pp: 1, ep: 8, ...chosen };
    const at = (imbalance: number) =>
      new Map(
        passOperators(model, { batch: 1, length: 4096, before: 0, outputs: 1 }, { ...setup, imbalance }).map((o) => [
          o.name,
          o.work,
        ]),
      );
    const [even, uneven] = [at(0), at(1.2)];
    const factor = uneven.get('experts')!.flops / even.get('experts')!.flops;
    expect(factor).toBeGreaterThan(1.2);
    expect(uneven.get('experts_exchange')!.bytes / even.get('experts_exchange')!.bytes).toBeCloseTo(factor, 9);
    expect(uneven.get('qkv_proj')).toEqual(even.get('qkv_proj'));
  });

  it.each([
    ['H100-SXM5-80GB', 'vllm', ['experts', 'experts', 'experts', 'widenedExperts', 'tritonWidenedExperts']],
    ['H100-SXM5-80GB', 'trtllm', ['experts', 'experts', 'experts', 'widenedExperts', 'widenedExperts']],
    ['RTX-PRO-6000-Server', 'vllm', ['experts', 'experts', 'experts', 'widenedExperts', 'widenedExperts']],
    ['B200-SXM', 'vllm', ['trtllmGenExperts', 'blockExperts', 'trtllmGenExperts', 'blackwellWidenedExperts', 'mxfp8Experts']],
    ['B300-SXM', 'sglang', ['trtllmGenExperts', 'blockExperts', 'trtllmGenExperts', 'trtllmGenWidenedExperts', 'mxfp8Experts']],
    ['GB300', 'trtllm', ['experts', 'blockExperts', 'experts', 'blackwellWidenedExperts', 'mxfp8Experts']],
  ] as const)('on a %s under %s, by the format of their weights', (name, framework, families) => {
    const on = deviceNamed(name);
    const familyIn = (dtype: string) => {
      const { formats, kv } = chooseFormats(model, on, { dtype: weightFormat(dtype) });
      const setup = { tp: 1, pp: 1, ep: 1, formats, kv, device: on, framework };
      const all = passOperators(model, { batch: 1, length: 1, before: 9, outputs: 1 }, setup);
      return all.find((o) => o.name === 'experts')!.family;
    };
    expect(['bf16', 'fp8', 'int8-weights', 'int4', 'mxfp4'].map(familyIn)).toEqual(families);
  });

  it('where only experts are quantised, attention stays wide', () => {
    const quantization_config = { quant_method: 'mxfp4', modules_to_not_convert: ['model.layers.*.self_attn', 'lm_head'] };
    const config = {
      ...{
        model_type: 'mixtral',
        hidden_size: 64,
        num_hidden_layers: 1,
        num_attention_heads: 4,
        intermediate_size: 32,
        vocab_size: 10,
      },
      ...{ num_local_experts: 4, num_experts_per_tok: 2, quantization_config },
    };
    const { formats } = chooseFormats(readConfig(config, 'config.json'), device, {});
    expect([formats.weights.name, formats.dense?.name]).toEqual(['mxfp4', 'bf16']);
    const experts = 4 * 3 * 64 * 32,
      attention = 4 * 64 * 64,
      others = 3 * 64 + 4 * 64 + 2 * 640;
    expect(weightBytes(readConfig(config, 'config.json'), formats)).toBe((experts * 4.25) / 8 + 2 * (attention + others));
    const dense = { ...config, model_type: 'llama' };
    expect(chooseFormats(readConfig(dense, 'config.json'), device, {}).formats.dense).toBeUndefined();
  });

  it('holds one of eight experts in its memory, and the rest of every layer', () => {
    const bytes = (ep: number) => weightBytesPerDevice(model, chosen.formats, { tp: 1, pp: 1, ep });
    expect(bytes(1) - bytes(8)).toBe(32 * 7 * 3 * 4096 * 14336 * 2);
  });
});

describe('a name that is none of the known models', () => {
  it('is told with close ones, a path that is missing as a path', () => {
    expect(() => readLlm('mistralai/Mixtral-8x7B')).toThrow(
      expect.objectContaining({ code: 'not-found', hint: expect.stringContaining('mistralai/Mixtral-8x7B-v0.1') }),
    );
    expect(() => readLlm('folder/config.json')).toThrow(/no such configuration: 'folder\/config.json'/);
  });
});
