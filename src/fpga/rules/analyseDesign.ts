import { kept as cached } from '../../core/kept.js';
import { type FpgaPart, fpgaPartNamed } from '../../device/fpgaParts.js';
import { type HlsDesign, type HlsLayer, reuseOf, strategyOf, weightMatrix } from '../design/hlsDesign.js';
import { hasBlockDesign, unmodelledTool } from '../design/modelledTool.js';
import { withSparsity, zerosUnknown } from '../design/sparsity.js';
import { analyseLayer } from './analyseLayer.js';
import { beyondDsps } from './beyondDsps.js';
import { DEFAULT_CLOCK_NS } from './clockModel.js';
import { cyclesEnd } from './cyclesEnd.js';
import { type DesignCycles, parallelCycles, type Sums, streamCycles, sumsOf, vitisCycles } from './designCycles.js';
import {
  designVerdict,
  MOST_ZEROS,
  overflow,
  type SynthesisLimit,
  type Totals,
  tensorLimit,
  type VerdictSaid,
} from './feasibility.js';
import type { KeptCounts } from './laterCounts.js';
import { type DesignContext, elements, type LayerWork, layerWarnings } from './layerWork.js';
import { type LiveShare, liveUnits } from './liveUnits.js';
import { selectsSums } from './lutEstimate.js';
import { isUnrolled } from './matrixProduct.js';
import { portPins } from './portPins.js';
import { roundedLayers, roundedWarning, withoutRounding } from './roundedSums.js';
import { addCopies } from './streamCopies.js';
import { NO_TOP, topFunction } from './topFunction.js';

/** What one layer costs, as the HLS tool would report it (csynth). */
export interface LayerAnalysis {
  name: string;
  kind: HlsLayer['kind'];
  /** reuse factor in force; undefined for layers that have none */
  reuseFactor: number | undefined;
  /** reuse factor asked for */
  reuseAsked: number | undefined;
  multipliers: number;
  /** LUTs of arithmetic outside DSPs, which stay after logic synthesis (`arithmeticLut`) */
  arithmeticLut: number;
  lut: number;
  ff: number;
  dsp: number;
  bram18: number;
  uram: number;
  /** clock cycles */
  latencyMin: number;
  latencyMax: number;
  ii: number;
  warnings: readonly string[];
}

export interface DesignAnalysis {
  layers: LayerAnalysis[];
  total: Totals & { latencyMin: number; latencyMax: number; iiMin: number; iiMax: number };
  /** pins of its ports, where they are ports of the chip (`portPins`) */
  pins?: number;
  /** LUTs that rounded or saturated sums may take beyond the total, and LUTs, registers, cycles and interval of it that they may not need; where there are such sums */
  rounded?: { more: number; lut: number; ff: number; cycles: number; ii: number };
  /** what logic synthesis keeps (`laterCounts`) */
  kept: KeptCounts;
  verdict: VerdictSaid;
  /** layers wired into the logic whose weights are taken as dense, since no reader knows their zeros */
  takenDense: string[];
  /** where that makes the design larger than the part: its totals with `MOST_ZEROS` of those weights zero */
  sparse?: { total: Totals; kept: KeptCounts };
  /** what else a verdict hangs on, in words */
  assumed: string[];
  warnings: string[];
}

/**
 * Cost of an HLS design layer by layer and in total, by the rules of this folder (each states what it is exact on, or its error), without any vendor tool.
 * LUT, FF and BRAM are csynth's numbers; `laterCounts` has the way to later stages. Rules were read off Vivado HLS 2018.2 to 2020.1 and Vitis HLS 2021.1 to
 * 2024.1. URAM is 0: hls4ml places nothing there unless told by directive.
 *
 * Latency in total, cycles:
 *
 * | io type | rule | error |
 * |---|---|---|
 * | io_parallel | sum over layers; one cycle a boundary; where II is 1, one more for each layer with multipliers of two cycles or more | exact for the 28 three-layer rows of wa-hls4ml; within four cycles for the ftag GRU; 9 % in the median of hls4ml_MLP_estimator and hls4ml_OpenML |
 * | io_stream | the slowest layer, and one pixel through each other one | within 6 % of eight rows of strategy resource; 29 % low for two of strategy latency, given their RF |
 *
 * II: the largest of a layer, plus one where a recurrent layer sets it.
 *
 * The verdict compares what logic synthesis is expected to leave of the estimate with the part. csynth's LUT, FF and BRAM are far too high (`laterCounts`), so
 * what only they exceed is `unknown`.
 *
 * `topLevel: false` leaves the top function out (`topFunction`): for a module of a larger design. Units that pruning left without a source or a reader cost
 * nothing (`liveUnits`). A design is trusted to be valid (`parseHlsDesign`). Some hundred thousand one-layer designs a second and core.
 * @throws HwcastError `not-found` for a part that is named but not known.
 */
