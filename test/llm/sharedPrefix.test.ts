import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { knownLlm } from '../../src/llm/architecture/readLlm.js';
import { estimateLlm } from '../../src/llm/estimateLlm.js';
import { cacheValues } from '../../src/llm/kvCache.js';
import { chooseFormats, type LlmSetup } from '../../src/llm/llmSetup.js';
import { cacheBytes } from '../../src/llm/memory.js';
import { prefill } from '../../src/llm/phases.js';

const device = deviceNamed('H100-SXM5-80GB'),
  model = knownLlm('meta-llama/Meta-Llama-3-8B'),
  { formats, kv } = chooseFormats(model, device, {});
const setup = (sizes: Partial<LlmSetup>): LlmSetup => ({
  ...{ device, formats, kv, isl: 1000, osl: 10, batch: 4, tp: 1, pp: 1, ep: 1, chunk: 8192, framework: 'vllm' },
  ...sizes,
});
/** Bytes of a token: 32 layers, 8 heads of keys and values, 128 wide, 16 bits. */
const TOKEN = 32 * 2 * 8 * 128 * 2;

describe('a prefix that requests share', () => {
  it('is kept once: 600 tokens and four times 410 of their own', () =>
    expect(cacheBytes(model, setup({ prefix: 600 }), 4, 1010)).toBe((600 + 4 * 410) * TOKEN));

  it('in a window, the own tokens are the last that are kept', () => {
    const mixer = { kind: 'attention' as const, heads: 1, kvHeads: 1, headDim: 1, window: 8 };
    const layer = { mixers: [mixer], norms: 0 } as unknown as (typeof model.layers)[number];
    const of = (context: number) => cacheValues({ hidden: 64, layers: [layer] }, context, { prefix: 10 });
    // two values a token: of twelve tokens the last eight are kept, two of them own; of thirty all are own
    expect(of(12)).toMatchObject({ ofContext: 16, shared: 12 });
    expect(of(30)).toMatchObject({ ofContext: 16, shared: 0 });
  });

  it('is read once, and not again by a request that comes later', () => {
    const flops = (sizes: Partial<LlmSetup>, isRead = false) =>
      prefill(model, setup(sizes), isRead).operators.find((o) => o.name === 'gate_up_proj')!.flops;
    const each = flops({ batch: 1 }) / 1000;
    expect(flops({ prefix: 600 })).toBeCloseTo(each * (600 + 4 * 400), -6);
    expect(flops({ prefix: 600, batch: 1 }, true)).toBeCloseTo(each * 400, -6);
  });

  it('leaves time between tokens as it is', () => {
    const [without, shared] = [undefined, 600].map((prefix) => estimateLlm(model, setup({ prefix })));
    expect(shared.tpot).toEqual(without.tpot);
    expect(shared.ttft.value).toBeLessThan(without.ttft.value);
  });

  it('is shorter than the prompt, and no encoder has one', () => {
    expect(() => estimateLlm(model, setup({ prefix: 1000 }))).toThrow(
      expect.objectContaining({ code: 'usage', message: 'a shared prefix of 1000 tokens in a prompt of 1000' }),
    );
    expect(() => estimateLlm({ ...model, encoderOnly: true }, setup({ prefix: 10 }))).toThrow(/no prefix of it can be shared/);
  });
});

describe('blocks of the cache', () => {
  it('are taken whole: 1010 tokens are 64 blocks of 16', () =>
    expect(cacheBytes(model, setup({ kvBlock: 16 }), 4, 1010)).toBe(4 * 1024 * TOKEN));
});
