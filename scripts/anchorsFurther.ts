import { rooflineTimes } from '../src/analytical/roofline.js';
import { expertLoad } from '../src/analytical/rules/experts.js';
import { flashAttentionIo, unfusedAttentionIo } from '../src/analytical/rules/flashAttentionIo.js';
import { binaryProduct, ternaryProduct } from '../src/analytical/rules/lowBit.js';
import { REACHED_OF_PORT, streamedPass } from '../src/analytical/rules/offload.js';
import { deviceNamed } from '../src/device/deviceNamed.js';
import { macsPerCycle } from '../src/device/deviceSpec.js';
import { GraphBuilder } from '../src/graph/graphBuilder.js';
import { graphCosts } from '../src/graph/operatorCost.js';
import type { OpGraph } from '../src/graph/opGraph.js';
import type { Json } from '../src/llm/architecture/configFields.js';
import { readConfig } from '../src/llm/architecture/readConfig.js';
import { knownLlm } from '../src/llm/architecture/readLlm.js';
import { estimateLlm } from '../src/llm/estimateLlm.js';
import { prefill } from '../src/llm/phases.js';
import { weightBytes } from '../src/llm/weights.js';
import { type Anchor, setup, short } from './anchorParts.js';

export function polca(): Anchor {
  const model = knownLlm('meta-llama/Llama-2-70b-hf'),
    asked = { ...setup(model, 'A100-SXM4-80GB', { isl: 2048, osl: 256, batch: 1 }), tp: 8 };
  const at = (powerCap: number) => {
    const { prefill, decode } = estimateLlm(model, { ...asked, powerCap }).capSlowdown!;
    const percent = (factor: number) => `${short(100 * (factor - 1), 2)} %`;
    return `${powerCap} W prompts ${percent(prefill)} slower, tokens ${percent(decode!)}`;
  };
  return {
    system: 'POLCA (Patel et al., ASPLOS 2024): power caps on A100, 400 W',
    headline: 'prompts slow down under a cap, tokens hardly; 20 % less peak power for less than 7 % of performance',
    ours: `\`hwcast llm --model meta-llama/Llama-2-70b-hf --device A100-SXM4-80GB --tp 8 --isl 2048 --osl 256 --power-cap 325\`: at ${at(325)}; at ${at(250)}`,
    why: 'cube root of dynamic power for the part of each kernel that is arithmetic; what a kernel draws follows from its shares of the peak rates',
  };
}

const OPT_175B: Json = { model_type: 'opt', hidden_size: 12288, num_hidden_layers: 96, num_attention_heads: 96, ffn_dim: 49152, vocab_size: 50272, max_position_embeddings: 2048, word_embed_proj_dim: 12288, torch_dtype: 'float16' }; // biome-ignore format: one model

export function distZo2(): Anchor {
  const model = readConfig(OPT_175B, 'opt-175b'),
    asked = setup(model, 'A100-SXM4-80GB', { isl: 2048, osl: 1, batch: 1 });
  const forward = prefill(model, asked).time,
    bytes = weightBytes(model, asked.formats),
    port = REACHED_OF_PORT * asked.device.hostLink!;
  /** devices that share out the two forward runs, each bringing its part of every block */
  const pass = (devices: number, runs: number, overlaps = true) =>
    streamedPass(runs * forward, bytes, { bandwidth: devices * port }, { blocks: 96, overlaps });
  const [alone, one, two] = [pass(1, 2, false), pass(1, 2), pass(2, 1)];
  return {
    system: 'DistZO2 (arXiv 2507.03211): OPT-175B by zeroth-order steps, blocks come from the host while others run',
    headline:
      'two forward runs a step; a run on each device, and devices that each bring a slice of a block and pass it on: 3 times ZO2 on one device (abstract)',
    ours: `two runs over 2048 tokens on A100s at ${short(port / 1e9)} GB/s a port: ${short(alone)} s one after the other, ${short(one)} s overlapped; a run on each of two devices, which share out the blocks, ${short(two)} s, ${short(one / two, 2)} times`,
    why: 'transfers are the bound on one device and on two, so that ports count; theirs was measured, with more devices and data parallelism',
  };
}

export function attentionIo(): Anchor {
  const length = 2 ** 16,
    width = 128;
  const at = (onChip: number) => {
    const moved = flashAttentionIo({ length, width, onChip });
    return `${short(moved / 1e6)} M (${short(unfusedAttentionIo({ length, width }) / moved, 2)} times less than unfused)`;
  };
  return {
    system: 'The I/O complexity of attention (Saha and Ye, arXiv 2402.07443): N = 64k tokens, d = 128',
    headline:
      'N^2 d^2 / M elements where the chip holds M >= d^2, and no algorithm moves fewer; N^2 d / sqrt(M) below (abstract)',
    ours: `d^2 = 16384: at M = 4096 ${at(4096)}, at 16384 ${at(16384)}, at 131072 ${at(131072)}`,
    why: 'the same formulas, constants left out in both; both regimes meet at M = d^2',
  };
}

