import { type AttentionSizes, attentionWork } from '../analytical/rules/attentionWork.js';
import type { KernelWork } from '../analytical/rules/kernelTime.js';
import { latentAttentionWork } from '../analytical/rules/latentAttention.js';
import {
  DELTA_CHUNK,
  gatedDeltaWork,
  LINEAR_CHUNK,
  linearRecurrenceWork,
  selectiveScanWork,
  stateSpaceDualWork,
} from '../analytical/rules/recurrences.js';
import { indexChoiceWork, indexScoresWork } from '../analytical/rules/sparseIndex.js';
import type { HeadAttention, LatentAttention, Mixer } from './architecture/llmArchitecture.js';
import { bytesOf } from './architecture/weightFormat.js';
import { mixerWeights } from './layerMatrices.js';
import { type Context, fused, kernel, type PassOperator, product, tokensOf } from './operatorForms.js';
import { denseFormat } from './weights.js';

function recurrence(mixer: Exclude<Mixer, { kind: 'attention' | 'latent' }>, c: Context): PassOperator[] {
  const { batch, length } = c.pass,
    t = { batch, length, bytes: bytesOf(c.formats.wide), stateBytes: bytesOf(c.formats.wide) },
    rows = tokensOf(c.pass);
  const scan = (name: string, work: KernelWork, chunk?: number) =>
    kernel(name, length === 1 ? 'decodeScan' : 'scan', work, chunk ? { scan: { length, chunk } } : {});
  switch (mixer.kind) {
    case 'mamba': {
      const inner = mixer.inner / c.tp;
      return [
        convolved(inner, mixer.taps, rows, c),
        scan('selective_scan', selectiveScanWork({ ...t, inner, state: mixer.state })),
      ];
    }
    case 'mamba2': {
      const { headDim, state, groups, chunk, taps } = mixer,
        heads = mixer.heads / c.tp;
      return [
        convolved(mixer.inner / c.tp + 2 * groups * state, taps, rows, c),
        scan('ssd_scan', stateSpaceDualWork({ ...t, heads, headDim, state, groups, chunk }), chunk),
        gatedNorm(mixer.inner / c.tp, rows, c),
      ];
    }
    case 'gated-delta': {
      const keyHeads = mixer.keyHeads / c.tp,
        valueHeads = mixer.valueHeads / c.tp;
      return [
        convolved(2 * keyHeads * mixer.keyDim + valueHeads * mixer.valueDim, mixer.taps, rows, c),
        scan(
          'gated_delta',
          gatedDeltaWork({ ...t, keyHeads, valueHeads, keyDim: mixer.keyDim, valueDim: mixer.valueDim }),
          DELTA_CHUNK,
        ),
        gatedNorm(valueHeads * mixer.valueDim, rows, c),
      ];
    }
    case 'linear-attention': {
      const { headDim } = mixer,
        heads = mixer.heads / c.tp;
      return [
        scan(
          'linear_attention',
          stateSpaceDualWork({ ...t, heads, headDim, state: headDim, groups: heads, chunk: LINEAR_CHUNK }),
          LINEAR_CHUNK,
        ),
        gatedNorm(heads * headDim, rows, c),
      ];
    }
    case 'time-mix': {
      const { headDim } = mixer,
        heads = mixer.heads / c.tp;
      return [
        kernel('token_shift', 'rowwise', { flops: 12 * rows * c.hidden, bytes: 8 * rows * c.hidden * bytesOf(c.formats.wide) }),
        scan(
          'time_mix',
          gatedDeltaWork({ ...t, keyHeads: heads, valueHeads: heads, keyDim: headDim, valueDim: headDim }),
          DELTA_CHUNK,
        ),
        gatedNorm(heads * headDim, rows, c),
      ];
    }
    case 'short-convolution': {
      const width = c.hidden / c.tp;
      return [kernel('gate', 'rowwise', gateWork(rows, width, c)), convolved(width, mixer.taps, rows, c)];
    }
    case 'linear-recurrence': {
      const width = mixer.width / c.tp;
      return [convolved(width, mixer.taps, rows, c), scan('rg_lru', linearRecurrenceWork({ ...t, width, blocks: mixer.blocks }))];
    }
  }
}

/** Two products of gates with what they gate. */
const gateWork = (rows: number, width: number, c: Context): KernelWork => ({
  flops: 2 * rows * width,
  bytes: 4 * rows * width * bytesOf(c.formats.wide),
});

/** Causal convolution by channel: 2 K operations an element, in and out. */
const convolved = (channels: number, taps: number, rows: number, c: Context): PassOperator =>
  kernel('causal_conv', 'rowwise', { flops: 2 * taps * rows * channels, bytes: 2 * rows * channels * bytesOf(c.formats.wide) });

const gatedNorm = (width: number, rows: number, c: Context): PassOperator =>
  fused(
    'gated_norm',
    [
      ['silu', 1],
      ['mul', 2],
      ['rms_norm', 1],
    ],
    rows,
    width,
    c,
  );

/**
 * Whether latent attention runs on compressed rows: for single tokens, and sparsely where an indexer leaves tokens out (FlashMLA); else on heads of keys
 * and values of its own.
 */
