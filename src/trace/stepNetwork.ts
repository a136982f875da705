import type { MappedOp } from '../graph/operatorText.js';
import { issueAt } from './issueAt.js';
import { networkName } from './networkName.js';
import type { TimelineSteps } from './timeline/timelineSteps.js';
import { LEAST_COVERAGE, tracedGraph } from './tracedGraph.js';
import type { Framework, NetworkRecord, ReadIssue } from './traceReader.js';

const MICRO = 1e-6;

/** An operator of a step. */
export interface StepUnit {
  /** the operator, or the reason why it cannot be used */
  mapped: MappedOp | string;
  /** equal for equal operators on equal shapes */
  signature: string;
  /** device time, microseconds */
  time: number;
}

/** One run of the whole network. Times in microseconds. */
export interface NetworkStep {
  units: readonly StepUnit[];
  /** time of device work of the step that no operator launched */
  lost: number;
  latency: number;
  busy: number;
  /** the profiler itself took more than 1 % of it */
  disturbed: boolean;
  /** an event of it could not be read, or may be one of it: its time is not known */
  damaged: boolean;
  /** the longest call that kept the host for more than 1 ms and a tenth of the step while the device idled: libraries and kernels being loaded */
  stall: number;
}

export interface NetworkSteps {
  how: TimelineSteps['how'];
  steps: NetworkStep[];
}

/** The network most steps ran; steps of other operators or shapes, and those whose time is not the network's, are an issue. */
export function* stepNetwork(
  { how, steps }: NetworkSteps,
  framework: Framework,
  device: string | null,
  source: string,
): Generator<NetworkRecord | ReadIssue> {
  if (!steps.length) return;
  const skip = issueAt(source);
  const whole = steps.filter((s) => !s.damaged);
  if (whole.length < steps.length) yield skip('step', steps.length - whole.length, 'step of which an event is lost');
  const [main, ...others] = bySignature(whole);
  if (!main) return;
  const other = others.reduce((n, g) => n + g.length, 0);
  if (other) yield skip('step', other, 'step that ran other operators or shapes than most');
  const warm = main.filter((s) => !s.stall);
  if (warm.length < main.length) {
    const worst = main.reduce((a, b) => (b.stall > a.stall ? b : a)),
      ms = (us: number) => (us / 1e3).toFixed(1);
    yield skip(
      'step',
      main.length - warm.length,
      `first iteration: the device idled while one call took ${ms(worst.stall)} of ${ms(worst.latency)} ms (libraries and kernels are loaded); profile after warm-up`,
    );
  }
  const undisturbed = warm.filter((s) => !s.disturbed);
  if (undisturbed.length && undisturbed.length < warm.length)
    yield skip('step', warm.length - undisturbed.length, 'step during which the profiler allocated buffers');
  const used = undisturbed.length ? undisturbed : warm;
  if (!used.length) return;
  const coverage = coverageOf(used);
  if (!(coverage >= LEAST_COVERAGE)) {
    const share = Math.floor(100 * (coverage || 0));
    yield skip(
      'network',
      1,
      `network left out: operators with shapes account for ${share} % of its device time, ${100 * LEAST_COVERAGE} % are needed`,
    );
    return;
  }
  yield {
    kind: 'network',
    framework,
    device,
    name: networkName(source),
    graph: tracedGraph(used[0].units.flatMap((u) => (typeof u.mapped === 'string' ? [] : [u.mapped]))),
    latencies: used.map((s) => s.latency * MICRO),
    busy: used.map((s) => s.busy * MICRO),
    steps: how,
    coverage,
  };
}

/** Steps of the same operators on the same shapes; most first. */
function bySignature(steps: readonly NetworkStep[]): NetworkStep[][] {
  const groups = new Map<string, NetworkStep[]>();
  for (const step of steps) {
    const signature = step.units.map((u) => u.signature).join('\n'),
      group = groups.get(signature);
    if (group) group.push(step);
    else groups.set(signature, [step]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/** Share of the device time of steps that usable operators account for. */
function coverageOf(steps: readonly NetworkStep[]): number {
  let usable = 0,
    all = 0;
  for (const { units, lost } of steps) {
    all += lost;
    for (const u of units) {
      all += u.time;
      if (typeof u.mapped !== 'string') usable += u.time;
    }
  }
  return usable / all;
}
