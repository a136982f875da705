import { ELSEWHERE, SERVING } from './fittedServing.js';
import { type Band, type Framework, SERVED_MAKERS } from './servingConstants.js';

/** How far what is said of a served model may be off, measured over predicted: 5 % and 95 % quantiles. */
export interface ServingBands {
  ttft: Band | null;
  tpot: Band | null;
  request: Band | null;
  energy: Band | null;
  /** of the time to the first token in steady state */
  queue: Band | null;
  /** said beside the answer where the constants are of other makers' devices */
  assumptions: string[];
}

/**
 * Bands of a framework on a maker's device. On makers that its constants were not fitted to there is none: how far two other makers are off says nothing
 * of a third (served models on AMD's devices took about as long as here, those on Intel's many times), and a width from a maker's own rows would be
 * checked by the rows it was made from. What was measured there is said instead.
 */
export function servingBands(framework: Framework, vendor: string): ServingBands {
  const { ttftBand, tpotBand, requestBand, energyBand, queue } = SERVING[framework];
  if (SERVED_MAKERS.includes(vendor))
    return {
      ...{ ttft: ttftBand, tpot: tpotBand, request: requestBand, energy: energyBand },
      queue: queue?.band ?? null,
      assumptions: [],
    };
  return {
    ...{ ttft: null, tpot: null, request: null, energy: null, queue: null },
    assumptions: [
      `${framework} as on ${SERVED_MAKERS.join(' and ')} devices, whose kernels it brings along, and without intervals: ${measuredElsewhere(framework, vendor)}; --measured corrects that`,
    ],
  };
}

/** What is known of served models on a maker's devices; what was measured of a framework's release of 2024 is said of it too. */
function measuredElsewhere(framework: Framework, vendor: string): string {
  const of = ELSEWHERE[vendor];
  if (!of) return `no served model was measured on a device of ${vendor}`;
  const own = ([framework, `${framework}-2024`] as Framework[]).find((f) => of[f]),
    [low, high] = (own ? of[own]! : of.any).map((v) => Number(v.toPrecision(2)));
  return `what was measured on ${vendor} devices${own ? ` with ${own}` : ''} took ${low} to ${high} times as long`;
}
