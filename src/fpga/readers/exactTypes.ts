import type { HlsLayer, Precision } from '../design/hlsDesign.js';

/** Bits behind the binary point; NaN where unknown. */
const fractionBits = (p: Precision): number => (p.intBits === null ? Number.NaN : p.bits - p.intBits);

/**
 * Marks the dense layers and convolutions each of whose weights has a width of its own (HGQ).
 *
 * HGQ gives bias and sum the type that products need exactly: as many bits behind the point as input and widest weight together
 * (`get_config_wight_accum_result_bias` of its proxy model). Elsewhere the bias has the type of the weights, or both the default. Where the type of an input is
 * not known, the types of the sums must differ from layer to layer, so that they are no default.
 */
export function markOwnWidths(
  layers: readonly HlsLayer[],
  inputs: ReadonlyMap<HlsLayer, Precision | undefined>,
  assumptions: string[],
): void {
  const weighted = layers.filter((l) => /^(dense|conv)/.test(l.kind));
  const sums = new Set(weighted.map(({ accum }) => `${accum?.bits} ${accum?.intBits}`));
  for (const layer of weighted) {
    const { weight, bias, accum } = layer,
      input = inputs.get(layer);
    if (!weight || !bias || !accum || bias.bits !== accum.bits || bias.intBits !== accum.intBits) continue;
    const exact = input
      ? fractionBits(accum) === fractionBits(weight) + fractionBits(input)
      : sums.size > 1 && fractionBits(accum) >= fractionBits(weight);
    if (!exact || accum.bits <= weight.bits) continue;
    layer.ownWidths = true;
    assumptions.push(
      `layer '${layer.name}': bias and sum have the exact type of the products, so each weight is taken to have a width of its own (HGQ)`,
    );
  }
}

/**
 * Types between layers of HGQ that a header does not name. The sum has the integer bits of its result; the bits that the next sum has behind the point beyond
 * those of its weights are those of its input. A rectifier between them loses the sign.
 */
export function inferExactResults(layers: readonly HlsLayer[], assumptions: string[]): void {
  for (const [i, next] of layers.entries()) {
    const rectifier = layers[i - 1]?.activation === 'relu' ? layers[i - 1] : undefined,
      before = rectifier ? layers[i - 2] : layers[i - 1];
    const intBits = before?.accum?.intBits;
    if (!next.ownWidths || !before?.ownWidths || intBits == null) continue;
    const fraction = fractionBits(next.accum!) - fractionBits(next.weight!);
    const put = (layer: HlsLayer, type: Precision): void => {
      if (layer.result || type.bits < 1) return;
      layer.result = type;
      assumptions.push(`layer '${layer.name}': result of ${type.bits} bits, by the sums before and behind it`);
    };
    put(before, { bits: intBits + fraction, intBits, signed: true });
    if (rectifier) put(rectifier, { bits: intBits - 1 + fraction, intBits: intBits - 1, signed: false });
  }
}
