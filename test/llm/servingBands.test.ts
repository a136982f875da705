import { describe, expect, it } from 'vitest';
import { ELSEWHERE, SERVING } from '../../src/llm/fittedServing.js';
import { servingBands } from '../../src/llm/servingBands.js';

describe('servingBands', () => {
  it('are those of the framework on the devices that its constants were fitted to, and nothing is said', () => {
    const { ttft, tpot, assumptions } = servingBands('vllm', 'NVIDIA');
    expect([ttft, tpot]).toEqual([SERVING.vllm.ttftBand, SERVING.vllm.tpotBand]);
    expect(assumptions).toEqual([]);
  });

  it('are wider on another maker’s, by how far its served models were off, and the answer says so', () => {
    const intel = servingBands('vllm', 'Intel');
    expect(intel.request).toBe(ELSEWHERE.Intel.request['vllm-2024']);
    expect(intel.request![1]).toBeGreaterThan(3 * SERVING.vllm.requestBand![1]);
    expect(intel.queue).toBeNull();
    expect(intel.assumptions).toEqual([
      expect.stringMatching(/on NVIDIA devices.*served models on Intel devices took .* times as long/),
    ]);
    // what was not measured of a maker is that of all its frameworks, a maker that was not measured that of all others
    expect(servingBands('trtllm', 'AMD').request).toBe(ELSEWHERE.AMD.request.any);
    expect(servingBands('vllm', 'Apple').request).toBe(ELSEWHERE.other.request.any);
    expect(servingBands('vllm', 'Apple').assumptions[0]).toMatch(/devices of other makers/);
  });
});