export function analyseDesign(design: HlsDesign, options: { part?: string | FpgaPart; topLevel?: boolean } = {}): DesignAnalysis {
  const part = partOf(options.part ?? design.part);
  const context = contextOf(design, part);
  const live = liveUnits(design);
  const works: LayerWork[] = [],
    layers: LayerAnalysis[] = [];
  for (let i = 0; i < design.layers.length; i++) {
    const layer = design.layers[i];
    works.push(layerWork(context, layer, inputBits(design, i), live?.[i], i === design.layers.length - 1));
  }
  if (context.stream && works.length > 1) addCopies(context, works);
  for (let i = 0; i < works.length; i++) layers.push(layerAnalysis(design, design.layers[i], works[i]));

  const sums = sumsOf(works),
    held = cyclesEnd(context, works),
    selects = works.map((work, i) => selectsOf(design, design.layers[i], work));
  const cycles = cyclesOf(context, works, sums, held);
  const top =
    options.topLevel === false ? NO_TOP : topFunction(context, live, { ii: sums.ii, latency: cycles.latencyMax }, held, selects);
  const total = {
    lut: Math.round(sums.lut + top.lut),
    ff: Math.round(sums.ff + top.betweenLayers + top.ff),
    dsp: sums.dsp,
    bram18: sums.bram18,
    uram: 0,
    latencyMin: cycles.latencyMin,
    latencyMax: cycles.latencyMax,
    iiMin: cycles.iiMin,
    iiMax: cycles.iiMax,
  };
  const beyond = beyondDsps(
    design,
    works.map((work) => work.dsp),
    part,
  );
  const kept = { ...keptCounts(works, selects, top.betweenKept), ...(beyond ? { beyond } : {}) };
  const warnings: string[] = [],
    limits: SynthesisLimit[] = [];
  if (!part) warnings.push('no part named: UltraScale+ multipliers and speed assumed, capacity not checked');
  if (!design.clockS) warnings.push(`no clock named: ${DEFAULT_CLOCK_NS} ns assumed`);
  warnings.push(...layerWarnings(works, layers));
  let opaque = false;
  for (let i = 0; i < works.length; i++) {
    if (layers[i].kind === 'opaque') opaque = true;
    const limit = works[i].limit ?? (options.topLevel === false ? undefined : tensorLimitOf(context, i));
    if (!limit) continue;
    const reason = `layer '${layers[i].name}': ${limit.reason}`;
    limits.push({ ...limit, reason });
    if (limit.how === 'risk') warnings.push(`risk: ${reason}`);
  }
  const takenDense = layersTakenDense(design);
  if (takenDense.length)
    warnings.push(`weights are taken as dense (no zeros) in ${takenDense.join(', ')}: pruned ones take less; give --sparsity`);
  let sparse: DesignAnalysis['sparse'];
  if (takenDense.length && part && overflow(total, part).length) {
    const pruned = analyseDesign(withSparsity(design, MOST_ZEROS), { ...options, part });
    sparse = { total: pruned.total, kept: pruned.kept };
  }
  const assumed = assumedOf(design, warnings);
  const verdict = designVerdict(total, { kept, part, limits, opaque, sparse, assumed });
  const pins = options.topLevel === false ? undefined : portPins(design, context.vivadoHls);
  if (pins !== undefined && part?.io !== undefined && pins > part.io)
    warnings.push(
      `risk: its ports are ${pins} pins and ${part.name} has up to ${part.io}: it is no chip by itself, but part of one (in a block design ports go to AXI)`,
    );
  return {
    layers,
    total,
    ...(pins === undefined ? {} : { pins }),
    ...roundedOf(design, works, total, { ...options, part }),
    kept,
    verdict,
    takenDense,
    ...(sparse ? { sparse } : {}),
    assumed,
    warnings,
  };
}

