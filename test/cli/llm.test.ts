import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registerLlm } from '../../src/cli/llm.js';
import { runCommand } from './runCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-llm-'));
function configFile(name: string, config: object): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}
const LLAMA = {
  model_type: 'llama',
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14336,
  vocab_size: 128256,
  max_position_embeddings: 8192,
  torch_dtype: 'bfloat16',
};
const llama = configFile('llama', LLAMA);
const run = async (...args: string[]): Promise<string> => {
  const { stdout, error } = await runCommand(registerLlm, ['llm', ...args]);
  if (error) throw error;
  return stdout;
};
const json = async (...args: string[]) => JSON.parse(await run('--json', ...args));

describe('hwcast llm', () => {
  it('says what it assumed where nothing was given', async () => {
    const [row] = await json('--model', llama, '--device', 'A100-SXM4-80GB');
    expect(row.assumptions[0]).toBe('isl 1024, osl 128, batch 1: not given, assumed (--isl, --osl, --batch)');
  });

  it('prints one element a setup with every field of the design', async () => {
    const rows = await json(
      '--model',
      llama,
      '--device',
      'A100-SXM4-80GB,H100-SXM5-80GB',
      '--batch',
      '1,16',
      '--isl',
      '512',
      '--osl',
      '64',
    );
    expect(rows.map((r: { device: string; batch: number }) => [r.device, r.batch])).toEqual([
      ['A100-SXM4-80GB', 1],
      ['A100-SXM4-80GB', 16],
      ['H100-SXM5-80GB', 1],
      ['H100-SXM5-80GB', 16],
    ]);
    const names = 'device batch isl osl ttftMs tpotMs tokensPerS joulesPerToken weightBytes kvBytesPerToken memoryBytes fits maxBatch maxContext operators assumptions'; // biome-ignore format: one list
    expect(Object.keys(rows[0])).toEqual(expect.arrayContaining(names.split(' ')));
    for (const value of [rows[0].ttftMs, rows[0].tpotMs, rows[0].tokensPerS, rows[0].joulesPerToken])
      expect(value).toMatchObject({ value: expect.any(Number), provenance: 'analytical' });
    expect(rows[0].kvBytesPerToken).toBe(2 * 2 * 32 * 8 * 128);
    expect(rows[0].weightBytes).toBeCloseTo(2 * 8_030_261_248, -4);
  });

  it('both definitions of the time between tokens agree with the request time', async () => {
    const [r] = await json('--model', llama, '--device', 'H100-SXM5-80GB', '--isl', '512', '--osl', '65');
    expect(r.ttftMs.value + 64 * r.tpotMs.value).toBeCloseTo(r.requestMs.value, 3);
    expect(65 * r.tpotInclusiveMs.value).toBeCloseTo(r.requestMs.value, 3);
    expect(r.tokensPerS.value).toBeCloseTo(65 / (r.requestMs.value / 1e3), 3);
  });

  it('says no before it says how fast', async () => {
    const text = await run('--model', llama, '--device', 'RTX-3060Ti', '--dtype', 'fp32', '--isl', '64', '--osl', '8');
    expect(text.indexOf('does NOT fit')).toBeGreaterThan(0);
    expect(text.indexOf('does NOT fit')).toBeLessThan(text.indexOf('TTFT'));
  });

  it('narrow weights take less and make tokens faster', async () => {
    const of = async (dtype: string) =>
      (await json('--model', llama, '--device', 'H100-SXM5-80GB', '--isl', '64', '--osl', '16', '--dtype', dtype))[0];
    const [wide, narrow] = [await of('bf16'), await of('int4')];
    expect(narrow.weightBytes).toBeLessThan(0.4 * wide.weightBytes);
    expect(narrow.tpotMs.value).toBeLessThan(0.65 * wide.tpotMs.value);
  });

  it('tensor parallelism divides weights and adds messages', async () => {
    const [one, four] = await json('--model', llama, '--device', 'H100-SXM5-80GB', '--tp', '1,4', '--isl', '512', '--osl', '16');
    expect(four.memory.weights).toBeLessThan(0.26 * one.memory.weights);
    expect(four.operators.map((o: { name: string }) => o.name)).toContain('all_reduce');
    expect(four.tpotMs.value).toBeLessThan(one.tpotMs.value);
  });

  it('prints rows of llama-bench and commands that check them', async () => {
    const table = await run('--model', llama, '--device', 'H100-SXM5-80GB', '--format', 'llama-bench');
    expect(table).toContain('| pp512 |');
    expect(table).toContain('| tg128 |');
    const text = await run('--model', llama, '--device', 'H100-SXM5-80GB');
    expect(text).toContain('vllm bench latency --model MODEL --input-len 1024 --output-len 128 --batch-size 1');
  });

  it('a processor makes a token in the time of reading the weights', async () => {
    const [row] = await json('--model', llama, '--device', 'Raspberry-Pi-4B', '--isl', '64', '--osl', '8');
    // but for the embedding, of which it reads a row
    const seconds = (2 * (8.03e9 - 128256 * 4096)) / 12.8e9;
    expect(row.tpotMs.value / 1e3).toBeGreaterThan(seconds);
    expect(row.tpotMs.value / 1e3).toBeLessThan(2 * seconds);
    expect(row.fits).toBe('no');
  });

  it('an encoder makes no tokens', async () => {
    const bert = { model_type: 'bert', hidden_size: 64, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 128, vocab_size: 100, max_position_embeddings: 512 }; // biome-ignore format: one model
    const [row] = await json('--model', configFile('bert', bert), '--device', 'H100-SXM5-80GB');
    expect(row).toMatchObject({ isl: 512, osl: 0, tpotMs: null, tokensPerS: null, kvBytesPerToken: 0 });
    expect(row.ttftMs.value).toBeGreaterThan(0);
  });

  it.each([
    [['--isl', '9000', '--osl', '1'], /9000 tokens in and 1 out exceed the model's context of 8192/],
    [['--tp', '3'], /tensor parallelism of 3 does not divide 32 heads/],
    [['--ep', '2'], /the model has no experts/],
    [['--dtype', 'fp8', '--device', 'A100-SXM4-80GB'], /'A100-SXM4-80GB' has no fp8 arithmetic/],
    [['--dtype', 'fp99'], /no element type 'fp99' \(--dtype\)/],
    [['--tp', '2', '--device', 'RTX-3060Ti'], /'RTX-3060Ti' has no interconnect/],
    [['--device', 'H1000'], /no device 'H1000'/],
    [['--isl', '0'], /--isl takes a whole number of at least 1/],
    [['--batch', '99999999999999999999'], /--batch takes a whole number of at most 9007199254740991/],
    [['--model', join(folder, 'absent.json')], /no such configuration/],
  ])('%j is refused', async (args, message) => {
    const device = args.includes('--device') ? [] : ['--device', 'H100-SXM5-80GB'];
    const model = args.includes('--model') ? [] : ['--model', llama];
    await expect(run(...model, ...device, ...args)).rejects.toThrow(message);
  });
});

describe('memory outside of the device and power caps', () => {
  const large = configFile('large', { ...LLAMA, hidden_size: 8192, num_hidden_layers: 80, num_attention_heads: 64, intermediate_size: 28672 }); // biome-ignore format: one model
  const on = (...args: string[]) => json('--model', large, '--device', 'H100-SXM5-80GB', '--isl', '1024', '--osl', '32', ...args);

  it('weights on the host make it fit, at the rate of the port; ahead of time they hide behind a prompt', async () => {
    const [without] = await on(),
      [plain] = await on('--offload', 'auto'),
      [ahead] = await on('--offload', 'auto', '--prefetch');
    expect([without.fits, plain.fits, ahead.fits]).toEqual(['no', 'fits', 'fits']);
    const port = plain.memory.offloaded / (0.8 * 64e9);
    expect(plain.tpotMs.value - without.tpotMs.value).toBeCloseTo(1e3 * port, 0);
    expect(ahead.ttftMs.value).toBeLessThan(plain.ttftMs.value);
    expect(plain.operators.some((o: { name: string }) => o.name === 'weights_from_host')).toBe(true);
    const [slower] = await on('--offload', 'auto', '--host-link', '32');
    expect(slower.tpotMs.value).toBeGreaterThan(1.8 * plain.tpotMs.value);
    // 2 x 1056 tokens of 320 KiB
    expect(plain.contextSwitchMs).toMatchObject({ value: expect.closeTo((2e3 * 1056 * 327_680) / (0.8 * 64e9), 2), low: null });
  });

  it('a cap slows prompts more than tokens and lowers the energy', async () => {
    const of = (...args: string[]) =>
      json('--model', llama, '--device', 'H100-SXM5-80GB', '--isl', '4096', '--osl', '32', ...args);
    const [free] = await of(),
      [capped] = await of('--power-cap', '450');
    const slower = (field: 'ttftMs' | 'tpotMs') => capped[field].value / free[field].value;
    expect(slower('ttftMs')).toBeGreaterThan(1.1);
    expect(slower('tpotMs')).toBeLessThan(1.05);
    expect(capped.joulesPerToken.value).toBeLessThan(free.joulesPerToken.value);
  });

  it('tells what a cap costs by phase, and with detail the equivalent FLOPs', async () => {
    const asked = ['--model', llama, '--device', 'A100-SXM4-80GB', '--isl', '2048', '--osl', '64', '--batch', '1'];
    const text = await run(...asked, '--power-cap', '250', '--detail');
    expect(text).toMatch(/^power cap {3}prompts [\d.]+ % slower, tokens [\d.]+ %$/m);
    expect(text).toMatch(
      /^eFLOPs {6}[\d.]+ T for the tokens of a request at 153 operations a byte, [\d.]+ % attention \(Kinetics\)$/m,
    );
    const capped = await json(...asked, '--power-cap', '250'),
      free = await json(...asked);
    expect(free[0].powerCapSlowdown).toBeNull();
    expect(capped[0].ttftMs.value / free[0].ttftMs.value).toBeCloseTo(capped[0].powerCapSlowdown.prefill, 5);
    expect(capped[0].tpotMs.value / free[0].tpotMs.value).toBeCloseTo(capped[0].powerCapSlowdown.decode, 5);
    // by hand: 32 layers of 32 heads of 128, 8 of them kept, in 16 bits; 64 tokens after 2048
    const pairs = ((2 * 2048 + 64) * 64) / 2,
      intensity = 312e12 / 2039e9;
    const attention = 32 * pairs * (2 * 2 * 32 * 128 + 2 * 8 * 128 * 2 * intensity);
    expect(free[0].equivalentFlops.total).toBeCloseTo(2 * free[0].params * 64 + attention, -8);
    expect(free[0].activeParams).toBe(free[0].params);
  });

  it('refuses what cannot be', async () => {
    await expect(run('--model', llama, '--device', 'A100-SXM4-80GB', '--imbalance', '1.2')).rejects.toThrow(
      'the model has no experts',
    );
    await expect(on('--offload', 'some')).rejects.toThrow(/--offload takes gigabytes, not 'some'/);
    await expect(on('--offload', '500')).rejects.toThrow(/500 GB of weights on the host/);
    await expect(on('--prefetch')).rejects.toThrow(/--prefetch without --offload/);
    await expect(on('--power-cap', '100')).rejects.toThrow(/power cap of 100 W/);
    await expect(json('--model', llama, '--device', 'GB200', '--isl', '8', '--osl', '8', '--offload', '4')).rejects.toThrow(
      /no rate to the host's memory/,
    );
  });
});

describe('options that say nothing, or two things', () => {
  const base = ['--model', llama, '--device', 'H100-SXM5-80GB'];

  it.each([
    [['--isl', ''], /--isl takes values/],
    [['--batch', ' , '], /--batch takes values/],
    [['--dtype', ''], /--dtype takes values/],
    [['--device', ''], /--device takes values/],
    [['--model', ''], /--model takes values/],
    [['--tp', '2', '--link', '0'], /--link takes gigabytes a second above 0/],
    [['--host-link', '0'], /--host-link takes gigabytes a second above 0/],
    [['--measured-model', llama], /--measured-model without --measured/],
    [['--json', '--format', 'llama-bench'], /two forms/],
    [['--sp'], /--sp without --tp/],
  ])('%j is refused', async (args, message) =>
    expect(run(...base, ...args)).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(message) }),
  );

  it('the command that checks a setup says how it is shared', async () => {
    const text = await run(...base, '--tp', '2', '--sp', '--kv-dtype', 'fp8');
    expect(text).toContain('tensor parallel 2, sequence parallel');
    expect(text).toContain(
      `--tensor-parallel-size 2 --compilation-config '{"pass_config":{"enable_sp":true}}' --kv-cache-dtype fp8`,
    );
  });
});

