import { indexKeyBytes } from '../analytical/rules/sparseIndex.js';
import type { Layer, LlmArchitecture, Mixer } from './architecture/llmArchitecture.js';

/** What a request keeps between passes, in values of the cache's type. */
export interface CacheValues {
  /** that one more token adds, below every window */
  perToken: number;
  /** that one more token adds beyond every window */
  perTokenBeyondWindows: number;
  /** of a request of `context` tokens: keys, values, compressed rows */
  ofContext: number;
  /** of `ofContext`: of tokens of the shared prefix, one copy for all requests */
  shared: number;
  /** that do not depend on the context: states of recurrences and convolutions, keys and values of an encoder */
  fixed: number;
}

/**
 * Values that one token adds to the cache of a layer. Heads: keys and values of each of the `kvHeads` (not of the query heads). Latent attention: the
 * compressed row and the part with position, once, whatever the number of heads (DeepSeek-V2, arXiv 2405.04434, eq. 9 and table 1); keys of an indexer
 * keep their own type, and count as so many values of the cache's.
 * @param valueBytes bytes of a value of the cache
 */
export function tokenValues(mixer: Mixer, valueBytes = 2): number {
  if (mixer.kind === 'latent')
    return mixer.kvRank + mixer.ropeDim + (mixer.indexer ? indexKeyBytes(mixer.indexer.headDim) / valueBytes : 0);
  if (mixer.kind !== 'attention' || mixer.cross || mixer.sharedCache) return 0;
  return mixer.kvHeads * (mixer.headDim + (mixer.valueDim ?? mixer.headDim));
}

/** Values that a mixer keeps whatever the context. `promptLength`: tokens that an encoder read. */
export function fixedValues(mixer: Mixer, { hidden, promptLength }: { hidden: number; promptLength: number }): number {
  switch (mixer.kind) {
    case 'attention': {
      const { cross, kvHeads, headDim, valueDim = headDim } = mixer;
      return cross ? (cross.length ?? promptLength) * kvHeads * (headDim + valueDim) : 0;
    }
    case 'latent':
      return 0;
    case 'mamba':
      return mixer.inner * (mixer.state + mixer.taps - 1);
    case 'mamba2':
      return mixer.heads * mixer.headDim * mixer.state + (mixer.inner + 2 * mixer.groups * mixer.state) * (mixer.taps - 1);
    case 'gated-delta': {
      const { keyHeads, valueHeads, keyDim, valueDim, taps } = mixer;
      return valueHeads * keyDim * valueDim + (2 * keyHeads * keyDim + valueHeads * valueDim) * (taps - 1);
    }
    case 'linear-attention':
      return mixer.heads * mixer.headDim ** 2;
    case 'time-mix':
      // and the last token, before the mixer and before the feed-forward
      return mixer.heads * mixer.headDim ** 2 + 2 * mixer.heads * mixer.headDim;
    case 'short-convolution':
      return hidden * (mixer.taps - 1);
    case 'linear-recurrence':
      return mixer.width * mixer.taps;
  }
}

/** Tokens that a mixer keeps of a context. */
export const keptTokens = (mixer: Mixer, context: number): number =>
  mixer.kind === 'attention' && mixer.window !== undefined ? Math.min(context, mixer.window) : context;

/**
 * What a request of `context` tokens keeps. Tensor parallelism divides heads of keys and values, not below one a device; compressed rows stand on every
 * device (they belong to all heads). `prefix`: tokens that all requests share.
 */
export function cacheValues(
  { layers, hidden, encoderOnly }: Pick<LlmArchitecture, 'layers' | 'hidden' | 'encoderOnly'>,
  context: number,
  {
    tp = 1,
    promptLength = context,
    prefix = 0,
    valueBytes,
  }: { tp?: number; promptLength?: number; prefix?: number; valueBytes?: number } = {},
): CacheValues {
  const sums: CacheValues = { perToken: 0, perTokenBeyondWindows: 0, ofContext: 0, shared: 0, fixed: 0 };
  if (encoderOnly) return sums;
  const counts = new Map<Layer, number>();
  for (const layer of layers) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  for (const [{ mixers }, count] of counts)
    for (const mixer of mixers) {
      const part = count * shareOf(mixer, tp),
        values = part * tokenValues(mixer, valueBytes);
      sums.perToken += values;
      if (!(mixer.kind === 'attention' && mixer.window !== undefined)) sums.perTokenBeyondWindows += values;
      const kept = keptTokens(mixer, context);
      sums.ofContext += values * kept;
      // of what a window keeps, the own tokens are the last
      sums.shared += values * (kept - Math.min(kept, Math.max(0, context - prefix)));
      sums.fixed += part * fixedValues(mixer, { hidden, promptLength });
    }
  return sums;
}

/** Part of a mixer's cache that the fullest of `tp` devices holds. */
function shareOf(mixer: Mixer, tp: number): number {
  if (mixer.kind === 'latent') return 1;
  if (mixer.kind === 'attention') return Math.ceil(mixer.kvHeads / tp) / mixer.kvHeads;
  return 1 / tp;
}
