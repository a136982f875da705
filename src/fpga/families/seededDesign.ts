import { isDeepStrictEqual } from 'node:util';
import type { HlsDesign } from '../design/hlsDesign.js';
import type { FamilyDesign } from './familyModel.js';

/** A design with the seed of the weights in its Verilog. */
export interface SeededDesign extends FamilyDesign {
  seed: number;
}
/** Designs of a family model by id. */
export type KnownDesigns = ReadonlyMap<string, SeededDesign>;

/** What the Verilog of a design is written from, besides the seed. */
const written = ({ id, layers, precision, reuseFactor, strategy }: HlsDesign): unknown =>
  JSON.parse(JSON.stringify({ id, layers, precision, reuseFactor, strategy }));

/** Whether two designs have the same Verilog. */
export const sameVerilog = (a: SeededDesign, b: SeededDesign): boolean =>
  a.seed === b.seed && isDeepStrictEqual(written(a.design), written(b.design));

/**
 * A design as a family model is to see it: the model's own where id, layers and seed agree (without a seed, the model's is taken), else a stranger (seed 0
 * unless given), under a name that no design of the model has.
 */
export function seededDesign(known: KnownDesigns, design: HlsDesign, seed?: number): SeededDesign {
  const own = known.get(design.id);
  if (!own) return { id: design.id, design, seed: seed ?? 0 };
  if (sameVerilog(own, { id: design.id, design, seed: seed ?? own.seed })) return own;
  let id = `${design.id} (other)`;
  while (known.has(id)) id += ' (other)';
  return { id, design, seed: seed ?? 0 };
}