describe('sweeps', () => {
  const mamba = configFile('mamba', { model_type: 'mamba2', hidden_size: 2560, num_hidden_layers: 64, num_heads: 80, head_dim: 64, state_size: 128, n_groups: 1, expand: 2, conv_kernel: 4, chunk_size: 256, vocab_size: 50288, tie_word_embeddings: true }); // biome-ignore format: one model
  const svg = join(folder, 'sweep.svg');

  it('of two models beyond the context tell crossing and the longest that fits, and draw them', async () => {
    const args = [
      '--device',
      'RTX-4090',
      '--isl',
      '1024,16384,131072',
      '--osl',
      '64',
      '--batch',
      '1',
      '--beyond-context',
      '--svg',
      svg,
    ];
    const out = await run('--model', `${llama},${mamba}`, ...args);
    expect(out).toMatch(/llama\.json: fits up to \d{5} tokens of the prompt/);
    const picture = readFileSync(svg, 'utf8');
    expect(picture).toMatch(/^<svg/);
    expect(picture).toContain('llama.json');
    expect(picture).toContain('time to the first token, s');
    expect(picture).toContain('stroke-dasharray="5 3"');
    // the longest of the transformer does not fit: hollow in all four panels
    expect(picture.match(/<circle[^>]*fill="white"/g)).toHaveLength(4);
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('without a list are refused', async () =>
    await expect(run('--model', llama, '--device', 'RTX-4090', '--svg', svg)).rejects.toThrow(/no amount has two values/));
});

describe('intervals of the first token', () => {
  it('are those of the maker that constants were fitted to; others have none, and are told what was measured there', async () => {
    const of = async (device: string) => (await json('--model', llama, '--device', device, '--isl', '512', '--osl', '16'))[0];
    const { ttftMs } = await of('H100-SXM5-80GB');
    expect(ttftMs.high / ttftMs.value).toBeLessThan(2);
    const other = await of('MI300X');
    expect([other.ttftMs.low, other.ttftMs.high, other.tokensPerS.low]).toEqual([null, null, null]);
    expect(other.assumptions.join()).toMatch(/without intervals: what was measured on AMD devices with vllm-2024 took/);
  });
});
