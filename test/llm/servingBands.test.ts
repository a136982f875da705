import { describe, expect, it } from 'vitest';
import { ELSEWHERE, SERVING } from '../../src/llm/fittedServing.js';
import { servingBands } from '../../src/llm/servingBands.js';

describe('servingBands', () => {
  it('are those of the framework on the devices that its constants were fitted to, and nothing is said', () => {
    const { ttft, tpot, assumptions } = servingBands('vllm', 'NVIDIA');
    expect([ttft, tpot]).toEqual([SERVING.vllm.ttftBand, SERVING.vllm.tpotBand]);
    expect(assumptions).toEqual([]);
  });

  it('are none on another maker’s: what was measured there is said instead', () => {
    const intel = servingBands('vllm', 'Intel');
    expect(intel).toMatchObject({ ttft: null, tpot: null, request: null, energy: null, queue: null });
    const [low, high] = ELSEWHERE.Intel['vllm-2024']!.map((v) => Number(v.toPrecision(2)));
    expect(intel.assumptions).toEqual([
      expect.stringContaining(`what was measured on Intel devices with vllm-2024 took ${low} to ${high} times as long`),
    ]);
    // a framework that was not measured there, and a maker that was not
    expect(servingBands('trtllm', 'AMD').assumptions[0]).toMatch(/measured on AMD devices took/);
    expect(servingBands('vllm', 'Apple').assumptions[0]).toMatch(/no served model was measured on a device of Apple/);
  });
});
