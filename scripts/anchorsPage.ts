import { attentionCascade, CASCADES, cascadeTraffic } from '../src/analytical/rules/attentionCascade.js';
import { attentionWork, unfusedAttentionWork } from '../src/analytical/rules/attentionWork.js';
import { equivalentFlops, KINETICS_INTENSITY } from '../src/analytical/rules/eflops.js';
import { distinctExperts, expertWork } from '../src/analytical/rules/experts.js';
import { latentAttentionWork } from '../src/analytical/rules/latentAttention.js';
import { contextSwitch } from '../src/analytical/rules/offload.js';
import { patchInference } from '../src/analytical/rules/patchInference.js';
import { DATAFLOWS, outputStationaryCycles } from '../src/analytical/rules/systolic.js';
import { systolicArea } from '../src/analytical/rules/systolicCost.js';
import { systolicNetwork } from '../src/analytical/systolicNetwork.js';
import { GraphBuilder } from '../src/graph/graphBuilder.js';
import type { OpGraph } from '../src/graph/opGraph.js';
import { parseWorkload, workloadGraph } from '../src/graph/workload.js';
import type { Json } from '../src/llm/architecture/configFields.js';
import { readConfig } from '../src/llm/architecture/readConfig.js';
import { knownLlm } from '../src/llm/architecture/readLlm.js';
import { cacheValues } from '../src/llm/kvCache.js';
import { cacheBytes } from '../src/llm/memory.js';
import { passOperators } from '../src/llm/passOperators.js';
import { prefill } from '../src/llm/phases.js';
import { weightBytes } from '../src/llm/weights.js';
import { type Anchor, setup, short } from './anchorParts.js';
import { attentionIo, biBench, cmsisNn, distZo2, matMulFree, polca, unevenExperts } from './anchorsFurther.js';
import { markdownTable } from './markdown.js';

function llmViewer(): Anchor {
  const architecture = knownLlm('meta-llama/Llama-2-7b-hf'),
    of = setup(architecture, 'RTX-A6000', { isl: 2048, osl: 1, batch: 1 });
  const at = (length: number, before: number) =>
    passOperators(architecture, { batch: 1, length, before, outputs: 1 }, of).find((o) => o.name === 'out_proj')!.work;
  const [prompt, token] = [at(2048, 0), at(1, 2047)];
  const intensity = (w: { flops: number; bytes: number }) => short(w.flops / w.bytes);
  return {
    system: 'LLM-Viewer (Yuan et al., arXiv 2402.16363, table 1): Llama-2-7B on an A6000, output projection',
    headline:
      'prompt of 2048: 69 G operations, 67 MB, 1024 a byte, compute bound; one token: 34 M, 34 MB, 1 a byte, memory bound (recalled)',
    ours: `prompt: ${short(prompt.flops / 1e9)} G, ${short(prompt.bytes / 1e6)} MB, ${intensity(prompt)} a byte; token: ${short(token.flops / 1e6)} M, ${short(token.bytes / 1e6)} MB, ${intensity(token)} a byte`,
    why: 'the same: each tensor counts once in both',
  };
}

function deepseekCache(): Anchor {
  const cache = (id: string) => 2 * cacheValues(knownLlm(id), 1).perToken;
  return {
    system: 'DeepSeek-V3 (arXiv 2505.09343, table 1): cache of a token at 16 bits',
    headline: '70.272 KB; Llama-3.1 405B 516 KB, Qwen-2.5 72B 327 KB',
    ours: `${cache('deepseek-ai/DeepSeek-V3') / 1e3} KB; Qwen-2 72B ${cache('Qwen/Qwen2-72B') / 1e3} KB`,
    why: 'the same: layers x (512 + 64) x 2 bytes against layers x 2 x heads of keys x width x 2',
  };
}

function latentIntensity(): Anchor {
  const work = latentAttentionWork({
    batch: 1,
    heads: 128,
    length: 1,
    before: 65535,
    kvRank: 512,
    ropeDim: 64,
    bytes: 2,
    kvBytes: 2,
  });
  return {
    system: 'FlashMLA (DeepSeek, 2025): decoding with latent attention is compute bound on H800 and H100',
    headline: 'about 2 x 128 heads = 256 operations a byte or a little less',
    ours: `${short(work.flops / work.bytes)} operations a byte; ridge of an H100 ${short(989e12 / 3.35e12)}`,
    why: 'near the ridge from below: whether it is bound by arithmetic depends on what of the peak a kernel reaches',
  };
}

