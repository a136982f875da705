import type { FpgaPart } from '../device/fpgaParts.js';
import { type HlsDesign, type HlsLayer, weightMatrix } from './design/hlsDesign.js';
import { DESIGN_TARGETS, type DesignTarget } from './designTargets.js';
import {
  type DesignOptions,
  type DesignPrediction,
  type DesignPredictor,
  designEstimate,
  partOfDesign,
} from './fpgaPredictor.js';
import type { LayerAnalysis } from './rules/analyseDesign.js';
import { fitVerdict, limitVerdict, overflow, overVerdict, type Totals, type VerdictSaid } from './rules/feasibility.js';
import {
  type FinnLayer,
  finnAccumulatorBits,
  finnBram18,
  finnCycles,
  finnDepth,
  finnDsp,
  finnLut,
  finnUram,
} from './rules/finn.js';
import { finnWindow } from './rules/finnWindow.js';

/** Whether a design is one of FINN, with a folding. */
export const isFolded = (design: HlsDesign): boolean => design.layers.some((layer) => layer.folding !== undefined);

/** Designs of FINN by its own formulas (`rules/finn`), others by `base`. */
export const withFinn = (base: DesignPredictor): DesignPredictor => ({
  name: base.name,
  predict: (designs, options = { stage: 'csynth' }) => {
    const others = base.predict(
      designs.filter((design) => !isFolded(design)),
      options,
    );
    return designs.map((design) => (isFolded(design) ? finnPrediction(design, options) : others.shift()!));
  },
});

/** FINN's formulas are of what synthesis leaves; they have no stages. */
const MODELLED =
  "FINN: LUT, DSP, BRAM, URAM and cycles are those of FINN's own formulas, checked against no synthesis; FF, FIFOs, width converters and DMA are not in them";
const FORMULAS = "the counts are those of FINN's formulas";
const NOT_COMPARED = "FF are not in FINN's formulas and were not compared";

function finnPrediction(design: HlsDesign, { stage, part: given }: DesignOptions): DesignPrediction {
  const part = partOfDesign(design, given);
  const layers = design.layers.flatMap((layer) => finnLayers(design, layer, part?.dspGeneration === 'DSP58')),
    sum = (key: 'lut' | 'dsp' | 'bram18' | 'uram' | 'latencyMax'): number => layers.reduce((n, l) => n + l[key], 0);
  const counts = { lut: sum('lut'), dsp: sum('dsp'), bram18: sum('bram18'), uram: sum('uram') };
  const latency = sum('latencyMax'),
    ii = Math.max(...layers.map((l) => l.ii));
  const total = { ...counts, ff: 0, latencyMin: latency, latencyMax: latency, iiMin: ii, iiMax: ii };
  const limits = design.layers.flatMap((layer) => simdLimit(layer));
  const warnings = [MODELLED, ...limits.map(({ reason }) => reason)],
    assumed = [NOT_COMPARED];
  const kept = { keptLut: total.lut, keptFf: 0 },
    verdict = limitVerdict(limits) ?? verdictOf(total, part);
  const values: Record<DesignTarget, number> = {
    ...counts,
    ff: Number.NaN,
    cycles_min: latency,
    cycles: latency,
    ii_min: ii,
    ii,
  };
  return {
    stage,
    targets: Object.fromEntries(
      DESIGN_TARGETS.map((t) => [t, designEstimate(t, values[t], 'analytical')]),
    ) as DesignPrediction['targets'],
    analysis: { layers, total, kept, verdict, takenDense: [], assumed, warnings },
    warnings,
    assumptions: [...design.assumptions],
  };
}

/** Counts are of what synthesis leaves, so they are compared as they are. */
function verdictOf(total: Totals, part: FpgaPart | undefined): VerdictSaid {
  if (!part) return { verdict: 'unknown', reasons: ['no part is named'] };
  const over = overflow(total, part);
  return over.length ? overVerdict(over, false, [FORMULAS]) : fitVerdict([FORMULAS, NOT_COMPARED]);
}

/** The HLS unit is generated from SIMD >= MW / 1024 on. */
function simdLimit(layer: HlsLayer): { reason: string; how: 'refused' }[] {
  const { folding } = layer,
    matrix = weightMatrix(layer);
  if (!folding || !matrix || folding.unit !== 'hls' || folding.simd >= matrix.nIn / 1024) return [];
  return [
    { how: 'refused', reason: `layer '${layer.name}': FINN refuses SIMD ${folding.simd} below MW / 1024 (MW ${matrix.nIn})` },
  ];
}

