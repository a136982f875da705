import { type HlsDesign, parseHlsDesign, type Strategy } from '../design/hlsDesign.js';

/**
 * One dense layer: inputs and weights are fractions (one integer bit, the sign), the result has 1 + ceil(log2(n_in) / 2) integer bits, which keeps the size of
 * numbers.
 */
export function denseDesign(layer: {
  nIn: number;
  nOut: number;
  /** of weights and biases */
  weightBits: number;
  /** of input and result */
  dataBits: number;
  reuseFactor: number;
  strategy: Strategy;
}): HlsDesign {
  const { nIn, nOut, weightBits, dataBits, reuseFactor, strategy } = layer;
  const fixed = (bits: number, intBits: number) => ({ bits, intBits, signed: true });
  return parseHlsDesign({
    id: `dense-${nIn}x${nOut}-d${dataBits}w${weightBits}-rf${reuseFactor}-${strategy === 'latency' ? 'lat' : 'res'}`,
    layers: [
      {
        name: 'dense',
        kind: 'dense',
        inputs: [],
        inShape: [nIn],
        outShape: [nOut],
        weight: fixed(weightBits, 1),
        result: fixed(dataBits, 1 + Math.ceil(Math.log2(nIn) / 2)),
      },
    ],
    precision: fixed(dataBits, 1),
    reuseFactor,
    strategy,
    ioType: 'io_parallel',
    assumptions: [],
  });
}
