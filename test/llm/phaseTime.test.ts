import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { knownLlm } from '../../src/llm/architecture/readLlm.js';
import { estimateLlm, phaseTime } from '../../src/llm/estimateLlm.js';
import { SERVING } from '../../src/llm/fittedServing.js';
import { chooseFormats } from '../../src/llm/llmSetup.js';
import { decode, prefill } from '../../src/llm/phases.js';

const constants = { ...SERVING.vllm, kernels: 0.5, step: 1, layer: 0.1, request: 0.01 };

describe('phaseTime', () => {
  it('kernels by their factor, and what a framework adds to two passes of three layers and four requests', () =>
    expect(phaseTime({ time: 8, passes: 2 }, 3, 4, constants)).toBeCloseTo(4 + 2 * (1 + 0.3 + 0.04), 12));
  it('is no faster than the device: what is added comes on top', () =>
    expect(phaseTime({ time: 8, passes: 2, least: 5 }, 3, 4, constants)).toBeCloseTo(5 + 2 * (1 + 0.3 + 0.04), 12));
});

describe('the least time of a phase, Llama-3-8B on an H100', () => {
  const device = deviceNamed('H100-SXM5-80GB'),
    model = knownLlm('meta-llama/Meta-Llama-3-8B'),
    { formats, kv } = chooseFormats(model, device, {}),
    setup = { device, formats, kv, isl: 1024, osl: 2, batch: 1, tp: 1, pp: 1, ep: 1, chunk: 8192, framework: 'vllm' } as const;
  /** weights of layers and output */
  const weights = 8.03e9 - 128256 * 4096;
  it('a token reads its weights', () => expect(decode(model, setup).least / ((2 * weights) / 3.35e12)).toBeCloseTo(1.01, 1));
  it('a prompt multiplies by them', () =>
    expect(prefill(model, setup).least / ((2 * 1024 * (weights - 128256 * 4096)) / 989e12)).toBeCloseTo(1.02, 1));
});

describe('shares of operators', () => {
  it.each(['vllm', 'trtllm', 'transformers', 'llama.cpp-2024'] as const)('of a phase add up to 1 under %s', (framework) => {
    const device = deviceNamed('B200-SXM'),
      model = knownLlm('mistralai/Mixtral-8x7B-v0.1'),
      { formats, kv } = chooseFormats(model, device, {});
    const setup = { device, formats, kv, isl: 4096, osl: 32, batch: 8, tp: 1, pp: 1, ep: 1, chunk: 8192, framework };
    const { operators } = estimateLlm(model, setup);
    const sums = (['prefill', 'decode'] as const).map((phase) =>
      operators.reduce((sum, o) => sum + (o.phase === phase ? o.share : 0), 0),
    );
    expect(sums[0]).toBeCloseTo(1, 9);
    expect(sums[1]).toBeCloseTo(1, 9);
  });
});