/** The unit of a layer's matrix and, where it has one, that of its windows. */
function finnLayers(design: HlsDesign, layer: HlsLayer, dsp58: boolean): LayerAnalysis[] {
  const { folding } = layer,
    matrix = weightMatrix(layer);
  if (!folding || !matrix) return [];
  const input = inputType(design, layer);
  const unit: FinnLayer = {
    mh: matrix.nOut,
    mw: matrix.nIn,
    pe: folding.pe,
    simd: folding.simd,
    weightBits: (layer.weight ?? design.precision).bits,
    activationBits: input.bits,
    vectors: matrix.times,
  };
  const { memory, ramStyle } = folding;
  // an embedded memory of up to 128 words is in LUTs
  const embeddedInLut = memory === 'embedded' && finnDepth(unit) <= 128,
    inDsp = folding.multipliers === 'dsp',
    inBlocks =
      memory !== 'external' && !embeddedInLut && (memory === 'embedded' || (ramStyle !== 'distributed' && ramStyle !== 'ultra'));
  const rtl = folding.unit === 'rtl',
    cycles = finnCycles(unit);
  const product = rowOf(layer.name, layer.kind, {
    multipliers: folding.pe * folding.simd,
    // the RTL unit has no formula of its own: its sums are in DSPs
    lut: rtl
      ? 0
      : finnLut(unit, {
          inDsp,
          weightsInLut: (memory === 'decoupled' && ramStyle === 'distributed') || embeddedInLut,
          accumulatorBits: finnAccumulatorBits(unit, input.signed),
        }),
    dsp: rtl ? finnDsp(unit, dsp58 ? 'rtl-dsp58' : 'rtl') : inDsp ? finnDsp(unit, 'hls') : 0,
    bram18: inBlocks ? finnBram18(unit) : 0,
    uram: memory === 'decoupled' && ramStyle === 'ultra' ? finnUram(unit) : 0,
    cycles,
  });
  return folding.window ? [windowRow(layer, folding.window, input.bits), product] : [product];
}

function windowRow(
  layer: HlsLayer,
  { simd, unit, ramStyle }: NonNullable<NonNullable<HlsLayer['folding']>['window']>,
  inputBits: number,
): LayerAnalysis {
  const pair = (sizes: readonly number[] | undefined): [number, number] =>
    sizes && sizes.length > 1 ? [sizes[0], sizes[1]] : [1, sizes?.[0] ?? 1];
  const channels = layer.inShape[layer.inShape.length - 1],
    name = `${layer.name}_window`;
  const cost = finnWindow({
    channels,
    input: pair(layer.inShape.slice(0, -1)),
    output: pair(layer.outShape.slice(0, -1)),
    kernel: pair(layer.kernel),
    stride: pair(layer.stride),
    simd: Math.min(simd, channels),
    inputBits,
    depthwise: layer.kind.startsWith('depthwise'),
    unit,
    ramStyle,
  });
  return rowOf(name, layer.kind, { multipliers: 0, dsp: 0, ...cost });
}

function rowOf(
  name: string,
  kind: HlsLayer['kind'],
  cost: { multipliers: number; lut: number; dsp: number; bram18: number; uram: number; cycles: number },
): LayerAnalysis {
  const { cycles, ...counts } = cost;
  return {
    name,
    kind,
    reuseFactor: undefined,
    reuseAsked: undefined,
    arithmeticLut: 0,
    ...counts,
    lut: Math.floor(cost.lut),
    ff: Number.NaN,
    latencyMin: cycles,
    latencyMax: cycles,
    ii: cycles,
    warnings: [],
  };
}

/** Type of what a layer reads: as its folding has it, else the result of the next layer before that states one, else the design's. */
function inputType(design: HlsDesign, layer: HlsLayer): { bits: number; signed: boolean } {
  const { folding } = layer;
  if (folding?.inputBits !== undefined) return { bits: folding.inputBits, signed: folding.inputSigned ?? true };
  let name: string | undefined = layer.inputs[0];
  for (let hops = 0; name !== undefined && hops < design.layers.length; hops++) {
    const producer: HlsLayer | undefined = design.layers.find((l) => l.name === name);
    if (!producer) break;
    if (producer.result) return producer.result;
    name = producer.inputs[0];
  }
  return design.precision;
}
