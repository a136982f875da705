import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { knownLlm, readLlm } from '../../src/llm/architecture/readLlm.js';
import { weightFormat } from '../../src/llm/architecture/weightFormat.js';
import { chooseFormats } from '../../src/llm/llmSetup.js';
import { passOperators } from '../../src/llm/passOperators.js';
import { weightBytesPerDevice } from '../../src/llm/weights.js';

const model = knownLlm('mistralai/Mixtral-8x7B-v0.1'),
  chosen = chooseFormats(model, deviceNamed('H100-SXM5-80GB'), {});
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

  it('weights of four bits are widened by other kernels', () => {
    const familyIn = (dtype: string) => {
      const { formats, kv } = chooseFormats(model, deviceNamed('H100-SXM5-80GB'), { dtype: weightFormat(dtype) });
      const all = passOperators(model, { batch: 1, length: 1, before: 9, outputs: 1 }, { tp: 1, pp: 1, ep: 1, formats, kv });
      return all.find((o) => o.name === 'experts')!.family;
    };
    expect(['bf16', 'fp8', 'int8-weights', 'int4', 'mxfp4'].map(familyIn)).toEqual([
      'experts',
      'experts',
      'experts',
      'widenedExperts',
      'widenedExperts',
    ]);
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
