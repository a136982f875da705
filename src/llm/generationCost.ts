import { equivalentFlops } from '../analytical/rules/eflops.js';
import { peakFor } from '../device/peakFor.js';
import type { LlmArchitecture, Mixer } from './architecture/llmArchitecture.js';
import { bytesOf } from './architecture/weightFormat.js';
import { tokenValues } from './kvCache.js';
import type { LlmSetup } from './llmSetup.js';
import { countedLayers } from './passOperators.js';
import { modelParams } from './weights.js';

/** What a request's tokens cost in equivalent FLOPs, and how much of it is attention. */
export interface GenerationCost {
  /** of the tokens made for one request */
  total: number;
  /** part of it that is attention, 0 to 1 */
  attentionShare: number;
  /** operations that the device could do in the time of a byte */
  intensity: number;
}

/** Multiply-accumulates of a token with one it attends to; latent attention works on compressed rows. */
const pairMacs = (mixer: Mixer): number => {
  if (mixer.kind === 'latent') return mixer.heads * (2 * mixer.kvRank + mixer.ropeDim);
  if (mixer.kind !== 'attention' || mixer.cross) return 0;
  return mixer.heads * (mixer.headDim + (mixer.valueDim ?? mixer.headDim));
};

/** Tokens that one attends to at most; an indexer's own work counts as nothing. */
const windowOf = (mixer: Mixer): number | undefined =>
  mixer.kind === 'attention' ? mixer.window : mixer.kind === 'latent' ? mixer.topK : undefined;

/** Kinetics' equivalent FLOPs of one request on the setup's device, at its own operations a byte; null where no tokens are made or a rate is not known. */
export function generationCost(
  architecture: LlmArchitecture,
  { device, formats, kv, isl, osl }: LlmSetup,
): GenerationCost | null {
  if (architecture.encoderOnly || device.bandwidth === undefined) return null;
  const layers = [...countedLayers(architecture.layers)].flatMap(([{ mixers }, count]) =>
    mixers.flatMap((mixer) => {
      const macs = pairMacs(mixer);
      return macs ? [{ count, macs, values: tokenValues(mixer, bytesOf(kv)), window: windowOf(mixer) }] : [];
    }),
  );
  const compute = formats.wide.compute === 'wide' ? formats.wide.name : formats.wide.compute,
    intensity = peakFor(device, compute).rate / device.bandwidth;
  const { active } = modelParams(architecture),
    prompt = architecture.encoder ? 1 : isl;
  const { total, attention } = equivalentFlops({ params: active, layers, prompt, made: osl, cacheBytes: bytesOf(kv) }, intensity);
  return { total, attentionShare: attention / total, intensity };
}
