import { type ExpertSizes, expertLoad, expertWork } from '../analytical/rules/experts.js';
import type { FeedForward, Layer, LlmArchitecture } from './architecture/llmArchitecture.js';
import { bytesOf } from './architecture/weightFormat.js';
import { EXPERT_COMPUTE, expertFamily } from './expertKernels.js';
import { feedForwardWeights, furtherMatrix, type Matrix } from './layerMatrices.js';
import type { LlmSetup, Parallelism } from './llmSetup.js';
import { mix } from './mixerOperators.js';
import { type Context, fused, kernel, type Pass, type PassOperator, product, tokensOf } from './operatorForms.js';
import { denseFormat, outerFormat } from './weights.js';

function feed(feedForward: FeedForward, c: Context): PassOperator[] {
  const rows = tokensOf(c.pass),
    { formats, tp, ep, imbalance = 0 } = c;
  const { matrices } = feedForwardWeights(feedForward, c.hidden);
  const activation = (name: string, width: number, gated: boolean) =>
    fused(
      name,
      gated
        ? [
            ['silu', 1],
            ['mul', 2],
          ]
        : [['gelu', 1]],
      rows,
      width,
      c,
    );
  if (feedForward.kind === 'dense')
    return [
      product(matrices[0], rows, c, denseFormat(formats)),
      activation('activation', feedForward.width / tp, feedForward.gated),
      product(matrices[1], rows, c, denseFormat(formats)),
    ];
  const { experts, perToken, width, gated, sharedWidth, latentDim = c.hidden } = feedForward;
  const isDivided = ep > 1;
  const sizes: ExpertSizes = {
    tokens: rows,
    experts,
    perToken,
    hidden: latentDim,
    width: isDivided ? width : width / tp,
    gated,
    weightBytes: bytesOf(formats.weights),
    bytes: bytesOf(formats.wide),
  };
  const load = expertLoad(sizes, ep, imbalance),
    family = expertFamily(formats.weights, c.framework, c.device);
  const router = product(matrices[0], rows, c, formats.wide);
  const shared = sharedWidth
    ? [
        product(matrices[1], rows, c, denseFormat(formats)),
        activation('shared_activation', sharedWidth / tp, gated),
        product(matrices[2], rows, c, denseFormat(formats)),
      ]
    : [];
  const latent = matrices.filter((m) => /^latent_/.test(m.name)).map((m) => product(m, rows, c, denseFormat(formats)));
  const exchange = isDivided
    ? [
        kernel(
          'experts_exchange',
          'all-to-all',
          { flops: 0, bytes: rows * perToken * latentDim * bytesOf(formats.wide) * load.share },
          { count: 2 },
        ),
      ]
    : [];
  return [
    router,
    ...shared,
    ...latent,
    ...exchange,
    kernel('experts', family, expertWork(sizes, load), { narrow: true, compute: EXPERT_COMPUTE[family] }),
  ];
}

function layerOperators({ mixers, feedForward, norms, products = [] }: Layer, c: Context): PassOperator[] {
  const rows = tokensOf(c.pass);
  const message = rows * c.hidden * bytesOf(c.formats.wide);
  const reductions = c.tp > 1 ? mixers.length + (feedForward && c.ep === 1 ? 1 : 0) : 0;
  const norm = fused(
    'add_norm',
    [
      ['add', 2],
      [c.normName, 1],
    ],
    ownRows(rows, c),
    c.hidden,
    c,
  );
  return [
    { ...norm, count: norms },
    ...mixers.flatMap((mixer) => mix(mixer, c)),
    ...(feedForward ? feed(feedForward, c) : []),
    ...products.map((m) => product(furtherMatrix(m), rows, c, denseFormat(c.formats))),
    ...(reductions ? messages(message, reductions, c) : []),
  ];
}

/** Tokens whose norms and residual a device computes. */
const ownRows = (rows: number, { sp, tp }: Context): number => (sp ? Math.ceil(rows / tp) : rows);

/** Sums of what the devices of tensor parallelism make: all-reduces, or reduce-scatters and, before the next matrix, all-gathers. */
function messages(bytes: number, count: number, { sp }: Context): PassOperator[] {
  const work = { flops: 0, bytes };
  if (!sp) return [kernel('all_reduce', 'all-reduce', work, { count })];
  return [kernel('reduce_scatter', 'reduce-scatter', work, { count }), kernel('all_gather', 'all-gather', work, { count })];
}

/** Equal layers with their number. */
export function countedLayers(layers: readonly Layer[]): Map<Layer, number> {
  const counts = new Map<Layer, number>();
  for (const layer of layers) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  return counts;
}

/** The operators of a pass through all layers, embedding and output, on one of the devices; equal ones are one entry with their count. */
export function passOperators(
  architecture: Pick<LlmArchitecture, 'layers' | 'hidden' | 'vocabulary' | 'norm'>,
  pass: Pass,
  setup: Parallelism & Pick<LlmSetup, 'formats' | 'kv' | 'framework' | 'device'>,
): PassOperator[] {
  const { hidden, vocabulary, norm, layers } = architecture;
  const c: Context = { ...setup, pass, hidden, normName: norm === 'rms' ? 'rms_norm' : 'layer_norm' };
  const rows = tokensOf(pass);
  const all: PassOperator[] = [];
  if (vocabulary) all.push(kernel('embedding', 'rowwise', { flops: 0, bytes: 2 * rows * hidden * bytesOf(c.formats.wide) }));
  for (const [layer, count] of countedLayers(layers))
    for (const o of layerOperators(layer, c)) all.push({ ...o, count: o.count * count });
  all.push(fused('final_norm', [[c.normName, 1]], pass.outputs, hidden, c));
  if (vocabulary) {
    const output: Matrix = { name: 'output', inputs: hidden, outputs: vocabulary, bias: false, split: 'outputs' };
    all.push(product(output, pass.outputs, c, outerFormat(c.formats)));
    if (setup.tp > 1)
      all.push(
        kernel('output_gather', 'all-reduce', {
          flops: 0,
          bytes: (pass.outputs * vocabulary * bytesOf(c.formats.wide)) / setup.tp,
        }),
      );
  }
  if (setup.pp > 1)
    all.push(
      kernel(
        'stage_to_stage',
        'point-to-point',
        { flops: 0, bytes: rows * hidden * bytesOf(c.formats.wide) },
        { count: setup.pp - 1 },
      ),
    );
  return merged(all);
}

/** Operators that are alike, as one with the sum of their counts, in the order in which they come first. */
function merged(operators: readonly PassOperator[]): PassOperator[] {
  const known = new Map<string, PassOperator>();
  for (const o of operators) {
    const key = `${o.name} ${o.family} ${o.work.flops} ${o.work.bytes}`;
    const same = known.get(key);
    if (same) same.count += o.count;
    else known.set(key, { ...o });
  }
  return [...known.values()];
}