export function biBench(): Anchor {
  const sizes = { m: 256, n: 1024, k: 4608, outputBytes: 4 },
    binary = binaryProduct(sizes),
    macs = sizes.m * sizes.n * sizes.k;
  const weights = (bits: number) => (sizes.n * sizes.k * bits) / 8;
  return {
    system: 'BiBench (Qin et al., ICML 2023): networks of one bit',
    headline: '32 times fewer bytes of weights and up to 64 times fewer operations in theory (OPs = BOPs / 64 + FLOPs, recalled)',
    ours: `a product of 256 x 4608 by 4608 x 1024: ${short(weights(32) / weights(1))} times fewer bytes of weights, ${short((2 * macs) / binary.operations)} times fewer operations`,
    why: 'the same count; a factor for each column is multiplied at full width',
  };
}

export function matMulFree(): Anchor {
  const params = 13e9,
    side = 5120;
  const of = (inputBytes: number) => ternaryProduct({ m: 1, n: side, k: side, outputBytes: 2 }, { inputBytes });
  const wide = 2 * (side * side + 2 * side),
    narrow = of(2).bytes;
  return {
    system: 'MatMul-free language models (Zhu et al., arXiv 2406.02528): weights of -1, 0, 1',
    headline: '13 G parameters in 4.19 GB in place of 48.5 GB, more than 10 times less memory (recalled)',
    ours: `weights of two bits ${short(params / 4e9)} GB in place of ${short((2 * params) / 1e9)} GB at 16 bits; a token through ${side} x ${side}: ${short(wide / narrow, 2)} times fewer bytes, no multiplication but one for each output`,
    why: 'weights only; theirs is the peak of a run, with the buffers of a Transformer in 16 bits',
  };
}

export function unevenExperts(): Anchor {
  const sizes = { tokens: 8192, experts: 256, perToken: 8, hidden: 7168, width: 2048, gated: true, weightBytes: 1, bytes: 2 };
  const over = (devices: number) =>
    [1.01, 1.2].map((alpha) => `${short(devices * expertLoad(sizes, devices, alpha).share, 3)} (alpha ${alpha})`).join(' and ');
  return {
    system: 'aiconfigurator (NVIDIA, arXiv 2601.06288): uneven experts as `power_law`',
    headline: 'loads drawn from a power law, alpha 1.01 and 1.2; the fullest device is measured',
    ours: `rows of the fullest over the mean, DeepSeek-V3, 8192 tokens: 8 devices ${over(8)}, 32 devices ${over(32)}; \`hwcast llm --ep 32 --imbalance 1.2\``,
    why: 'the same distribution; theirs places experts once, at random, ours is the mean of the fullest; against their rows: [llm.md](llm.md#how-far-off)',
  };
}

/** The CIFAR-10 network of CMSIS-NN's paper: three convolutions of 5 x 5 with pools of 3 x 3, and a linear layer. */
function cifarNetwork(): OpGraph {
  const g = new GraphBuilder('int8');
  let x = g.input([1, 3, 32, 32]);
  for (const channels of [32, 32, 64]) {
    const convolved = g.add('relu', [g.conv(x, channels, 5)]);
    x = g.add('max_pool2d', [convolved], { kernel: 3, stride: 2, padding: [0, 0, 1, 1] });
  }
  return g.build([g.add('linear', [g.add('reshape', [x], { shape: [1, 1024] })], { outFeatures: 10, bias: 1 })]);
}

export function cmsisNn(): Anchor {
  const device = deviceNamed('STM32F746-Cortex-M7'),
    graph = cifarNetwork(),
    { latency } = rooflineTimes(graph, device, { hypothesis: 'compiled' }),
    { macs } = graphCosts(graph).total;
  return {
    system: 'CMSIS-NN (Lai et al., arXiv 1801.06601): CIFAR-10 network in int8 on a Cortex-M7 at 216 MHz',
    headline: '24.7 M operations in 99.1 ms, 0.58 multiply-accumulates a cycle (recalled)',
    ours: `${short((2 * macs) / 1e6)} M operations in ${short(1e3 * latency)} ms, ${short(macs / latency / device.clock!)} a cycle; the inner loop alone ${short(macsPerCycle(device).int8!)}`,
    why: 'a roofline: the inner loop at three quarters of its rate; unfolding inputs (im2col) is not counted, nor the second issue slot of the core',
  };
}
