import { describe, expect, it } from 'vitest';
import { allGather, allReduce, type Network } from '../../src/analytical/rules/collectives.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { knownLlm } from '../../src/llm/architecture/readLlm.js';
import { estimateLlm } from '../../src/llm/estimateLlm.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup } from '../../src/llm/llmSetup.js';
import { activationBytes } from '../../src/llm/memory.js';
import { passOperators } from '../../src/llm/passOperators.js';

const model = knownLlm('meta-llama/Meta-Llama-3-8B'),
  device = deviceNamed('H100-SXM5-80GB');
const setupOf = (rest: Partial<LlmSetup>): LlmSetup => ({
  ...{ device, isl: 1024, osl: 128, batch: 1, tp: 1, pp: 1, ep: 1, chunk: DEFAULT_CHUNK, framework: 'vllm' as const },
  ...chooseFormats(model, device, {}),
  ...rest,
});
const operators = (setup: LlmSetup) =>
  new Map(passOperators(model, { batch: 1, length: 1024, before: 0, outputs: 1 }, setup).map((o) => [o.name, o]));

describe('sequence parallelism (Korthikanti et al., MLSys 2023)', () => {
  it('divides norms by tokens, and makes of each all-reduce a reduce-scatter and an all-gather of the same tensor', () => {
    const plain = operators(setupOf({ tp: 4 })),
      divided = operators(setupOf({ tp: 4, sp: true }));
    // two sums a layer of 32, of 1024 tokens of 4096 in 16 bits
    const message = { count: 64, work: { flops: 0, bytes: 1024 * 4096 * 2 } };
    expect(plain.get('all_reduce')).toMatchObject(message);
    expect(divided.get('all_reduce')).toBeUndefined();
    expect(divided.get('reduce_scatter')).toMatchObject(message);
    expect(divided.get('all_gather')).toMatchObject(message);
    expect(divided.get('add_norm')!.work.flops).toBe(plain.get('add_norm')!.work.flops / 4);
    expect(divided.get('qkv_proj')).toEqual(plain.get('qkv_proj'));
  });

  it('moves in both together what a ring moves: 2 (n - 1) / n S', () => {
    const ring: Network = { alpha: 0, bandwidth: 1e9, topology: 'ring', hop: 0, bulk: 0, inSwitch: 1 };
    expect(allGather(4, 1e6, ring)).toBeCloseTo(0.75e-3, 12);
    expect(2 * allGather(4, 1e6, ring)).toBeCloseTo(allReduce(4, 1e6, ring), 12);
    expect(allGather(4, 1e6, { ...ring, topology: 'switch', alpha: 1e-6, hop: 1e-6 })).toBeCloseTo(0.75e-3 + 3e-6, 12);
    expect(allGather(1, 1e6, ring)).toBe(0);
  });

  it('divides the residual in memory', () => {
    // 1024 tokens: residual and input of the widest matrix, gate, up and their product, then the scores of one token
    const by = (residual: number) => 1024 * (residual + 4096 + (3 * 14336) / 4) * 2 + (128256 * 4) / 4;
    expect(activationBytes(model, setupOf({ tp: 4 }))).toBe(by(4096));
    expect(activationBytes(model, setupOf({ tp: 4, sp: true }))).toBe(by(1024));
  });

  it('is refused without tensor parallelism', () =>
    expect(() => estimateLlm(model, setupOf({ sp: true }))).toThrow(expect.objectContaining({ code: 'usage' })));

  it('a pipeline of stages that do not divide the layers is as full as its fullest stage', () => {
    const { memory } = estimateLlm(model, setupOf({ pp: 3 }));
    // 11 of 32 layers
    expect(memory.cache).toBe(1152 * 11 * 2 * 8 * 128 * 2);
  });
});
