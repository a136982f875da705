import { createRandom, type Random } from '../../../src/core/random.js';
import { type HlsDesign, type HlsLayer, type Precision, parseHlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { validReuseFactors } from '../../../src/fpga/design/validReuseFactor.js';

export interface SweepDesign {
  id: string;
  design: HlsDesign;
  /** of its weights, with `integerNetwork` */
  seed: number;
}

const SIZES = [4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64];
const BITS = [2, 3, 4, 5, 6, 8, 8, 8, 10, 12, 14, 16];
const ZERO_SHARES = [0, 0, 0.25, 0.5, 0.75];
/** multipliers x weight bits x data bits of a layer at most: families without DSP blocks build multipliers of LUTs, at a second or so per 8 x 8 bits */
const MOST_MULTIPLIER_BITS = 8192;
/** weights x weight bits of a fully unrolled layer at most */
const MOST_CONSTANT_BITS = 2600;

const fixed = (bits: number, intBits: number, signed = true): Precision => ({ bits, intBits, signed });
const pick = <T>(random: Random, from: readonly T[]): T => from[random.int(from.length)];

interface Matrix {
  nIn: number;
  nOut: number;
  data: number;
  weight: number;
  strategy: 'resource' | 'latency';
  reuse: number;
  zeros: number;
}

/** Reuse factors of a matrix that keep it within the sweep's limits. */
function affordable(m: Omit<Matrix, 'reuse' | 'zeros'>): number[] {
  const n = m.nIn * m.nOut;
  if (m.strategy === 'latency') return n * m.weight <= MOST_CONSTANT_BITS ? [1] : [];
  return validReuseFactors(m.nIn, m.nOut).filter((rf) =>
    rf === 1 ? n * m.weight <= MOST_CONSTANT_BITS : (n / rf) * m.weight * m.data <= MOST_MULTIPLIER_BITS,
  );
}

const weighted = (m: Matrix, fields: Partial<HlsLayer>): HlsLayer =>
  ({
    inputs: [],
    reuseFactor: m.reuse,
    strategy: m.strategy,
    zeroWeights: Math.floor(m.nIn * m.nOut * m.zeros),
    weight: fixed(m.weight, 1),
    result: fixed(m.data, 1 + Math.ceil(Math.log2(m.nIn) / 2)),
    ...fields,
  }) as HlsLayer;

const tag = (m: Matrix) =>
  `d${m.data}w${m.weight}-rf${m.reuse}-${m.strategy === 'latency' ? 'lat' : 'res'}${m.zeros ? `-z${m.zeros * 100}` : ''}`;

function designOf(id: string, layers: HlsLayer[], data: number): HlsDesign {
  return parseHlsDesign({
    id,
    layers,
    precision: fixed(data, 1),
    reuseFactor: 1,
    strategy: 'resource',
    ioType: layers.some((l) => l.kind.startsWith('conv')) ? 'io_stream' : 'io_parallel',
    tool: 'yosys',
    backend: 'hwcast',
    assumptions: [],
  });
}

function dense(m: Matrix): HlsDesign {
  const layer = weighted(m, { name: 'dense', kind: 'dense', inShape: [m.nIn], outShape: [m.nOut] });
  return designOf(`dense-${m.nIn}x${m.nOut}-${tag(m)}`, [layer], m.data);
}

interface Image {
  shape: number[];
  filters: number;
  kernel: number[];
  stride: number[];
  padding: 'same' | 'valid';
}

const outShape = (im: Image): number[] => [
  ...im.kernel.map((k, i) =>
    im.padding === 'same' ? Math.ceil(im.shape[i] / im.stride[i]) : Math.floor((im.shape[i] - k) / im.stride[i]) + 1,
  ),
  im.filters,
];

const convLayer = (m: Matrix, im: Image, name: string): HlsLayer =>
  weighted(m, {
    name,
    kind: im.kernel.length === 1 ? 'conv1d' : 'conv2d',
    inShape: im.shape,
    outShape: outShape(im),
    kernel: im.kernel,
    stride: im.stride,
    padding: im.padding,
  });

function conv(m: Matrix, im: Image): HlsDesign {
  const layer = convLayer(m, im, 'conv');
  const id = `${layer.kind}-${im.shape.join('x')}-k${im.kernel.join('x')}-f${im.filters}-s${im.stride[0]}-${im.padding}-${tag(m)}`;
  return designOf(id, [layer], m.data);
}

function drawImage(random: Random, rank: 1 | 2): Image {
  const side = () => (rank === 1 ? pick(random, [8, 12, 16, 24, 32, 64]) : pick(random, [6, 8, 10, 12, 16, 28]));
  const k = pick(random, rank === 1 ? [2, 3, 3, 5, 7] : [1, 2, 3, 3, 3]),
    s = pick(random, [1, 1, 1, 2]);
  return {
    shape: [...Array.from({ length: rank }, side), pick(random, rank === 1 ? [1, 2, 4, 8] : [1, 2, 3, 4])],
    filters: pick(random, [2, 3, 4, 6, 8, 12]),
    kernel: Array(rank).fill(k),
    stride: Array(rank).fill(s),
    padding: pick(random, ['same', 'valid']),
  };
}

/** A matrix of given sizes with drawn bits, strategy and reuse factor; undefined where none is affordable. */
function drawMatrix(
  random: Random,
  nIn: number,
  nOut: number,
  strategy: 'resource' | 'latency',
  data = pick(random, BITS),
): Matrix | undefined {
  const m = { nIn, nOut, data, weight: pick(random, BITS), strategy };
  const reuse = affordable(m).filter((rf) => strategy === 'latency' || rf > 1);
  return reuse.length ? { ...m, reuse: pick(random, reuse), zeros: pick(random, ZERO_SHARES) } : undefined;
}

function drawMlp(random: Random): HlsDesign | undefined {
  const depth = 2 + random.int(2),
    sizes = Array.from({ length: depth + 1 }, () =>
      pick(
        random,
        SIZES.filter((n) => n <= 32),
      ),
    );
  const data = pick(
      random,
      BITS.filter((b) => b >= 4),
    ),
    strategy = pick(random, ['resource', 'resource', 'latency'] as const),
    signedRelu = random.next() < 0.5;
  const layers: HlsLayer[] = [],
    names: string[] = [];
  for (let i = 0; i < depth; i++) {
    const m = drawMatrix(random, sizes[i], sizes[i + 1], strategy, data);
    if (!m) return undefined;
    const inputs = layers.length ? [layers[layers.length - 1].name] : [];
    const layer = weighted(m, { name: `dense${i + 1}`, kind: 'dense', inShape: [m.nIn], outShape: [m.nOut], inputs });
    layers.push(layer);
    names.push(`${m.nOut}rf${m.reuse}w${m.weight}`);
    if (i + 1 < depth)
      layers.push({
        name: `relu${i + 1}`,
        kind: 'activation',
        activation: 'relu',
        inputs: [layer.name],
        inShape: [m.nOut],
        outShape: [m.nOut],
        result: { ...layer.result!, signed: signedRelu },
      });
  }
  return designOf(`mlp-${sizes[0]}-${names.join('-')}-d${data}-${strategy === 'latency' ? 'lat' : 'res'}`, layers, data);
}

function drawCnn(random: Random): HlsDesign | undefined {
  const rank = pick(random, [1, 2] as const);
  const im = { ...drawImage(random, rank), filters: pick(random, [2, 3, 4]) };
  im.shape = im.shape.map((n, i) => (i < rank ? Math.min(n, rank === 1 ? 16 : 8) : n));
  const out = outShape(im),
    pixels = out.reduce((a, b) => a * b, 1);
  if (out.some((n) => n < 1) || pixels > 96) return undefined;
  const data = pick(random, [4, 6, 8, 12]);
  const a = drawMatrix(random, im.kernel.reduce((x, y) => x * y, 1) * im.shape[rank], im.filters, 'resource', data),
    b = drawMatrix(random, pixels, pick(random, [2, 4, 5, 8]), 'resource', data);
  if (!a || !b) return undefined;
  const first = convLayer(a, im, 'conv');
  const relu: HlsLayer = {
    name: 'relu',
    kind: 'activation',
    activation: 'relu',
    inputs: ['conv'],
    inShape: out,
    outShape: out,
    result: first.result,
  };
  const flatten: HlsLayer = { name: 'flatten', kind: 'reshape', inputs: ['relu'], inShape: out, outShape: [pixels] };
  const end = weighted(b, { name: 'dense', kind: 'dense', inputs: ['flatten'], inShape: [pixels], outShape: [b.nOut] });
  return designOf(
    `cnn-${im.shape.join('x')}-k${im.kernel.join('x')}-f${im.filters}-s${im.stride[0]}-${im.padding}-rf${a.reuse}w${a.weight}-dense${b.nOut}rf${b.reuse}w${b.weight}-d${data}`,
    [first, relu, flatten, end],
    data,
  );
}

/**
 * The designs of the synthesis sweep, in a fixed order: every reuse factor of three matrices at 8 bits, one matrix over all weight bits, then seeded draws of
 * dense layers of both strategies, convolutions, chains of dense layers and small CNNs.
 */
export function sweepDesigns(seed = 0): SweepDesign[] {
  const designs = new Map<string, HlsDesign>();
  const put = (d: HlsDesign | undefined) => {
    if (!d || designs.has(d.id)) return false;
    designs.set(d.id, d);
    return true;
  };
  const random = createRandom(seed).fork('fpga sweep');
  for (const [nIn, nOut] of [
    [16, 16],
    [12, 10],
    [32, 8],
  ]) {
    const m = { nIn, nOut, data: 8, weight: 8, zeros: 0 };
    for (const reuse of affordable({ ...m, strategy: 'resource' })) put(dense({ ...m, strategy: 'resource', reuse }));
    put(dense({ ...m, strategy: 'latency', reuse: 1 }));
  }
  for (const weight of [2, 3, 4, 6, 10, 12, 14, 16])
    put(dense({ nIn: 16, nOut: 8, data: 8, weight, zeros: 0, strategy: 'resource', reuse: 8 }));
  for (const zeros of [0.25, 0.5, 0.75, 0.9])
    put(dense({ nIn: 16, nOut: 16, data: 8, weight: 8, zeros, strategy: 'latency', reuse: 1 }));
  const draw = (count: number, name: string, make: (r: Random) => HlsDesign | undefined) => {
    const r = random.fork(name);
    for (let have = 0; have < count; ) if (put(make(r))) have++;
  };
  const drawn = (strategy: 'resource' | 'latency') => (r: Random) => {
    const m = drawMatrix(r, pick(r, SIZES), pick(r, SIZES), strategy);
    return m && dense(m);
  };
  draw(72, 'dense resource', drawn('resource'));
  draw(34, 'dense latency', drawn('latency'));
  draw(10, 'dense resource unrolled', (r) => {
    const m = {
      nIn: pick(r, SIZES),
      nOut: pick(r, SIZES),
      data: pick(r, BITS),
      weight: pick(r, BITS),
      strategy: 'resource' as const,
    };
    return affordable(m).includes(1) ? dense({ ...m, reuse: 1, zeros: pick(r, ZERO_SHARES) }) : undefined;
  });
  for (const rank of [1, 2] as const)
    draw(22, `conv${rank}d`, (r) => {
      const im = drawImage(r, rank);
      if (outShape(im).some((n) => n < 1)) return undefined;
      const m = drawMatrix(
        r,
        im.kernel.reduce((x, y) => x * y, 1) * im.shape[rank],
        im.filters,
        pick(r, ['resource', 'resource', 'resource', 'latency'] as const),
      );
      return m && conv(m, im);
    });
  draw(20, 'mlp', drawMlp);
  draw(10, 'cnn', drawCnn);
  return [...designs.entries()].map(([id, design], i) => ({ id, design, seed: i }));
}
