import { HYPOTHESES, type Hypothesis, type RooflineOptions, roofline, rooflineTimes } from '../analytical/roofline.js';
import { closeNames, HwcastError } from '../core/errors.js';
import { CATALOGUE } from '../device/catalogue.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import { DTYPE_BYTES, type Dtype, type OpGraph } from '../graph/opGraph.js';
import type { Target } from '../graph/targets.js';
import { UNITS } from '../graph/targets.js';
import { workloadGraph } from '../graph/workload.js';
import type { RunSetting } from '../surrogate/operatorSum/machine.js';
import { type Prediction, type Predictor, singleTarget } from '../surrogate/predictor.js';
import { kernelRoofline } from './kernelRoofline.js';
import { GPU_POWER_SHARE, RUNTIME_RATIOS } from './measuredRatios.js';
import { kindsFor, logRange, mixtureRange, productRange, type Range, type RuntimeRatio, rangeOn } from './ratioInterval.js';
import type { UnmeasuredSetting } from './unmeasuredSetting.js';

export interface RooflinePredictorOptions {
  batch?: number;
  dtype?: Dtype;
  /** kind of runtime, by words of it: `eager`, `pytorch cuda graph`, `ncnn`; all that fit the device unless told */
  condition?: string;
  /** measured latency / roofline by kind of runtime; the committed ones unless told */
  ratios?: readonly RuntimeRatio[];
  /** what a model knows of the device in settings that were not measured; it stands in the place of the roofline */
  learned?: (setting: RunSetting) => UnmeasuredSetting | undefined;
}

/** How a device runs the graphs of model files in a kind of runtime; graphs are in fp32, whatever they run in. */
const settingOf = (spec: DeviceSpec, kind: string, dtype: Dtype = 'fp32'): RunSetting => {
  const words = kind.split(' ');
  return { hardware: spec.name, framework: words[0], execution: words.at(-1), dtype, batch: 1 };
};

/** A kind of runtime that sums over operators were learned of on the device. */
interface LearnedKind extends UnmeasuredSetting {
  kind: string;
}

/** Those of the kinds of runtime. */
const learnedKinds = (
  spec: DeviceSpec,
  ratios: readonly RuntimeRatio[],
  { learned, dtype }: RooflinePredictorOptions,
): LearnedKind[] =>
  ratios.flatMap(({ kind }) => {
    const of = learned?.(settingOf(spec, kind, dtype));
    return of ? [{ ...of, kind }] : [];
  });

/** What is said of them. */
const basisOfLearned = (spec: DeviceSpec, learned: readonly LearnedKind[]): string[] =>
  learned.map(
    ({ kind, tasks }) =>
      `${kind}: sum over operators, ${tasks.length ? `as in ${tasks.join(', ')}` : `learned on ${spec.name} in other element types`}`,
  );

/** Whether a graph is in single precision, as those that sums were learned from. */
const isSingle = ({ nodes }: OpGraph): boolean =>
  nodes.every(({ dtype, attrs }) => !NARROW.has(dtype) && attrs.weightDtype === undefined && attrs.computeDtype === undefined);
const NARROW: ReadonlySet<string> = new Set(['fp16', 'bf16', 'fp8', 'int8', 'uint8', 'int4']);

/** Share of the time of operators unlike any measured one beyond which a sum says no more than the roofline. */
const MOST_UNMEASURED = 0.5;

/** What a kind of runtime takes, and the ratio over devices that the roofline was multiplied by. */
interface TimesRatio {
  range: Range;
  ratio: RuntimeRatio;
}

/** Where value and interval come from, in one sentence. */
function basisOf(spec: DeviceSpec, ratios: readonly RuntimeRatio[]): string {
  const devices = new Set(ratios.flatMap((r) => Object.keys(r.devices))),
    kinds = ratios.map((r) => r.kind).join(', ');
  return `analytical roofline of ${spec.name} x measured / roofline on ${devices.size} device${devices.size === 1 ? '' : 's'}${devices.has(spec.name) ? ', this one among them' : ''} (${kinds}${ratios.length > 1 ? ': the interval covers all of these, --condition chooses' : ''})`;
}

/** The kinds of runtime that fit the device and what is said of it. @throws HwcastError `not-found` naming those there are */
function chosenRatios(spec: DeviceSpec, { condition, ratios = RUNTIME_RATIOS }: RooflinePredictorOptions): RuntimeRatio[] {
  const fitting = kindsFor(spec, ratios);
  const words = condition?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
  const chosen = fitting.filter(({ kind }) => words.every((word) => kind.split(' ').includes(word)));
  if (chosen.length) return chosen;
  throw new HwcastError(
    'not-found',
    `no kind of runtime '${condition}' was measured beside rooflines of devices like '${spec.name}'`,
    {
      hint: `leave the condition out, or one of ${fitting.map((r) => `'${r.kind}'`).join(', ')}`,
    },
  );
}

/**
 * Predictor of a device from its data sheet. Latency: roofline x measured ratio, over the kinds of runtime of such a processor, each as likely; of kinds that
 * `learned` knows on this very device the sum over operators. Energy: latency x
 * the power that was measured of GPUs under load, else thermal design power. Peak memory: of the compiled graph, up to twice the eager one.
 * `npx tsx bench/roofline-coverage.ts` prints how often the intervals hold.
 * @throws HwcastError `unsupported` for other targets, `not-found` for a condition that is no measured kind of runtime
 */
