import { csvText } from '../core/csv.js';
import type { Target } from '../graph/targets.js';
import { DISPLAY } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { type IntervalEstimate, intervalsOf, type Prediction } from '../surrogate/predictor.js';
import type { Explained } from './explain.js';

/** Predictions of one target on one device, in the order of their workloads. */
export interface Predicted {
  workloads: readonly Workload[];
  predictions: readonly Prediction[];
  target: Target;
  device: string;
  /** one a workload, where asked for */
  explained?: readonly Explained[];
}

/** Column of a target in files: `latency_ms`, `energy_mj`, .. */
const columnOf = (target: keyof typeof DISPLAY): string => {
  const { unit } = DISPLAY[target];
  return /^(ms|mJ|W|MB)$/.test(unit) ? `${target}_${unit.toLowerCase()}` : target;
};

/** Names of value and interval with their unit: `latency_ms`, `low_ms`, `high_ms`. */
function columnsOf(target: Target): [string, string, string] {
  const name = columnOf(target),
    unit = name.slice(target.length);
  return [name, `low${unit}`, `high${unit}`];
}

/** Seven digits in the unit of display: workload, value, low, high, provenance. */
function cells({ value, low, high, provenance }: IntervalEstimate, id: string, target: Target): (string | number)[] {
  const digits = (v: number) => Number((v * DISPLAY[target].scale).toPrecision(7));
  return [id, digits(value), digits(low), digits(high), provenance];
}

const headOf = (target: Target): string[] => ['workload', ...columnsOf(target), 'provenance'];

function records({ workloads, predictions, target, device, explained }: Predicted): object[] {
  const head = headOf(target);
  return intervalsOf(predictions, target).map((estimate, i) => {
    const row = cells(estimate, workloads[i].id, target);
    return {
      ...Object.fromEntries(head.map((name, c) => [name, row[c]])),
      device,
      warnings: predictions[i].warnings,
      ...(explained ? { operators: explained[i].operators } : {}),
    };
  });
}

/** One JSON array. */
export const predictionsJson = (predicted: Predicted): string => `${JSON.stringify(records(predicted), null, 1)}\n`;

/** One JSON object a line. */
export const predictionsJsonl = (predicted: Predicted): string =>
  records(predicted)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');

/** Columns `workload,latency_ms,low_ms,high_ms,provenance`, the unit that of the target. */
export const predictionsCsv = ({ workloads, predictions, target }: Predicted): string =>
  `${csvText(
    headOf(target),
    intervalsOf(predictions, target).map((estimate, i) => cells(estimate, workloads[i].id, target)),
  )}\n`;

/** A line a workload for people, then its operators where explained. */
export function predictionsText({ workloads, predictions, target, explained }: Predicted): string {
  const { scale, unit } = DISPLAY[target],
    show = (v: number) => (v * scale).toPrecision(4);
  return intervalsOf(predictions, target)
    .map(({ value, low, high, provenance }, i) => {
      const line = `${workloads[i].id}  ${show(value)} ${unit}  [${show(low)}, ${show(high)}]  ${provenance}\n`;
      return explained ? `${line}${explained[i].text}\n` : line;
    })
    .join('');
}
