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

/** Bands of a framework on a maker's device; what was measured of its release of 2024 holds for it too. On makers that its constants were not fitted to nothing is known of its queue. */
export function servingBands(framework: Framework, vendor: string): ServingBands {
  const { ttftBand, tpotBand, requestBand, energyBand, queue } = SERVING[framework];
  if (SERVED_MAKERS.includes(vendor))
    return {
      ...{ ttft: ttftBand, tpot: tpotBand, request: requestBand, energy: energyBand },
      queue: queue?.band ?? null,
      assumptions: [],
    };
  const { ttft, request: of } = ELSEWHERE[vendor] ?? ELSEWHERE.other,
    request = of[framework] ?? of[`${framework}-2024` as Framework] ?? of.any,
    [low, high] = request.map((v) => Number(v.toPrecision(2))),
    whose = vendor in ELSEWHERE ? `${vendor} devices` : 'devices of other makers';
  return {
    ...{ ttft, tpot: request, request, energy: energyBand, queue: null },
    assumptions: [
      `${framework} as on ${SERVED_MAKERS.join(' and ')} devices, whose kernels it brings along: served models on ${whose} took ${low} to ${high} times as long; --measured corrects that`,
    ],
  };
}