/** Cycles of the design, as its tool puts layers together. */
function cyclesOf(context: DesignContext, works: readonly LayerWork[], sums: Sums, held: readonly boolean[]): DesignCycles {
  const { design, stream, vivadoHls } = context;
  if (!stream) return parallelCycles(design, works, sums, held);
  return vivadoHls ? streamCycles(design, works, sums) : vitisCycles(design, works);
}

/** How far rounding and saturation may take the totals, where sums do: and down to nothing of either. */
function roundedOf(
  design: HlsDesign,
  works: readonly LayerWork[],
  { lut, ff, latencyMax, iiMax }: DesignAnalysis['total'],
  options: Parameters<typeof analyseDesign>[1],
): Pick<DesignAnalysis, 'rounded'> {
  if (!works.some((w) => w.roundedLut !== undefined)) return {};
  const least = analyseDesign(withoutRounding(design), options).total;
  return {
    rounded: {
      more: Math.round(works.reduce((sum, w) => sum + (w.roundedLut ?? 0), 0)),
      lut: Math.max(0, lut - least.lut),
      ff: Math.max(0, ff - least.ff),
      cycles: Math.max(0, latencyMax - least.latencyMax),
      ii: Math.max(0, iiMax - least.iiMax),
    },
  };
}

/** What the design's verdict hangs on besides zeros, each warned of too. */
function assumedOf(design: HlsDesign, warnings: string[]): string[] {
  const assumed: string[] = [];
  const foreign = unmodelledTool(design);
  if (foreign !== undefined) {
    assumed.push(`'${foreign}' is not modelled: all counts are those of ${isVivadoHls(design) ? 'Vivado' : 'Vitis'} HLS`);
    warnings.push(assumed[0]);
  }
  if (hasBlockDesign(design))
    warnings.push(
      `the block design that ${design.backend} puts around it (DMA, interconnect) is not counted, but for how far block RAM may reach when placed`,
    );
  const rounded = roundedLayers(design);
  if (rounded.length) warnings.push(roundedWarning(rounded));
  return assumed;
}

/** Layers that are wired into the logic, so that zeros among their weights cost nothing, and whose zeros are not known. */
const layersTakenDense = (design: HlsDesign): string[] =>
  design.layers.flatMap((layer) =>
    zerosUnknown(layer) && isUnrolled({ strategy: strategyOf(design, layer), reuse: reuseOf(design, layer) }) ? [layer.name] : [],
  );

/** What Vivado HLS makes no registers of: the results of a layer, or the input of the network. */
function tensorLimitOf({ design, stream, vivadoHls }: DesignContext, i: number): SynthesisLimit | undefined {
  if (stream || !vivadoHls) return undefined;
  const { inputs, inShape, outShape, kind, result = design.precision } = design.layers[i];
  return (
    (inputs.length ? undefined : tensorLimit(elements(inShape), design.precision.bits, true)) ??
    (kind === 'reshape' ? undefined : tensorLimit(elements(outShape), result.bits, false))
  );
}

/** Of Vitis HLS only where it is named. */
const isVivadoHls = ({ tool, backend }: HlsDesign): boolean => (tool ? tool === 'vivado_hls' : backend !== 'Vitis');

const contextOf = (design: HlsDesign, part: FpgaPart | undefined): DesignContext => ({
  design,
  stream: design.ioType === 'io_stream',
  generation: part?.dspGeneration ?? 'DSP48E2',
  vivadoHls: isVivadoHls(design),
  clockNs: design.clockS ? design.clockS * 1e9 : DEFAULT_CLOCK_NS,
  kernelWindow: hasKernelWindow(design),
});

/** A layer's work, without the units that pruning left without a source or a reader. */
function layerWork(context: DesignContext, layer: HlsLayer, bits: number, live: LiveShare | undefined, last: boolean): LayerWork {
  const work = analyseLayer(context, live ? withoutDead(layer, live) : layer, bits, last);
  if (live && !weightMatrix(layer)) scaleArea(work, live.outputs * live.read);
  return work;
}

