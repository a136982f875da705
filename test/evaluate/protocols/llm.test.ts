import { describe, expect, it } from 'vitest';
import { llm } from '../../../src/evaluate/protocols/llm.js';
import { acceleratorOf, benchServed } from '../../../src/llm/servedModel.js';

describe('protocol llm', () => {
  it('needs the table', async () => {
    const options = { protocol: 'llm', methods: [], k: [10], selections: ['random'], draws: 1, seed: 1, command: '', measuredAt: '', onProgress: () => undefined }; // biome-ignore format: one list
    await expect(
      llm
        .groups(options as never)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toThrow(/needs --data FOLDER/);
  });

  it('knows several of an accelerator as that accelerator', () => {
    expect(acceleratorOf('4 x Nvidia A100 GPU')).toEqual({ accelerator: 'Nvidia A100 GPU', count: 4 });
    expect(acceleratorOf('AMD MI250 GPU')).toEqual({ accelerator: 'AMD MI250 GPU', count: 1 });
  });

  it('reads a workload of the bench; llama.cpp deals layers to devices', () => {
    const id = 'llm:meta-llama/Llama-2-7b-hf@in128,out256,b16';
    expect(benchServed(id, '2 x Nvidia A100 GPU', 'vLLM')).toEqual({
      model: 'meta-llama/Llama-2-7b-hf',
      device: 'A100-SXM4-40GB',
      framework: 'vllm-2024',
      isl: 128,
      osl: 256,
      batch: 16,
      tp: 2,
    });
    expect(benchServed(id, '2 x Nvidia A100 GPU', 'llama.cpp')).toMatchObject({ tp: 1, pp: 2 });
    expect(benchServed(id, 'SambaNova SN40L', 'sambaflow')).toBeUndefined();
    expect(benchServed('llm:Deci/DeciLM-7B@in128,out128,b1', 'Nvidia A100 GPU', 'vLLM')).toBeUndefined();
  });
});
