import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { knownLlm } from '../../src/llm/architecture/readLlm.js';
import { corrected, correctionOf, phaseFactor } from '../../src/llm/correction.js';
import { estimateLlm } from '../../src/llm/estimateLlm.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup } from '../../src/llm/llmSetup.js';
import { readMeasuredRuns } from '../../src/llm/measuredRuns.js';

const LLAMA_BENCH = [
  { model_filename: 'llama-2-7b.Q4_0.gguf', model_type: 'llama 7B Q4_0', n_prompt: 512, n_gen: 0, avg_ts: 1024 },
  { model_filename: 'llama-2-7b.Q4_0.gguf', model_type: 'llama 7B Q4_0', n_prompt: 0, n_gen: 128, avg_ts: 64 },
];

describe('readMeasuredRuns', () => {
  it('llama-bench: prompts give TTFT, tokens give TPOT', () => {
    const [prompt, tokens] = readMeasuredRuns(JSON.stringify(LLAMA_BENCH), 'bench.json');
    expect(prompt).toMatchObject({ isl: 512, batch: 1, ttft: 0.5, dtype: { name: 'q4_0' } });
    expect(tokens).toMatchObject({ osl: 129, tpot: 1 / 64 });
  });

  it('vLLM benchmark_serving: tokens and requests of the file, TPOT of the median', () => {
    const run = { model_id: 'meta-llama/Meta-Llama-3-8B', completed: 100, total_input_tokens: 102400, total_output_tokens: 12800, max_concurrency: 16, median_ttft_ms: 90, median_tpot_ms: 8 }; // biome-ignore format: one run
    expect(readMeasuredRuns(JSON.stringify(run), 'serve.json')).toEqual([
      { model: 'meta-llama/Meta-Llama-3-8B', isl: 1024, osl: 128, batch: 16, tp: 1, tpot: 0.008, where: 'serve.json' },
    ]);
  });

  it('vLLM bench latency: a whole batch', () => {
    const run = { avg_latency: 2.5, config: { model: 'x', input_len: 32, output_len: 128, batch_size: 8 } };
    expect(readMeasuredRuns(JSON.stringify(run), 'l.json')[0]).toMatchObject({ isl: 32, osl: 128, batch: 8, request: 2.5 });
  });

  it("aiconfigurator's CSV: milliseconds; TTFT of a queue is not used", () => {
    const text = 'model,isl,osl,concurrency,tp,ttft,tpot\nQwen/Qwen3-32B,1024,128,8,4,300,12\n';
    expect(readMeasuredRuns(text, 'p.csv')[0]).toMatchObject({
      model: 'Qwen/Qwen3-32B',
      batch: 8,
      tp: 4,
      tpot: 0.012,
      where: 'p.csv:2',
    });
    expect(readMeasuredRuns(text, 'p.csv')[0].ttft).toBeUndefined();
  });

  it.each([
    ['{"a": 1}', /not a run of llama-bench, vLLM/],
    ['{', /not JSON/],
    ['{"avg_latency": 2}', /lacks input_len, output_len or batch_size/],
    ['{"median_tpot_ms": 3, "completed": 10}', /lacks total_input_tokens, total_output_tokens, max_concurrency/],
    ['isl,osl\n1,2\n', /lacks isl, osl or batch_size/],
    ['isl,osl,batch_size,tpot\n8,8,1,0\n', /tpot is 0 s, not above 0/],
    ['[{"model_filename": "x", "n_prompt": 512, "n_gen": 0, "avg_ts": 0}]', /ttft is Infinity s, not above 0 and finite/],
  ])('%s is refused', (text, message) => expect(() => readMeasuredRuns(text, 'x')).toThrow(message));
});

describe('correction', () => {
  it('many runs win over the prior, one moves it part of the way', () => {
    const band = { low: Math.exp(-1.645), high: Math.exp(1.645) }; // deviation 1
    expect(phaseFactor([Math.log(2)], band, 1).factor).toBeCloseTo(Math.SQRT2, 9);
    expect(phaseFactor(Array(999).fill(Math.log(2)), band, 1).factor).toBeCloseTo(2, 2);
    expect(phaseFactor([], band, 1)).toMatchObject({ factor: 1, runs: 0 });
  });

  it('one run of a model corrects another and says by how much', () => {
    const device = deviceNamed('RTX-3090'),
      model = knownLlm('meta-llama/Meta-Llama-3-8B');
    const setup: LlmSetup = { device, isl: 512, osl: 128, batch: 1, tp: 1, pp: 1, ep: 1, ...chooseFormats(model, device, {}), chunk: DEFAULT_CHUNK, framework: 'vllm' }; // biome-ignore format: one setup
    const plain = estimateLlm(model, setup);
    const runs = readMeasuredRuns(JSON.stringify(LLAMA_BENCH.slice(1)), 'bench.json');
    const after = corrected(plain, correctionOf(runs, setup, knownLlm('meta-llama/Llama-2-7b-hf')));
    expect(after.tpot!.value).toBeGreaterThan(plain.tpot!.value);
    expect(after.tpot!.provenance).toBe('adapted');
    expect(after.ttft).toEqual(plain.ttft);
    expect(after.assumptions.at(-1)).toMatch(/^TPOT moved by \+\d+\.\d %: 1 measured run on this device$/);
    expect(() => correctionOf(runs, setup, undefined)).toThrow(/nothing is known of the measured model 'llama-2-7b.Q4_0.gguf'/);
  });
});