export function rooflinePredictor(spec: DeviceSpec, target: Target, options: RooflinePredictorOptions = {}): Predictor {
  if (target !== 'latency' && target !== 'energy' && target !== 'peak_memory')
    throw new HwcastError('unsupported', `the roofline gives latency, energy and peak_memory, not ${target}`);
  const ratios = chosenRatios(spec, options),
    known = learnedKinds(spec, ratios, options);
  return {
    name: 'roofline',
    predict: (workloads) =>
      workloads.map((w): Prediction => {
        const graph = workloadGraph(w, { batch: options.batch });
        const asked = (hypothesis: Hypothesis): RooflineOptions => ({ hypothesis, dtype: options.dtype });
        if (target === 'peak_memory') return peakMemoryOf(graph, spec, asked);
        // sums were learned from model files, and kernels compared on them
        const isKnown = w.graph !== undefined && isSingle(graph);
        const sums = ratios.map(({ kind }) => {
          const of = isKnown ? known.find((l) => l.kind === kind) : undefined,
            latency = of?.latencyOf(graph);
          return of && latency && latency.unmeasured <= MOST_UNMEASURED ? { of, latency } : undefined;
        });
        const rooflines = new Map(sums.every(Boolean) ? [] : HYPOTHESES.map((h) => [h, rooflineTimes(graph, spec, asked(h))]));
        const timesRatio = (ratio: RuntimeRatio): TimesRatio => {
          const kernels = isKnown && ratio.kernels && kernelRoofline(graph, settingOf(spec, ratio.kind, options.dtype)),
            of = kernels ? { ...ratio, ...ratio.kernels } : ratio;
          return { range: scaled(rangeOn(spec.name, of), kernels || rooflines.get(ratio.hypothesis)!.latency), ratio: of };
        };
        const rest = ratios.map((ratio, k) => (sums[k] ? undefined : timesRatio(ratio))),
          isRest = rest.some(Boolean),
          learned = sums.flatMap((s) => s?.of ?? []);
        const basis = [
          ...(isRest
            ? [
                basisOf(
                  spec,
                  rest.flatMap((r) => r?.ratio ?? []),
                ),
              ]
            : []),
          ...basisOfLearned(spec, learned),
        ];
        const warnings = [
          `no measurement of this ${learned.length ? 'setting' : 'device'}: ${basis.join('; ')}`,
          ...new Set([...[...rooflines.values()].flatMap((r) => r.warnings), ...sums.flatMap((s) => s?.latency.warnings ?? [])]),
        ];
        const time = mixtureRange(sums.map((s, k) => (s ? logRange(s.latency.log, s.latency.deviation) : rest[k]!.range)));
        const range = target === 'energy' ? energyRange(spec, time, warnings) : time;
        const estimate = {
          value: range.median,
          low: range.low,
          high: range.high,
          unit: UNITS[target],
          provenance: isRest || target === 'energy' ? ('analytical' as const) : ('surrogate' as const),
        };
        return singleTarget(target, estimate, warnings, graph.assumptions);
      }),
  };
}

const scaled = ({ median, low, high }: Range, by: number): Range => ({ median: median * by, low: low * by, high: high * by });

/** @param warnings gains what the power is. @throws HwcastError `unsupported` where the catalogue has no power */
function energyRange(spec: DeviceSpec, time: Range, warnings: string[]): Range {
  if (spec.tdp === undefined)
    throw new HwcastError('unsupported', `no power of '${spec.name}' in the catalogue, so no energy`, {
      hint: 'adapt a model with energy measurements of the device',
    });
  if (spec.kind === 'gpu') {
    warnings.push(
      `energy is time x ${(100 * GPU_POWER_SHARE.median).toFixed(0)} % of thermal design power, as measured on ${GPU_POWER_SHARE.devices.join(', ')}`,
    );
    return scaled(productRange(time, GPU_POWER_SHARE), spec.tdp);
  }
  warnings.push('energy is thermal design power x time, an upper bound at this time');
  return scaled(time, spec.tdp);
}

function peakMemoryOf(graph: OpGraph, spec: DeviceSpec, asked: (hypothesis: Hypothesis) => RooflineOptions): Prediction {
  const [eager, compiled] = HYPOTHESES.map((hypothesis) => roofline(graph, spec, asked(hypothesis)));
  const estimate = {
    value: Math.max(compiled.peakMemory, 1),
    low: Math.max(compiled.peakMemory / 2, 0.5),
    high: eager.peakMemory * 2,
    unit: UNITS.peak_memory,
    provenance: 'analytical' as const,
  };
  const warnings = [
    `no measurement of this device: weights and activations of the graph on ${spec.name}, from half of the compiled ones to twice the eager ones`,
    ...new Set([...eager.warnings, ...compiled.warnings]),
  ];
  return singleTarget('peak_memory', estimate, warnings, graph.assumptions);
}

/**
 * The roofline of a device by its catalogue name or dataset id (`titan_rtx_256`: that card at batch 256).
 * @throws HwcastError `not-found` naming close matches, also among `otherNames`, or as `rooflinePredictor`.
 */
export function rooflineOfDevice(
  device: string,
  target: Target,
  otherNames: readonly string[] = [],
  options: RooflinePredictorOptions = {},
): Predictor {
  const hardware = hardwareOfDevice(device);
  if (hardware) {
    const dtype = hardware.dtype && hardware.dtype in DTYPE_BYTES ? (hardware.dtype as Dtype) : undefined;
    return rooflinePredictor(hardware.spec, target, {
      ...options,
      batch: options.batch ?? hardware.batch,
      dtype: options.dtype ?? dtype,
    });
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