const isAbsorbed = (mixer: Mixer, { length, before }: Context['pass']): boolean =>
  length === 1 || (mixer.kind === 'latent' && mixer.topK !== undefined && before + length > mixer.topK);

/** Scores of all tokens by the indexer, and the best of them: norm, rotation and quantisation of queries and keys first. */
function index({ indexer, topK }: LatentAttention, c: Context): PassOperator[] {
  if (!indexer || topK === undefined) return [];
  const { batch, length, before } = c.pass,
    { heads, headDim } = indexer,
    rows = tokensOf(c.pass),
    sizes = { batch, length, before, heads, headDim, topK };
  const family = length === 1 ? 'decodeAttention' : 'attention',
    compute = c.device.peak.fp8 === undefined ? {} : { compute: 'fp8' as const };
  return [
    fused('index_keys', [['layer_norm', 1], ['rotary_embedding', 1]], rows, headDim, c), // biome-ignore format: a chain
    fused('index_queries', [['rotary_embedding', 1], ['mul', 1]], rows, heads * headDim, c), // biome-ignore format: a chain
    kernel('index_scores', family, indexScoresWork(sizes), compute),
    kernel('index_choice', 'rowwise', indexChoiceWork(sizes)),
  ];
}

function attendLatent(mixer: LatentAttention, c: Context): PassOperator[] {
  const { pass, tp } = c,
    { batch, length, before } = pass,
    { nopeDim, ropeDim, valueDim, kvRank, topK } = mixer,
    heads = mixer.heads / tp;
  const widths = { bytes: bytesOf(c.formats.wide), kvBytes: bytesOf(c.kv) };
  const sizes: AttentionSizes = {
    ...{ batch, heads, kvHeads: heads, length, before, headDim: nopeDim + ropeDim, valueDim },
    ...widths,
  };
  const family = length === 1 ? 'decodeAttention' : 'attention',
    first = [fused('rope', [['rotary_embedding', 1]], tokensOf(pass), heads * ropeDim, c), ...index(mixer, c)];
  if (!isAbsorbed(mixer, pass))
    return [...first, kernel('latent_attention', 'attention', attentionWork(sizes), { attention: sizes })];
  const weights = heads * kvRank * (nopeDim + valueDim) * bytesOf(denseFormat(c.formats));
  const rows = tokensOf(pass) * heads;
  return [
    ...first,
    kernel(
      'absorbed_up_proj',
      'gemm',
      {
        flops: 2 * rows * kvRank * (nopeDim + valueDim),
        bytes: weights + rows * (2 * kvRank + nopeDim + valueDim) * widths.bytes,
      },
      { count: 1, narrow: false },
    ),
    kernel('latent_attention', family, latentAttentionWork({ batch, heads, length, before, kvRank, ropeDim, topK, ...widths }), {
      attention: { ...sizes, kvHeads: 1 },
    }),
  ];
}

function attend(mixer: HeadAttention, c: Context): PassOperator[] {
  const { pass, tp } = c,
    { batch, length, before } = pass;
  const widths = { bytes: bytesOf(c.formats.wide), kvBytes: bytesOf(c.kv) };
  const family = length === 1 ? 'decodeAttention' : 'attention';
  const { headDim, valueDim, window, cross } = mixer;
  const heads = mixer.heads / tp,
    kvHeads = Math.ceil(mixer.kvHeads / tp);
  const encoderTokens = cross ? (cross.length ?? pass.encoderTokens ?? 0) : 0;
  const sizes: AttentionSizes = cross
    ? {
        batch,
        heads,
        kvHeads,
        length,
        before: Math.max(0, encoderTokens - length),
        headDim,
        valueDim,
        bidirectional: true,
        ...widths,
      }
    : { batch, heads, kvHeads, length, before, headDim, valueDim, window, bidirectional: pass.bidirectional, ...widths };
  const own = kernel(cross ? 'cross_attention' : window ? 'window_attention' : 'attention', family, attentionWork(sizes), {
    attention: sizes,
  });
  return cross ? [own] : [fused('rope', [['rotary_embedding', 1]], tokensOf(pass), (heads + kvHeads) * headDim, c), own];
}

/** The operators of what mixes tokens, its matrices before and behind. */
export function mix(mixer: Mixer, c: Context): PassOperator[] {
  const rows = tokensOf(c.pass);
  const { matrices } = mixerWeights(mixer, c.hidden);
  const runs = matrices.filter((m) => !(m.absorbed && isAbsorbed(mixer, c.pass)) && !(m.overEncoder && !c.pass.projectsEncoder));
  const products = runs.map((m) =>
    product(m, m.overEncoder ? c.pass.batch * (c.pass.encoderTokens ?? 0) : rows, c, denseFormat(c.formats)),
  );
  const last = products.pop()!;
  return [
    ...products,
    ...(mixer.kind === 'attention' ? attend(mixer, c) : mixer.kind === 'latent' ? attendLatent(mixer, c) : recurrence(mixer, c)),
    last,
  ];
}
