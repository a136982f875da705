import { gatesOf, type HlsDesign } from '../design/hlsDesign.js';
import type { LayerWork } from './layerWork.js';
import { wordsRead } from './streamProcess.js';

/** Sums over the layers; of the intervals the largest. */
export type Sums = Pick<LayerWork, 'lut' | 'ff' | 'dsp' | 'bram18' | 'ii' | 'iiMin'>;

export function sumsOf(works: readonly LayerWork[]): Sums {
  let lut = 0,
    ff = 0,
    dsp = 0,
    bram18 = 0,
    ii = 1,
    iiMin = 1;
  for (const work of works) {
    lut += work.lut;
    ff += work.ff;
    dsp += work.dsp;
    bram18 += work.bram18;
    if (work.ii > ii) ii = work.ii;
    if (work.iiMin > iiMin) iiMin = work.iiMin;
  }
  return { lut, ff, dsp, bram18, ii, iiMin };
}

/** Cycles of a whole design. */
export type DesignCycles = Record<'latencyMin' | 'latencyMax' | 'iiMin' | 'iiMax', number>;

/** Largest sum of `costs`, one a layer, along a path from the network's input: branches work at the same time. */
export function alongPath({ layers }: HlsDesign, costs: readonly number[]): number {
  if (layers.length === 1) return costs[0];
  const ends = new Map<string, number>();
  let most = 0;
  for (let i = 0; i < layers.length; i++) {
    let from = 0;
    for (const name of layers[i].inputs) from = Math.max(from, ends.get(name) ?? 0);
    ends.set(layers[i].name, from + costs[i]);
    most = Math.max(most, from + costs[i]);
  }
  return most;
}

/** The slowest layer, and one pixel through each other one along the longest path. */
export function streamCycles(design: HlsDesign, works: readonly LayerWork[], { ii, iiMin }: Sums): DesignCycles {
  const latency = throughSlowest(
    design,
    works,
    works.map((work) => work.fill),
  );
  return { latencyMin: latency, latencyMax: latency, iiMin, iiMax: ii };
}

/** What the slowest layer takes, and what others take of their first word on the way. */
function throughSlowest(design: HlsDesign, works: readonly LayerWork[], fill: readonly number[]): number {
  let slowest = -1;
  for (const [i, work] of works.entries()) if (work.latencyMax > (works[slowest]?.latencyMax ?? 0)) slowest = i;
  return alongPath(
    design,
    fill.map((cycles, i) => (i === slowest ? works[i].latencyMax : cycles)),
  );
}

/** Processes of a dataflow of Vitis HLS: those without a loop one after another; its interval is one more than the longest. */
export function vitisCycles(design: HlsDesign, works: readonly LayerWork[]): DesignCycles {
  const looped = design.layers.some((layer) => layer.kind !== 'reshape' && wordsRead(design, layer) > 1);
  // beside a loop, the longest and little more
  const fill = works.map((work) => (looped ? Math.min(2, work.fill) : work.fill)),
    latency = throughSlowest(design, works, fill),
    ii = works.reduce((most, work) => Math.max(most, work.latencyMax), 0) + 1;
  return { latencyMin: latency, latencyMax: latency, iiMin: ii, iiMax: ii };
}

/** One layer after the other, along the longest path where there are branches, which the tool schedules side by side. */
export function parallelCycles(
  design: HlsDesign,
  works: readonly LayerWork[],
  { ii, iiMin }: Sums,
  held: readonly boolean[],
): DesignCycles {
  let counted = 0,
    bySequence = 0;
  const between: number[] = [];
  for (let i = 0; i < works.length; i++) {
    const layer = design.layers[i],
      work = works[i];
    const ends = layer.kind !== 'reshape' && layer.kind !== 'opaque' && (i === works.length - 1 || held[i]),
      deep = ii === 1 && work.multipliers > 0 && work.latencyMin >= 2;
    if (ends) counted++;
    between.push((ends ? 1 : 0) + (deep ? 1 : 0));
    if (work.ii === ii && gatesOf(layer) > 0) bySequence = 1;
  }
  const path = (of: 'latencyMin' | 'latencyMax'): number =>
    alongPath(
      design,
      works.map((work, i) => work[of] + between[i]),
    ) - Math.min(1, counted);
  return {
    latencyMin: path('latencyMin'),
    latencyMax: path('latencyMax'),
    iiMin: iiMin + bySequence,
    iiMax: ii + bySequence,
  };
}
