import type { HlsDesign } from '../design/hlsDesign.js';
import { signedDigits } from '../design/signedDigits.js';
import { DATAPATH_QUANTITIES, type DatapathQuantities, saturate } from './datapathQuantities.js';
import { digitParts } from './digitParts.js';
import { bitsFor, counterBits, signedBits } from './fixedPoint.js';
import { integerNetwork } from './integerNetwork.js';
import type { MatrixStage, Stage } from './integerStage.js';
import { adderTreeDepth } from './verilogMatrix.js';

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

/** What the generated Verilog of a design is made of, before any mapping to a family. */
export interface DatapathParts {
  multipliers: MultiplierGroup[];
  memories: MemoryPart[];
  quantities: DatapathQuantities;
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
    quantities: Object.fromEntries(DATAPATH_QUANTITIES.map((q) => [q, 0])) as DatapathQuantities,
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

/** The resource strategy and reuse factor 1: multipliers, trees of adders and accumulators. */
function productParts(stage: MatrixStage, parts: DatapathParts): void {
  const { nIn, nOut, reuseFactor: rf, weightBits, input, output, accumulatorBits: bits } = stage;
  const count = (nIn * nOut) / rf,
    product = signedBits(input) + weightBits;
  const groups = rf <= nIn ? nIn / rf : 1,
    turns = rf <= nIn ? 1 : rf / nIn,
    sums = count / groups;
  // an only product goes into the accumulator
  const first = groups > 1 ? treeLevel(groups, product, bits) : { registers: bits, adders: bits, compressors: 0 },
    share = (v: number) => (v * sums) / count;
  const around: Surroundings = {
    operandRegisters: rf === 1 ? 0 : (groups * signedBits(input)) / count,
    firstSum: {
      tree: groups > 1,
      registers: share(first.registers),
      adders: share(first.adders),
      compressors: share(first.compressors),
    },
  };
  if (rf === 1) constantProducts(stage, parts, around);
  else {
    const steps = Math.min(rf, nIn),
      q = parts.quantities;
    q.pickedInputs += groups * signedBits(input);
    q.inputMux += groups * (steps - 1) * input.bits;
    memoryProducts(stage, parts, around);
    q.products += count * product;
    q.counters +=
      counterBits(rf - 1) + (turns > 1 && steps > 1 && 2 ** counterBits(steps - 1) !== steps ? counterBits(rf - 1) : 0);
  }
  sumParts(stage, parts.quantities, { groups, turns, sums, product });
  saturate(parts.quantities, sums, bits - stage.shift, output.bits);
}

/** What stands around one multiplier. */
type Surroundings = Pick<MultiplierGroup, 'operandRegisters' | 'firstSum'>;

/** Products by constants: one a different weight of an input; zeros need none, powers of two (up to sign) are shifts. */
function constantProducts(
  { weights, input }: MatrixStage,
  { multipliers, quantities: q }: DatapathParts,
  around: Surroundings,
): void {
  const x = signedBits(input),
    different = new Set<string>();
  for (const row of weights)
    for (const [i, w] of row.entries()) {
      const key = `${i}:${w}`;
      if (w === 0 || different.has(key)) continue;
      different.add(key);
      q.products += bitsFor(w, w) + x;
      if (signedDigits(w).length > 1 && (Math.abs(w) & (Math.abs(w) - 1)) !== 0)
        multipliers.push({ x, w: bitsFor(w, w), constant: true, count: 1, ones: ones(w), ...around });
    }
}

/** Products by words of a memory of `reuseFactor` words: each multiplier takes the weights of its place in turn. */
function memoryProducts(stage: MatrixStage, { multipliers, memories, quantities: q }: DatapathParts, around: Surroundings): void {
  const { nIn, nOut, reuseFactor: rf, weightBits, input, weights } = stage;
  const flat = weights.flat();
  let width = 0;
  const columns = new Set<string>(),
    upToSign = new Set<string>();
  for (let m = 0; m < (nIn * nOut) / rf; m++) {
    const ofMultiplier = new Set<string>();
    for (let b = 0; b < weightBits; b++) {
      let column = '';
      for (let step = 0; step < rf; step++) column += (flat[step + rf * m] >> b) & 1;
      if (!column.includes('1') || !column.includes('0')) continue;
      width++;
      columns.add(column);
      const even = column[0] === '1' ? column.replace(/[01]/g, (d) => (d === '1' ? '0' : '1')) : column;
      ofMultiplier.add(even);
      upToSign.add(even);
    }
    multipliers.push({ x: signedBits(input), w: weightBits, constant: false, count: 1, ones: ofMultiplier.size, ...around });
  }
  q.romWords += columns.size;
  if (width) memories.push({ kind: 'rom', depth: rf, width, distinct: upToSign.size });
}

/** Trees of adders over `groups` products of `product` bits each, accumulators over `turns`, biases and results: `sums` of them at once. */
function sumParts(
  { nOut, reuseFactor: rf, output, accumulatorBits: bits }: MatrixStage,
  q: DatapathQuantities,
  { groups, turns, sums, product }: { groups: number; turns: number; sums: number; product: number },
): void {
  for (let n = groups, width = product; n > 1; n = Math.ceil(n / 4)) {
    const level = treeLevel(n, width, bits);
    width = level.width;
    q.treeRegisters += sums * level.registers;
    q.treeAdders += sums * level.adders;
    q.treeCompressors += sums * level.compressors;
    if (n % 4 === 1) q.delays += sums * width;
  }
  const depth = (rf === 1 ? 1 : 2) + adderTreeDepth(groups);
  q.accumulators += sums * bits;
  q.outputRegisters += nOut * output.bits;
  if (rf === 1) {
    q.validFlags += depth + 2;
    q.biasAdd += nOut * bits;
    return;
  }
  q.accumulatorStart += sums * bits;
  q.validFlags += 4 * depth + 3;
  if (turns > 1) {
    q.delays += counterBits(turns - 1) * (depth + 1);
    q.biasTable += sums * turns * bits;
    q.turnDecode += nOut;
  }
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

/** Groups of the same operand widths as one, in the order of their first. */
function merged(groups: readonly MultiplierGroup[]): MultiplierGroup[] {
  const byWidths = new Map<string, MultiplierGroup>();
  for (const group of groups) {
    const key = `${group.x} ${group.w} ${group.constant} ${group.firstSum.tree}`,
      same = byWidths.get(key);
    if (same) {
      same.count += group.count;
      same.ones += group.ones;
      same.operandRegisters += group.operandRegisters;
      for (const part of ['registers', 'adders', 'compressors'] as const) same.firstSum[part] += group.firstSum[part];
    } else byWidths.set(key, { ...group, firstSum: { ...group.firstSum } });
  }
  return [...byWidths.values()];
}
