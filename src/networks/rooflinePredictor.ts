import { HYPOTHESES, type Hypothesis, type RooflineOptions, roofline, rooflineTimes } from '../analytical/roofline.js';
import { closeNames, HwcastError } from '../core/errors.js';
import { CATALOGUE } from '../device/catalogue.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import { DTYPE_BYTES, type Dtype } from '../graph/opGraph.js';
import type { Target } from '../graph/targets.js';
import { UNITS } from '../graph/targets.js';
import { workloadGraph } from '../graph/workload.js';
import { type Prediction, type Predictor, singleTarget } from '../surrogate/predictor.js';

/**
 * The interval runs from the compiled roofline divided by this to the eager one times it. `npx tsx bench/roofline-coverage.ts` prints the share of
 * the public latencies inside, per device with a data sheet.
 */
const FACTOR = 2.5;

/** What a reader of a value from a data sheet must know. */
const warningsOf = (spec: DeviceSpec, ...rooflines: readonly { warnings: readonly string[] }[]): string[] => [
  `no measurement of this device: analytical roofline of ${spec.name}, its interval spans compiled to eager execution and a factor of ${FACTOR} beyond`,
  ...new Set(rooflines.flatMap((r) => r.warnings)),
];

/** Predictor from a data sheet alone: the geometric mean of the eager and the compiled roofline. */
export function rooflinePredictor(spec: DeviceSpec, target: Target, options: { batch?: number; dtype?: Dtype } = {}): Predictor {
  if (target !== 'latency' && target !== 'energy' && target !== 'peak_memory')
    throw new HwcastError('unsupported', `the roofline gives latency, energy and peak_memory, not ${target}`);
  return {
    name: 'roofline',
    predict: (workloads) =>
      workloads.map((w): Prediction => {
        const graph = workloadGraph(w, { batch: options.batch });
        const asked = (hypothesis: Hypothesis): RooflineOptions => ({ hypothesis, dtype: options.dtype });
        if (target === 'peak_memory') {
          const [eager, compiled] = HYPOTHESES.map((hypothesis) => roofline(graph, spec, asked(hypothesis)));
          return singleTarget(
            target,
            {
              value: Math.max(compiled.peakMemory, 1),
              low: Math.max(compiled.peakMemory / 2, 0.5),
              high: eager.peakMemory * 2,
              unit: UNITS[target],
              provenance: 'analytical',
            },
            warningsOf(spec, eager, compiled),
            graph.assumptions,
          );
        }
        const [eager, compiled] = HYPOTHESES.map((hypothesis) => rooflineTimes(graph, spec, asked(hypothesis)));
        const warnings = warningsOf(spec, eager, compiled);
        const middle = Math.sqrt(eager.latency * compiled.latency);
        let value = middle;
        if (target === 'energy') {
          if (!eager.energy)
            throw new HwcastError('unsupported', `no power of '${spec.name}' in the catalogue, so no energy`, {
              hint: 'adapt a model with energy measurements of the device',
            });
          value *= eager.energy.high / eager.latency;
          warnings.push('energy is thermal design power x time, an upper bound at this time');
        }
        return singleTarget(
          target,
          {
            value,
            low: (value * compiled.latency) / middle / FACTOR,
            high: ((value * eager.latency) / middle) * FACTOR,
            unit: UNITS[target],
            provenance: 'analytical',
          },
          warnings,
          graph.assumptions,
        );
      }),
  };
}

/**
 * The roofline of a device by its catalogue name or dataset id (`titan_rtx_256`: that card at batch 256).
 * @throws HwcastError `not-found` naming close matches, also among `otherNames`.
 */
export function rooflineOfDevice(
  device: string,
  target: Target,
  otherNames: readonly string[] = [],
  options: { batch?: number; dtype?: Dtype } = {},
): Predictor {
  const hardware = hardwareOfDevice(device);
  if (hardware) {
    const dtype = hardware.dtype && hardware.dtype in DTYPE_BYTES ? (hardware.dtype as Dtype) : undefined;
    return rooflinePredictor(hardware.spec, target, { batch: options.batch ?? hardware.batch, dtype: options.dtype ?? dtype });
  }
  const close = closeNames(device, [...otherNames, ...CATALOGUE.map((d) => d.name)], 5);
  throw new HwcastError(
    'not-found',
    `unknown device '${device}': the model was not trained on it and the catalogue does not have it`,
    {
      hint: close.length
        ? `close names: ${close.join(', ')}; or adapt a model with measurements of it`
        : 'hwcast devices lists the catalogue; or adapt a model with measurements of it',
    },
  );
}
