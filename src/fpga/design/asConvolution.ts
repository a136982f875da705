import type { HlsLayer } from './hlsDesign.js';

/** A dense layer over several positions as the convolution that hls4ml makes of it, with a kernel of one position; other layers as they are. */
export function asConvolution(layer: HlsLayer): HlsLayer {
  const axes = layer.inShape.length - 1;
  if (layer.kind !== 'dense' || axes < 1) return layer;
  const ones = Array.from({ length: axes }, () => 1);
  return { ...layer, kind: axes === 1 ? 'conv1d' : 'conv2d', kernel: ones, stride: ones, padding: 'valid' };
}