function flashAttention(): Anchor {
  const sizes = {
    batch: 64,
    heads: 16,
    kvHeads: 16,
    length: 1024,
    before: 0,
    headDim: 64,
    bidirectional: true,
    bytes: 2,
    kvBytes: 2,
  };
  const [fused, unfused] = [attentionWork(sizes), unfusedAttentionWork(sizes)];
  return {
    system: 'FlashAttention (Dao et al., NeurIPS 2022, figure 2): memory traffic of GPT-2 medium, 1024 tokens, batch 64',
    headline: '40.3 GB unfused, 4.4 GB fused, 9 times less, forward and backward',
    ours: `forward: ${short(unfused.bytes / 1e9)} GB unfused, ${short(fused.bytes / 1e9)} GB fused, ${short(unfused.bytes / fused.bytes, 2)} times less`,
    why: 'forward only, without dropout; fused counts every tensor once, though blocks of rows read keys and values again',
  };
}

/** MobileNetV2 at 224 x 224 (Sandler et al., CVPR 2018, table 2), in int8. */
function mobileNetV2(): OpGraph {
  const g = new GraphBuilder('int8');
  const conv = (x: string, channels: number, kernel: number, stride: number, groups = 1) =>
    g.add('batch_norm', [g.conv(x, channels, kernel, stride, groups)]);
  const block = (x: string, expand: number, channels: number, stride: number): string => {
    const inputs = g.shapeOf(x)[1],
      wide = expand * inputs;
    const expanded = expand > 1 ? g.add('relu6', [conv(x, wide, 1, 1)]) : x;
    const out = conv(g.add('relu6', [conv(expanded, wide, 3, stride, wide)]), channels, 1, 1);
    return stride === 1 && inputs === channels ? g.add('add', [out, x]) : out;
  };
  let x = g.add('relu6', [conv(g.input([1, 3, 224, 224]), 32, 3, 2)]);
  for (const [expand, channels, times, stride] of [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ])
    for (let i = 0; i < times; i++) x = block(x, expand, channels, i ? 1 : stride);
  const pooled = g.add('global_avg_pool', [g.add('relu6', [conv(x, 1280, 1, 1)])]);
  return g.build([g.add('linear', [g.add('reshape', [pooled], { shape: [1, 1280] })], { outFeatures: 1000, bias: 1 })]);
}

function mcunet(): Anchor {
  const graph = mobileNetV2(),
    plans = [2, 3, 4].map((patches) => patchInference(graph, patches));
  const told = plans.map(
    ({ patches, peak, overhead, whole }) =>
      `${patches} x ${patches} parts ${short(peak / 1024)} KiB, ${short(whole / peak, 2)} times less, ${short(100 * overhead, 2)} % more computation`,
  );
  return {
    system: 'MCUNetV2 (Lin et al., NeurIPS 2021): patches cut the peak memory',
    headline: '4 to 8 times; MobileNetV2 at 224 x 224 8 times at 10 % more computation, 4 x 4 patches',
    ours: `MobileNetV2 in int8, \`hwcast roofline mobilenet_v2.onnx --device STM32H743-Cortex-M7 --dtype int8 --patches 4\`: ${short(plans[0].whole / 1024)} KiB; ${told.join('; ')}`,
    why: 'parts end where the peak is least; the whole output of the patched layers counts as memory, the picture by parts',
  };
}

function kinetics(): Anchor {
  const qwen = { params: 32.8e9, layers: [{ count: 64, macs: 2 * 64 * 128, values: 2 * 8 * 128 }], prompt: 1024, cacheBytes: 2 };
  const share = (made: number) => {
    const { total, attention } = equivalentFlops({ ...qwen, made });
    return `${Math.round((100 * attention) / total)} %`;
  };
  return {
    system: 'Kinetics (Sadhukhan et al., arXiv 2506.05333): attention, not parameters, dominates long generation',
    headline: `equivalent FLOPs at ${KINETICS_INTENSITY} operations a byte; attention costs many times what parameters do once generations are long (recalled)`,
    ours: `Qwen3-32B after 1024 tokens: attention is ${share(1024)} of making 1024 tokens, ${share(8192)} of 8192, ${share(32768)} of 32768`,
    why: 'the same formula; smaller models have more cache for a parameter; `hwcast llm --detail` tells them at the operations a byte of the device',
  };
}

function duplex(): Anchor {
  const sizes = { experts: 8, perToken: 2, hidden: 4096, width: 14336, gated: true, weightBytes: 2, bytes: 2 };
  const at = (tokens: number) => {
    const work = expertWork({ tokens, ...sizes });
    return short(work.flops / work.bytes, 2);
  };
  return {
    system: 'Duplex (Yun et al., MICRO 2024): experts have few operations a byte',
    headline: 'operations a byte of Mixtral’s experts grow with the batch and stay in the tens at batches that serve',
    ours: `Mixtral: ${at(1)} at batch 1, ${at(32)} at 32, ${at(128)} at 128; a token meets 2 of 8 experts, 8 tokens ${short(distinctExperts(8, 8, 2))}`,
    why: 'the same rule: T k / E rows for each expert that is met',
  };
}

