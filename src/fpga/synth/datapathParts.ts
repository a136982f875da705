import type { HlsDesign } from '../design/hlsDesign.js';
import { signedDigits } from '../design/signedDigits.js';
import { bitsFor, counterBits, highest, lowest, signedBits } from './fixedPoint.js';
import { integerNetwork, type MatrixStage, type Stage } from './integerNetwork.js';
import { treeDepth } from './verilogMatrix.js';

/** Multipliers of the same operand widths. */
export interface MultiplierGroup {
  /** signed bits of the data operand */
  x: number;
  /** signed bits of the weight operand; for a constant, of the smallest signed number that holds it */
  w: number;
  /** weights are constants (reuse factor 1), not words of a memory */
  constant: boolean;
  count: number;
  /** sum over the group of the rows to add up where it is logic: non-zero bits of a constant, different bits of a weight */
  ones: number;
  /** bits of the registers that hold the data operands */
  operandRegisters: number;
  /** registers, adders and rows of compressors, in bits, of the first sums that the products go to: of a tree, or accumulators */
  firstSum: FirstSum;
}

export interface FirstSum {
  tree: boolean;
  registers: number;
  adders: number;
  compressors: number;
}

/** A memory of the datapath. */
export interface MemoryPart {
  kind: 'rom' | 'lines';
  depth: number;
  /** bits a word that are not the same in every word */
  width: number;
  /** words' bits that differ from each other, up to inversion: functions of the address to build where the memory is logic */
  distinct: number;
}

/** Quantities of a datapath that are sums over its layers; bits unless said otherwise. */
export const DATAPATH_QUANTITIES = [
  'inputShift',
  'outputShift',
  'buffers',
  'pickedInputs',
  'inputMux',
  'romWords',
  'products',
  'treeRegisters',
  'treeAdders',
  'treeCompressors',
  'accumulators',
  'accumulatorStart',
  'biasTable',
  'biasAdd',
  'digitAdders',
  'digitSums',
  'digitCompressors',
  'digitRegisters',
  'outputRegisters',
  'turnDecode',
  'saturation',
  'saturationReach',
  'validFlags',
  'delays',
  'counters',
  'windowRegisters',
  'windowControl',
  'paddingMux',
  'relu',
  'layers',
] as const;
export type DatapathQuantity = (typeof DATAPATH_QUANTITIES)[number];

/** What the generated Verilog of a design is made of, before any mapping to a family. */
export interface DatapathParts {
  multipliers: MultiplierGroup[];
  memories: MemoryPart[];
  quantities: Record<DatapathQuantity, number>;
}

/**
 * The parts of the datapath that `verilogNetwork` writes for a design: multipliers by operand widths, memories, registers, adders, multiplexers and saturation
 * logic. Counted from the layer shapes, precisions and the weights drawn from `seed` (without one, those of seed 0, of the same distribution).
 * @throws HwcastError `unsupported` where the design cannot be written as Verilog
 */
export function datapathParts(design: HlsDesign, seed: number | string = 0): DatapathParts {
  const network = integerNetwork(design, seed);
  const parts: DatapathParts = {
    multipliers: [],
    memories: [],
    quantities: Object.fromEntries(DATAPATH_QUANTITIES.map((q) => [q, 0])) as Record<DatapathQuantity, number>,
  };
  const q = parts.quantities;
  if (network.inWidth > 1) {
    q.inputShift += network.inWidth * network.input.bits;
    q.counters += counterBits(network.inWidth);
  }
  if (network.outWidth > 1) {
    q.outputShift += network.outWidth * network.output.bits;
    q.counters += counterBits(network.outWidth);
  }
  for (const stage of network.stages) {
    q.layers += 1;
    stageParts(stage, parts);
  }
  parts.multipliers = merged(parts.multipliers);
  return parts;
}

function stageParts(stage: Stage, parts: DatapathParts): void {
  const q = parts.quantities;
  if (stage.kind === 'flatten') {
    if (stage.inBeats > 1) {
      q.buffers += stage.outWidth * stage.input.bits;
      q.counters += counterBits(stage.inBeats);
    }
    return;
  }
  if (stage.kind === 'relu') {
    q.relu += stage.inWidth * stage.output.bits;
    q.outputRegisters += stage.inWidth * stage.output.bits;
    q.validFlags += 1;
    saturate(q, stage.inWidth, signedBits(stage.input) - stage.shift, stage.output.bits);
    return;
  }
  windowParts(stage, parts);
  if (stage.strategy === 'latency') digitParts(stage, q);
  else productParts(stage, parts);
}

