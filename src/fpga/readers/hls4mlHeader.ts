import { z } from 'zod';
import type { HlsLayer, Precision } from '../design/hlsDesign.js';
import { closestReuseFactor, validReuseFactors } from '../design/validReuseFactor.js';

const Count = z.int().nonnegative().nullish();
const TypeSchema = z
  .object({ bits: z.int().min(1).max(128), int_bits: z.int().min(-128).max(128).nullish(), signed: z.boolean().nullish() })
  .nullish();

/** One struct of the parameter header hls4ml writes, as `hls4ml_projects.jsonl` and `hls4ml_modules.jsonl` hold it. */
export const HeaderLayerSchema = z.looseObject({
  config: z.string().min(1),
  kind: z.string().min(1),
  n_in: Count,
  n_out: Count,
  n_filt: z.int().nullish(),
  n_chan: Count,
  n_sequence: Count,
  n_sequence_out: Count,
  n_zeros: Count,
  table_size: Count,
  reuse_factor: Count,
  strategy: z.string().nullish(),
  weight: TypeSchema,
  bias: TypeSchema,
  accum: TypeSchema,
});
export type HeaderLayer = z.infer<typeof HeaderLayerSchema>;

/** A type of the header; integer bits absent: not recorded. */
export const precisionOf = (type: z.infer<typeof TypeSchema>): Precision | undefined =>
  type ? { bits: type.bits, intBits: type.int_bits ?? null, signed: type.signed ?? true } : undefined;

export const strategyNamed = (text: string | null | undefined): HlsLayer['strategy'] => {
  const name = text?.toLowerCase().replace(/^nnet::/, '');
  if (name === 'latency' || name === 'resource' || name === 'distributed_arithmetic' || name === 'unrolled') return name;
  return name === 'resource_unrolled' ? 'unrolled' : name === 'da' ? 'distributed_arithmetic' : undefined;
};

/** The reuse factor that was asked of a recurrent layer, whose matrices have the valid one nearest to it each: that of the project (`asked`), where it explains them, or the least that does. */
export function askedReuse(matrices: readonly HeaderLayer[], asked: number | null | undefined): number | undefined {
  const snapped = matrices.flatMap(({ n_in: nIn, n_out: nOut, reuse_factor: reuse, strategy }) =>
    nIn && nOut && reuse && strategyNamed(strategy) === 'resource' ? [{ nIn, nOut, reuse }] : [],
  );
  const explains = (factor: number) => snapped.every(({ nIn, nOut, reuse }) => closestReuseFactor(nIn, nOut, factor) === reuse);
  if (!snapped.length || (asked && explains(asked))) return asked ?? undefined;
  // the nearest valid factor is the same from one on up to the next: the least that explains all is where the last of these begins
  const least = Math.max(
    Math.min(...snapped.map((s) => s.reuse)),
    ...snapped.map(
      ({ nIn, nOut, reuse }) => Math.floor(((validReuseFactors(nIn, nOut).findLast((f) => f < reuse) ?? 0) + reuse) / 2) + 1,
    ),
  );
  return explains(least) ? least : (asked ?? undefined);
}

/**
 * Structs that live inside another layer and must not be counted again: the two matrices, the activation and the recurrent activation of a GRU or LSTM
 * (`config2_1`, `config2_2`, `tanh_config2`, `sigmoid_config2_recr` of `config2`), the matrix product of a convolution (`config2_mult`).
 * Result: name of the inner struct -> name of the layer it belongs to.
 */
export function innerStructs(layers: readonly HeaderLayer[]): Map<string, string> {
  const inner = new Map<string, string>();
  for (const owner of layers) {
    const recurrent = /^(gru|lstm|simple_rnn)$/i.test(owner.kind);
    if (!recurrent && !/conv/i.test(owner.kind)) continue;
    for (const { config } of layers) {
      if (config === owner.config) continue;
      const rest = config.startsWith(`${owner.config}_`) ? config.slice(owner.config.length + 1) : undefined;
      if (rest !== undefined && /^(\d+|mult)$/.test(rest)) inner.set(config, owner.config);
      else if (recurrent && new RegExp(`^[A-Za-z_]+_${owner.config}(_recr)?$`).test(config)) inner.set(config, owner.config);
    }
  }
  return inner;
}