const QWEN_05B: Json = { model_type: 'qwen2', hidden_size: 896, num_hidden_layers: 24, num_attention_heads: 14, num_key_value_heads: 2, intermediate_size: 4864, vocab_size: 151936, tie_word_embeddings: true, use_sliding_window: false, torch_dtype: 'float16' }; // biome-ignore format: one model
const MAMBA2_780M: Json = { model_type: 'mamba2', hidden_size: 1536, num_hidden_layers: 48, expand: 2, head_dim: 64, num_heads: 48, state_size: 128, n_groups: 1, conv_kernel: 4, chunk_size: 256, vocab_size: 50288, tie_word_embeddings: true, torch_dtype: 'float16' }; // biome-ignore format: one model

function longContext(): Anchor[] {
  const [dense, recurrent] = [readConfig(QWEN_05B, 'Qwen2.5-0.5B'), readConfig(MAMBA2_780M, 'mamba2-780m')];
  const time = (a: typeof dense, isl: number) => prefill(a, setup(a, 'RTX-4090', { isl, osl: 1, batch: 1 })).time;
  const ratio = (isl: number) => time(dense, isl) / time(recurrent, isl);
  let crossover = 1024;
  while (ratio(crossover) < 1 && crossover < 2 ** 20) crossover += 1024;
  /** tokens at which weights, cache and the output of every token, 16 bits each, fill 24 GiB */
  const longest = (a: typeof dense) => {
    const { formats } = setup(a, 'RTX-4090', { isl: 1, osl: 1, batch: 1 });
    return (24 * 2 ** 30 - weightBytes(a, formats)) / (2 * cacheValues(a, 1).perToken + 2 * a.vocabulary);
  };
  return [
    {
      system: 'Long contexts of SSMs (arXiv 2507.12442), RTX 4090: Mamba-2 780M against Qwen2.5 0.5B, prompts',
      headline: 'transformers up to 1.9 times faster below 8k tokens, Mamba-2 up to 4 times faster at about 57k (abstract)',
      ours: `equal at ${Math.round(crossover / 1024)}k; Qwen / Mamba-2 ${short(ratio(4096), 2)} at 4k, ${short(ratio(57 * 1024), 2)} at 57k, ${short(ratio(220 * 1024), 2)} at 220k`,
      why: 'both are fused here and nothing but kernels is counted; the constants of scans were fitted to data-centre GPUs and are the least sure (llm.md)',
    },
    {
      system: 'the same: longest prompt in 24 GB',
      headline: '220k tokens, about 4 times what transformers reach',
      ours: `Mamba-2 ${Math.round(longest(recurrent) / 1e3)}k, Qwen2.5 ${Math.round(longest(dense) / 1e3)}k, ${short(longest(recurrent) / longest(dense), 2)} times, where the output of every token is kept at 16 bits`,
      why: 'their runs keep the output of every token, which fills the memory before the cache does; `hwcast llm` counts the output of the last token only, as servers do',
    },
  ];
}

function longContextPeak(): Anchor {
  const model = knownLlm('01-ai/Yi-34B-200K'),
    of = (tokens: number) => {
      const asked = { ...setup(model, 'A100-SXM4-80GB', { isl: tokens, osl: 1, batch: 1 }), reserve: 0 };
      const bytes = cacheBytes(model, asked, 1, tokens),
        free = 80 * 2 ** 30 - weightBytes(model, asked.formats);
      return {
        requests: Math.floor(free / bytes),
        cache: short(bytes / 2 ** 30),
        seconds: short(contextSwitch(bytes, { bandwidth: 20e9 })),
        prompt: short(prefill(model, asked).time),
      };
    };
  const [brief, long] = [4096, 50_000].map(of);
  return {
    system: 'Long contexts, peak analysis (Fu, arXiv 2405.08944): Yi-34B on an A100 of 80 GB, 50k tokens against 4k',
    headline:
      'concurrency about 20 at 4k and 1 at 50k; the cache of 50k takes 11 GB, switching it over PCIe at 20 GB/s about 1.1 s; prompt of 50k about 14 s at the peak rate (recalled)',
    ours: `4k: ${brief.requests} requests of ${brief.cache} GiB; 50k: ${long.requests} of ${long.cache} GiB, switched in ${long.seconds} s, prompt ${long.prompt} s`,
    why: 'the same formulas; weights of 34.4 G parameters in 16 bits leave 16 GiB, theirs a little more; prompts here reach what measured kernels reach of the peak, theirs all of it',
  };
}