/** `count` saturations of a number of `width` bits to `bits`. */
function saturate(q: DatapathParts['quantities'], count: number, width: number, bits: number): void {
  if (width <= bits) return;
  q.saturation += count * bits;
  q.saturationReach += count * (width - bits + 1);
}

function windowParts(stage: MatrixStage, { memories, quantities: q }: DatapathParts): void {
  const w = stage.window;
  const pixel = stage.inWidth * stage.input.bits;
  if (!w) {
    if (stage.reuseFactor > 1) {
      q.buffers += pixel;
      q.validFlags += 1;
    }
    return;
  }
  const columns = w.width + w.padLeft + w.padRight,
    rows = w.height + w.padTop + w.padBottom;
  q.windowRegisters += pixel * w.kernelHeight * w.kernelWidth;
  q.windowControl += counterBits(rows - 1) + counterBits(columns - 1);
  q.validFlags += 1;
  if (columns - w.width + rows - w.height > 0) q.paddingMux += pixel;
  const old = (w.kernelHeight - 1) * pixel;
  if (old > 0) memories.push({ kind: 'lines', depth: columns, width: old, distinct: old });
}

/** The latency strategy: signed digits of every weight in a tree of adders, as `verilogMatrix` writes it. */
function digitParts(stage: MatrixStage, q: DatapathParts['quantities']): void {
  interface Term {
    lo: number;
    hi: number;
    shift: number;
    negative: boolean;
  }
  const { input, accumulatorBits, nOut, output } = stage;
  const rows = stage.weights.map((row) =>
    row
      .flatMap((w) =>
        signedDigits(w).map(({ shift, sign }): Term => ({ lo: lowest(input), hi: highest(input), shift, negative: sign < 0 })),
      )
      .sort((a, b) => a.shift - b.shift),
  );
  const depth = Math.max(...rows.map((t) => treeDepth(t.length)));
  const add = (a: Term | undefined, b: Term | undefined): Term | undefined => {
    if (!a || !b) return a ?? b;
    const shift = Math.min(a.shift, b.shift),
      differ = a.negative !== b.negative;
    const scaled = (t: Term) => ({ lo: t.lo * 2 ** (t.shift - shift), hi: t.hi * 2 ** (t.shift - shift) });
    let [p, r] = [scaled(a), scaled(b)];
    if (differ && a.negative) [p, r] = [r, p];
    const lo = differ ? p.lo - r.hi : p.lo + r.lo,
      hi = differ ? p.hi - r.lo : p.hi + r.hi;
    return { lo, hi, shift, negative: !differ && a.negative };
  };
  for (const row of rows) {
    let level = row;
    for (let d = 0; d < depth; d++) {
      const next: Term[] = [];
      for (let at = 0; at < level.length; at += 4) {
        const g = level.slice(at, at + 4);
        const sum = add(add(g[0], g[1]), add(g[2], g[3]))!;
        const width = bitsFor(sum.lo, sum.hi);
        q.digitRegisters += width;
        if (g.length > 1) {
          q.digitAdders += width;
          q.digitSums += 1;
        }
        q.digitCompressors += Math.max(0, g.length - 2) * width;
        if (g.length === 1) q.delays += width;
        next.push(sum);
      }
      level = next;
    }
    if (level.length) q.biasAdd += accumulatorBits;
  }
  q.accumulators += nOut * accumulatorBits;
  q.validFlags += depth + 2;
  q.outputRegisters += nOut * output.bits;
  saturate(q, nOut, accumulatorBits - stage.shift, output.bits);
}

