import fc from 'fast-check';
import { type HlsDesign, type HlsLayer, parseHlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { validReuseFactors } from '../../../src/fpga/design/validReuseFactor.js';

export const fixed = (bits: number, intBits: number | null, signed = true) => ({ bits, intBits, signed });

export const designOf = (layers: Partial<HlsLayer>[], fields: Partial<HlsDesign> = {}): HlsDesign =>
  parseHlsDesign({
    id: 'tiny',
    layers,
    precision: fixed(6, 1),
    reuseFactor: 1,
    strategy: 'resource',
    ioType: 'io_parallel',
    assumptions: [],
    ...fields,
  });

const bits = fc.integer({ min: 2, max: 16 });
const precision = fc.record({ bits, intBits: fc.integer({ min: 0, max: 4 }), signed: fc.constant(true) });
const result = fc.record({ bits, intBits: fc.integer({ min: 0, max: 4 }), signed: fc.boolean() });

const weighted = (nIn: number, nOut: number) =>
  fc.record({
    strategy: fc.constantFrom('resource' as const, 'resource' as const, 'latency' as const),
    reuse: fc.constantFrom(...validReuseFactors(nIn, nOut)),
    weight: precision,
    result,
    useBias: fc.boolean(),
    zeros: fc.constantFrom(undefined, 0, Math.floor((nIn * nOut) / 2)),
  });
type Weighted = typeof weighted extends (...a: never[]) => fc.Arbitrary<infer T> ? T : never;

const matrix = (w: Weighted, fields: Partial<HlsLayer>): Partial<HlsLayer> => ({
  inputs: [],
  strategy: w.strategy,
  reuseFactor: w.strategy === 'latency' ? 1 : w.reuse,
  weight: w.weight,
  result: w.result,
  useBias: w.useBias,
  ...(w.zeros === undefined ? {} : { zeroWeights: w.zeros }),
  ...fields,
});

const size = fc.integer({ min: 1, max: 6 });

/** One dense layer, applied to one vector. */
export const denseDesigns: fc.Arbitrary<HlsDesign> = fc
  .tuple(size, size)
  .chain(([nIn, nOut]) =>
    fc
      .tuple(weighted(nIn, nOut), precision)
      .map(([w, p]) =>
        designOf([matrix(w, { name: 'dense', kind: 'dense', inShape: [nIn], outShape: [nOut] })], { precision: p }),
      ),
  );

/** A convolution of one or two dimensions. */
export const convDesigns: fc.Arbitrary<HlsDesign> = fc
  .record({
    rank: fc.constantFrom(1, 2),
    side: fc.integer({ min: 3, max: 5 }),
    channels: fc.integer({ min: 1, max: 2 }),
    filters: fc.integer({ min: 1, max: 3 }),
    k: fc.integer({ min: 1, max: 3 }),
    s: fc.integer({ min: 1, max: 2 }),
    padding: fc.constantFrom('same' as const, 'valid' as const),
  })
  .chain(({ rank, side, channels, filters, k, s, padding }) =>
    fc.tuple(weighted(k ** rank * channels, filters), precision).map(([w, p]) => {
      const out = padding === 'same' ? Math.ceil(side / s) : Math.floor((side - k) / s) + 1;
      const layer = matrix(w, {
        name: 'conv',
        kind: rank === 1 ? 'conv1d' : 'conv2d',
        inShape: [...Array(rank).fill(side), channels],
        outShape: [...Array(rank).fill(out), filters],
        kernel: Array(rank).fill(k),
        stride: Array(rank).fill(s),
        padding,
      });
      return designOf([layer], { precision: p, ioType: 'io_stream' });
    }),
  );

/** Convolution, relu, flatten, dense: layers of different reuse factors one after another. */
export const chainDesigns: fc.Arbitrary<HlsDesign> = fc
  .record({ filters: fc.integer({ min: 1, max: 2 }), nOut: fc.integer({ min: 1, max: 3 }), signedRelu: fc.boolean() })
  .chain(({ filters, nOut, signedRelu }) =>
    fc.tuple(weighted(2, filters), weighted(3 * filters, nOut), precision).map(([a, b, p]) =>
      designOf(
        [
          matrix(a, { name: 'conv', kind: 'conv1d', inShape: [4, 1], outShape: [3, filters], kernel: [2] }),
          {
            name: 'relu',
            kind: 'activation',
            activation: 'relu',
            inputs: ['conv'],
            inShape: [3, filters],
            outShape: [3, filters],
            result: { ...a.result, signed: signedRelu },
          },
          {
            name: 'flatten',
            kind: 'reshape',
            inputs: ['relu'],
            inShape: [3, filters],
            outShape: [3 * filters],
            result: { ...a.result, signed: signedRelu },
          },
          matrix(b, { name: 'dense', kind: 'dense', inputs: ['flatten'], inShape: [3 * filters], outShape: [nOut] }),
        ],
        { precision: p, ioType: 'io_stream' },
      ),
    ),
  );
