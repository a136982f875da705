import { gatesOf, type HlsDesign } from '../design/hlsDesign.js';
import type { LayerWork } from './layerWork.js';
import { vitisStreamCycles, wordsRead } from './streamProcess.js';

/** Sums over the layers; of the intervals the largest. */
export type Sums = Pick<LayerWork, 'lut' | 'ff' | 'dsp' | 'bram18' | 'latencyMin' | 'latencyMax' | 'fill' | 'ii' | 'iiMin'>;

export function sumsOf(works: readonly LayerWork[]): Sums {
  let lut = 0,
    ff = 0,
    dsp = 0,
    bram18 = 0,
    latencyMin = 0,
    latencyMax = 0,
    fill = 0,
    ii = 1,
    iiMin = 1;
  for (const work of works) {
    lut += work.lut;
    ff += work.ff;
    dsp += work.dsp;
    bram18 += work.bram18;
    latencyMin += work.latencyMin;
    latencyMax += work.latencyMax;
    fill += work.fill;
    if (work.ii > ii) ii = work.ii;
    if (work.iiMin > iiMin) iiMin = work.iiMin;
  }
  return { lut, ff, dsp, bram18, latencyMin, latencyMax, fill, ii, iiMin };
}

/** Cycles of a whole design. */
export type DesignCycles = Record<'latencyMin' | 'latencyMax' | 'iiMin' | 'iiMax', number>;

/** The slowest layer, and one pixel through each other one. */
export function streamCycles(works: readonly LayerWork[], { fill, ii, iiMin }: Sums): DesignCycles {
  let slowest = { latencyMax: 0, fill: 0 };
  for (const work of works) if (work.latencyMax > slowest.latencyMax) slowest = work;
  const latency = slowest.latencyMax + fill - slowest.fill;
  return { latencyMin: latency, latencyMax: latency, iiMin, iiMax: ii };
}

/** Processes of Vitis HLS. */
export function vitisCycles(design: HlsDesign, works: readonly LayerWork[]): DesignCycles {
  const looped = design.layers.some((layer) => layer.kind !== 'reshape' && wordsRead(design, layer) > 1);
  const { latency, ii } = vitisStreamCycles(works, looped);
  return { latencyMin: latency, latencyMax: latency, iiMin: ii, iiMax: ii };
}

/** One layer after the other. */
export function parallelCycles(
  design: HlsDesign,
  works: readonly LayerWork[],
  { latencyMin, latencyMax, ii, iiMin }: Sums,
  held: readonly boolean[],
): DesignCycles {
  let counted = 0,
    deep = 0,
    bySequence = 0;
  for (let i = 0; i < works.length; i++) {
    const layer = design.layers[i],
      work = works[i];
    if (layer.kind !== 'reshape' && layer.kind !== 'opaque' && (i === works.length - 1 || held[i])) counted++;
    if (work.multipliers > 0 && work.latencyMin >= 2) deep++;
    if (work.ii === ii && gatesOf(layer) > 0) bySequence = 1;
  }
  const between = Math.max(0, counted - 1) + (ii === 1 ? deep : 0);
  return {
    latencyMin: latencyMin + between,
    latencyMax: latencyMax + between,
    iiMin: iiMin + bySequence,
    iiMax: ii + bySequence,
  };
}