const layerAnalysis = (design: HlsDesign, layer: HlsLayer, work: LayerWork): LayerAnalysis => ({
  name: layer.name,
  kind: layer.kind,
  reuseFactor: work.reuseFactor,
  reuseAsked: work.reuseFactor === undefined ? undefined : reuseOf(design, layer),
  multipliers: work.multipliers,
  arithmeticLut: Math.round(work.arithmeticLut),
  lut: Math.round(work.lut),
  ff: Math.round(work.ff),
  dsp: work.dsp,
  bram18: work.bram18,
  uram: 0,
  latencyMin: work.latencyMin,
  latencyMax: work.latencyMax,
  ii: work.ii,
  warnings: work.warnings,
});

/** Whether a layer has weights in memory and a table selects its sums. */
const selectsOf = (design: HlsDesign, layer: HlsLayer, { reuseFactor }: LayerWork): boolean =>
  layer.kind === 'dense' &&
  reuseFactor !== undefined &&
  selectsSums({ strategy: strategyOf(design, layer), reuse: reuseFactor, nIn: weightMatrix(layer)!.nIn });

/** What logic synthesis keeps of the layers: arithmetic, and all of those that select sums, with the registers behind them. */
function keptCounts(works: readonly LayerWork[], selects: readonly boolean[], betweenKept: number): KeptCounts {
  let keptLut = 0,
    keptFf = betweenKept,
    romLut = 0;
  const keptBram = { before: 0, after: 0 };
  for (const [i, work] of works.entries()) {
    const { lut, ff, arithmeticLut, elementLut = 0 } = work;
    keptLut += selects[i] ? lut : arithmeticLut + elementLut;
    if (selects[i]) keptFf += ff;
    romLut += work.romLut ?? 0;
    keptBram.before += work.toldBram18 ?? 0;
    keptBram.after += work.laterBram18 ?? 0;
  }
  return {
    keptLut: Math.round(keptLut),
    keptFf: Math.round(keptFf),
    keptBram,
    ...(romLut > 0 ? { romLut: Math.round(romLut) } : {}),
  };
}

/** hls4ml 0.6 brought the line buffer (2021); where its version is not known, by that of the tool. */
const hasKernelWindow = (design: HlsDesign): boolean => /^0\.[0-5](\.|$)/.test(hls4mlVersionOf(design));

/** Version of hls4ml; where it is not known, one of the time of the tool's. */
export const hls4mlVersionOf = ({ hls4mlVersion, toolVersion }: HlsDesign): string =>
  hls4mlVersion || (toolVersion !== undefined && Number.parseInt(toolVersion, 10) < 2019 ? '0.5' : '0.6');

const partsByName = new Map<string, FpgaPart>();
function partOf(part: string | FpgaPart | undefined): FpgaPart | undefined {
  if (typeof part !== 'string') return part;
  return cached(partsByName, part, () => fpgaPartNamed(part));
}

/** Bits of the input of layer `i`: the result of its first producer, or the design's. */
function inputBits(design: HlsDesign, i: number): number {
  const name = design.layers[i].inputs[0];
  if (name === undefined) return design.precision.bits;
  for (let j = i - 1; j >= 0; j--) {
    const producer = design.layers[j];
    if (producer.name === name) return (producer.result ?? design.precision).bits;
  }
  return design.precision.bits;
}

/** The layer with the weights of removed units as zeros. */
function withoutDead(layer: HlsLayer, { inputs, read }: LiveShare): HlsLayer {
  const matrix = layer.zeroWeights === undefined ? undefined : weightMatrix(layer);
  if (!matrix) return layer;
  const n = matrix.nIn * matrix.nOut,
    left = inputs * read,
    c = layer.constants;
  return {
    ...layer,
    zeroWeights: n - Math.round((n - layer.zeroWeights!) * left),
    constants: c && {
      shiftAdd: c.shiftAdd * left,
      full: c.full * left,
      distinct: c.distinct * left,
      multiplied: c.multiplied * left,
    },
  };
}

function scaleArea(work: LayerWork, share: number): void {
  work.lut *= share;
  if (work.elementLut !== undefined) work.elementLut *= share;
  work.ff *= share;
  work.dsp = Math.round(work.dsp * share);
}
