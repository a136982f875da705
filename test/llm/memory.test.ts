import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { knownLlm } from '../../src/llm/architecture/readLlm.js';
import { weightFormat } from '../../src/llm/architecture/weightFormat.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup } from '../../src/llm/llmSetup.js';
import { leastOffload, memoryUse } from '../../src/llm/memory.js';
import { weightBytes } from '../../src/llm/weights.js';

function use(id: string, device: string, sizes: Partial<LlmSetup> & { type?: string } = {}) {
  const model = knownLlm(id),
    spec = deviceNamed(device),
    chosen = chooseFormats(model, spec, { dtype: sizes.type ? weightFormat(sizes.type) : undefined });
  const setup: LlmSetup = { device: spec, isl: 1024, osl: 1024, batch: 1, tp: 1, pp: 1, ep: 1, ...chosen, chunk: DEFAULT_CHUNK, framework: 'vllm', ...sizes }; // biome-ignore format: one setup
  return { model, setup, memory: memoryUse(model, setup) };
}
const LLAMA = 'meta-llama/Meta-Llama-3-8B';

describe('memoryUse', () => {
  it('of Llama-3-8B by hand: two bytes a parameter, 128 KiB a token', () => {
    const { memory } = use(LLAMA, 'H100-SXM5-80GB', { batch: 4 });
    expect(memory.weights).toBe(2 * 8_030_261_248);
    expect(memory.cache).toBe(4 * 2048 * 2 * 2 * 32 * 8 * 128);
    expect(memory.reserve).toBe(3.5e9);
    expect(memory.total).toBe(memory.weights + memory.cache + memory.activations + memory.reserve);
    expect(memory.verdict).toBe('fits');
  });

  it('the largest batch fits, one more does not', () => {
    const { memory } = use(LLAMA, 'RTX-4090');
    const most = memory.maxBatch!;
    expect(use(LLAMA, 'RTX-4090', { batch: most }).memory.verdict).toBe('tight');
    expect(use(LLAMA, 'RTX-4090', { batch: most + 1 }).memory.verdict).toBe('no');
  });

  it('70 G parameters do not fit one H100 in 16 bits, and do on four, or in four bits', () => {
    const id = 'meta-llama/Meta-Llama-3-70B';
    expect(use(id, 'H100-SXM5-80GB').memory).toMatchObject({ verdict: 'no', maxBatch: 0, maxContext: 0 });
    expect(use(id, 'H100-SXM5-80GB', { tp: 4 }).memory.verdict).toBe('fits');
    expect(use(id, 'H100-SXM5-80GB', { type: 'int4' }).memory.verdict).toBe('fits');
  });

  it('GGUF formats hold embedding and output as well', () => {
    const { model, setup } = use(LLAMA, 'RTX-4090', { type: 'q4_0' });
    expect(weightBytes(model, setup.formats)).toBeCloseTo((8_030_261_248 * 4.5) / 8, -7);
  });

  it('is silent on a device without a known memory', () =>
    expect(use('facebook/opt-6.7b', 'Graviton2', { type: 'fp32' }).memory).toMatchObject({
      capacity: null,
      verdict: null,
      maxBatch: null,
    }));

  it('weights on the host leave the device; as many as have to, and room for two layers where they come ahead', () => {
    const id = 'meta-llama/Meta-Llama-3-70B',
      whole = use(id, 'H100-SXM5-80GB');
    const least = leastOffload(whole.model, whole.setup);
    const { memory } = use(id, 'H100-SXM5-80GB', { offload: { bytes: least, overlaps: false } });
    expect(memory).toMatchObject({ verdict: 'fits', offloaded: least, weights: whole.memory.weights - least });
    expect(least).toBeCloseTo(whole.memory.total - 0.9 * 80 * 2 ** 30, -1);
    const ahead = use(id, 'H100-SXM5-80GB', { offload: { bytes: least, overlaps: true } }).memory;
    expect(ahead.weights - memory.weights).toBeCloseTo((2 * whole.memory.weights) / 80, -3);
    expect(leastOffload(whole.model, { ...whole.setup, tp: 4 })).toBe(0);
    expect(() => use(id, 'H100-SXM5-80GB', { offload: { bytes: 200e9, overlaps: false } })).toThrow(/200 GB of weights/);
  });
});