function productParts(stage: MatrixStage, { multipliers, memories, quantities: q }: DatapathParts): void {
  const { nIn, nOut, reuseFactor: rf, weightBits, input, output, accumulatorBits: bits, weights } = stage;
  const count = (nIn * nOut) / rf,
    x = signedBits(input),
    product = x + weightBits;
  const groups = rf <= nIn ? nIn / rf : 1,
    turns = rf <= nIn ? 1 : rf / nIn,
    sums = count / groups;
  // an only product goes into the accumulator
  const first = groups > 1 ? treeLevel(groups, product, bits) : { registers: bits, adders: bits, compressors: 0 },
    share = (v: number) => (v * sums) / count;
  // of one multiplier
  const around = {
    operandRegisters: rf === 1 ? 0 : (groups * x) / count,
    firstSum: {
      tree: groups > 1,
      registers: share(first.registers),
      adders: share(first.adders),
      compressors: share(first.compressors),
    },
  };
  if (rf === 1) {
    const seen = new Set<string>();
    let live = 0;
    weights.forEach((row) => {
      row.forEach((w, i) => {
        if (w === 0) return;
        const at = `${i}:${w}`;
        if (seen.has(at)) return;
        seen.add(at);
        live += bitsFor(w, w) + x;
        if (signedDigits(w).length > 1 && (Math.abs(w) & (Math.abs(w) - 1)) !== 0)
          multipliers.push({ x, w: bitsFor(w, w), constant: true, count: 1, ones: ones(w), ...around });
      });
    });
    q.products += live;
  } else {
    const steps = Math.min(rf, nIn);
    q.pickedInputs += groups * x;
    q.inputMux += groups * (steps - 1) * input.bits;
    const flat = weights.flat();
    let width = 0;
    const columns = new Set<string>(),
      upToSign = new Set<string>();
    for (let m = 0; m < count; m++) {
      const own = new Set<string>();
      for (let b = 0; b < weightBits; b++) {
        let column = '';
        for (let step = 0; step < rf; step++) column += (flat[step + rf * m] >> b) & 1;
        if (!column.includes('1') || !column.includes('0')) continue;
        width++;
        columns.add(column);
        const even = column[0] === '1' ? column.replace(/[01]/g, (d) => (d === '1' ? '0' : '1')) : column;
        own.add(even);
        upToSign.add(even);
      }
      multipliers.push({ x, w: weightBits, constant: false, count: 1, ones: own.size, ...around });
    }
    q.romWords += columns.size;
    if (width) memories.push({ kind: 'rom', depth: rf, width, distinct: upToSign.size });
    q.products += count * product;
    q.counters +=
      counterBits(rf - 1) + (turns > 1 && steps > 1 && 2 ** counterBits(steps - 1) !== steps ? counterBits(rf - 1) : 0);
  }
  for (let n = groups, width = product; n > 1; n = Math.ceil(n / 4)) {
    const level = treeLevel(n, width, bits);
    width = level.width;
    q.treeRegisters += sums * level.registers;
    q.treeAdders += sums * level.adders;
    q.treeCompressors += sums * level.compressors;
    if (n % 4 === 1) q.delays += sums * width;
  }
  const depth = (rf === 1 ? 1 : 2) + treeDepth(groups);
  q.accumulators += sums * bits;
  q.outputRegisters += nOut * output.bits;
  if (rf === 1) {
    q.validFlags += depth + 2;
    q.biasAdd += nOut * bits;
  } else {
    q.accumulatorStart += sums * bits;
    q.validFlags += 4 * depth + 3;
    if (turns > 1) {
      q.delays += counterBits(turns - 1) * (depth + 1);
      q.biasTable += sums * turns * bits;
      q.turnDecode += nOut;
    }
  }
  saturate(q, sums, bits - stage.shift, output.bits);
}

/** One level of registers of a tree of four-operand adders over `n` terms of `bits` bits; its sums have `width` bits, at most `most`. */
function treeLevel(n: number, bits: number, most: number): Omit<FirstSum, 'tree'> & { width: number } {
  const width = Math.min(most, bits + (n > 2 ? 2 : 1)),
    odd = n % 4;
  return {
    width,
    registers: Math.ceil(n / 4) * width,
    adders: (Math.floor(n / 4) + (odd > 1 ? 1 : 0)) * width,
    compressors: (2 * Math.floor(n / 4) + (odd === 3 ? 1 : 0)) * width,
  };
}

const ones = (w: number): number => {
  let n = 0;
  for (let v = w & 0xffffff, b = 0; b < bitsFor(w, w); b++, v >>= 1) n += v & 1;
  return n;
};

function merged(groups: readonly MultiplierGroup[]): MultiplierGroup[] {
  const by = new Map<string, MultiplierGroup>();
  for (const g of groups) {
    const key = `${g.x} ${g.w} ${g.constant} ${g.firstSum.tree}`,
      have = by.get(key);
    if (have) {
      have.count += g.count;
      have.ones += g.ones;
      have.operandRegisters += g.operandRegisters;
      for (const f of ['registers', 'adders', 'compressors'] as const) have.firstSum[f] += g.firstSum[f];
    } else by.set(key, { ...g, firstSum: { ...g.firstSum } });
  }
  return [...by.values()];
}
