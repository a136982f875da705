/** A layer of a chain of convolutions on square pictures. */
export interface ChainLayer {
  /** channels and side of its output */
  channels: number;
  size: number;
  kernel: number;
  stride: number;
  depthwise?: boolean;
}

/** Elements of the largest input and output together, layer by layer (Lin et al., MCUNet, NeurIPS 2020). `inputs`: elements of the picture. */
export function chainPeak(inputs: number, layers: readonly ChainLayer[]): number {
  let before = inputs,
    peak = 0;
  for (const { channels, size } of layers) {
    const own = channels * size * size;
    peak = Math.max(peak, before + own);
    before = own;
  }
  return peak;
}

/** What running the first layers patch by patch takes. */
export interface PatchCost {
  /** elements that live at most: of the patches' part and of the rest */
  peak: number;
  /** products over those without patches */
  overhead: number;
}

/**
 * Patch by patch inference (MCUNetV2, Lin et al., NeurIPS 2021): the first `depth` layers run on patches^2 parts of their last output; a part of p places
 * needs s (p - 1) + k places of the input of each layer, so parts overlap and are computed twice. The output of the part is kept whole.
 * @param picture side and channels of the input
 */
export function patchInference(
  picture: { size: number; channels: number },
  layers: readonly ChainLayer[],
  { depth, patches }: { depth: number; patches: number },
): PatchCost {
  const before = (i: number) => (i ? layers[i - 1] : picture);
  const products = (i: number, side: number) => {
    const { channels, kernel, depthwise } = layers[i];
    return side * side * channels * kernel * kernel * (depthwise ? 1 : before(i).channels);
  };
  const whole = layers.reduce((sum, l, i) => sum + products(i, l.size), 0);
  let side = Math.ceil(layers[depth - 1].size / patches);
  let extra = 0,
    peak = 0;
  for (let i = depth - 1; i >= 0; i--) {
    const { channels, kernel, stride, size } = layers[i];
    const out = Math.min(side, size);
    const needed = Math.min(stride * (out - 1) + kernel, before(i).size);
    extra += patches ** 2 * products(i, out) - products(i, size);
    // the picture comes in parts; nothing else of it is kept
    peak = Math.max(peak, channels * out * out + before(i).channels * needed * needed);
    side = needed;
  }
  const last = layers[depth - 1];
  const kept = last.channels * last.size ** 2;
  const later = chainPeak(kept, layers.slice(depth));
  return { peak: Math.max(peak + kept, later), overhead: extra / whole };
}