const scaleSim = (): Anchor => ({
  system: 'SCALE-Sim (Samajdar et al., ISPASS 2020): outputs in place, 32 x 32, C[128, 128] over k = 256',
  headline: 'ceil(128/32)^2 (2 x 32 + 32 + 256 - 2) = 5600 cycles',
  ours: `${outputStationaryCycles({ m: 128, n: 128, k: 256 }, { rows: 32, columns: 32 })} cycles`,
  why: 'the same formula; stalls of its memories are not counted',
});

function fuseMax(): Anchor {
  const sizes = (keys: number) => ({ queries: keys, keys, width: 64, block: 256 });
  const live = CASCADES.map((cascade) => {
    const [brief, long] = [2 ** 10, 2 ** 20].map((keys) => attentionCascade(cascade, sizes(keys)));
    return `${brief.passes} ${brief.passes > 1 ? 'passes' : 'pass'} ${brief.livePerQuery} and ${long.livePerQuery}`;
  });
  // 16 MiB of 16 bits
  const [three, , one] = CASCADES.map((cascade) => cascadeTraffic(cascade, sizes(2 ** 16), 2 ** 23)!);
  return {
    system:
      'FuseMax (Nayak et al., MICRO 2024, arXiv 2406.10491): passes of attention over its keys, and what has to live on the chip',
    headline:
      'a buffer that does not grow with the length, and no bottleneck of memory traffic, where earlier accelerators need memory on the chip that grows with it (abstract); unfused 3 passes, FlashAttention-2 and FuseMax 1 (recalled)',
    ours: `elements for a query of width 64 at 1k and 1M keys: ${live.join(', ')}; 64k tokens over 16 MiB: ${short(three.elements / 1e6)} M elements moved in three passes, ${short(one.elements / 1e6)} M in one`,
    why: 'passes and footprints follow from what each Einsum reads; cycles of its array (speedups of 6.7 times over FLAT) are not computed',
  };
}

function nasaic(): Anchor {
  const chip = { rows: 32, columns: 32, clock: 700e6, buffer: 256 * 1024, bandwidth: 34e9 },
    graph = workloadGraph(parseWorkload('nasbench201:#4711'), {});
  const costs = DATAFLOWS.map((dataflow) => {
    const { cycles, energy, use } = systolicNetwork(graph, dataflow, chip, 'int8');
    return `${dataflow}s in place ${short(cycles)} cycles, ${short(1e3 * (energy.arithmetic + energy.buffers + energy.memory))} mJ, ${short(100 * use, 2)} % of the multipliers`;
  });
  const { array, buffers } = systolicArea(chip);
  return {
    system: 'NASAIC (Yang et al., DAC 2020, arXiv 2002.04116): latency, energy and area of networks on ASICs, by MAESTRO',
    headline:
      '17.77 %, 2.49 and 2.32 times less latency, energy and area than the network and the ASIC searched one after the other (abstract)',
    ours: `nasbench201:#4711 on 32 x 32 elements at 700 MHz, int8: ${costs.join('; ')}; ${short(1e6 * array)} mm2 of elements and ${short(1e6 * buffers, 2)} of buffers`,
    why: 'three costs as there, without its search; area by MAESTRO’s multipliers, registers and cells, without a network on the chip, energy by Horowitz’s table of 45 nm',
  };
}

/** The page. */
export function anchorsPage(): string {
  const anchors = [
    llmViewer(),
    deepseekCache(),
    latentIntensity(),
    flashAttention(),
    ...longContext(),
    kinetics(),
    duplex(),
    mcunet(),
    longContextPeak(),
    polca(),
    distZo2(),
    attentionIo(),
    biBench(),
    matMulFree(),
    unevenExperts(),
    cmsisNn(),
    scaleSim(),
    nasaic(),
    fuseMax(),
  ];
  const table = markdownTable(
    ['system', 'says', 'hwcast says', 'why they agree or differ'],
    anchors.map((a) => [a.system, a.headline, a.ours, a.why]),
  );
  return `# Anchors

Headline figures of systems that estimate costs, and what the rules of hwcast say. Written by \`npx tsx scripts/anchors.ts\`; a test holds the page equal to what it writes. The figures of others are from their papers as generally known and were not read again for this page; none of them was run here. Errors against measurements: [llm.md](llm.md#how-far-off).

${table}
`;
}
