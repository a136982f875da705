import { csvLine } from '../core/csv.js';
import type { Target } from '../graph/targets.js';
import { DISPLAY } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { type Estimate, estimateOf, type Prediction } from '../surrogate/predictor.js';
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
export function columnsOf(target: Target): [string, string, string] {
  const name = columnOf(target),
    unit = name.slice(target.length);
  return [name, `low${unit}`, `high${unit}`];
}

/** A value of a target in the unit that people read, seven digits. */
export const inDisplay = (value: number, target: Target): number => Number((value * DISPLAY[target].scale).toPrecision(7));

/** Seven digits in the unit of display: workload, value, low, high (null where nothing is known of the error), provenance. */
function cells({ value, low, high, provenance }: Estimate, id: string, target: Target): (string | number | null)[] {
  return [id, ...[value, low, high].map((v) => (v === null ? null : inDisplay(v, target))), provenance];
}

const headOf = (target: Target): string[] => ['workload', ...columnsOf(target), 'provenance'];

function records({ workloads, predictions, target, device, explained }: Predicted): object[] {
  const head = headOf(target);
  return predictions.map((prediction, i) => {
    const row = cells(estimateOf(prediction, target), workloads[i].id, target);
    const { warnings, assumptions } = prediction;
    return {
      ...Object.fromEntries(head.map((name, c) => [name, row[c]])),
      device,
      warnings,
      ...(assumptions.length ? { assumptions } : {}),
      ...(explained ? { operators: explained[i].operators } : {}),
    };
  });
}

export const PREDICTION_FORMATS = ['text', 'csv', 'json', 'jsonl'] as const;
export type PredictionFormat = (typeof PREDICTION_FORMATS)[number];

/** Writes predictions part by part, so that any number of them takes the memory of one part. The texts joined are one document. */
export interface PredictionWriter {
  /** text of the next part; the first one brings the head of the document */
  part(predicted: Predicted): string;
  /** what closes the document, after one part at least */
  end(): string;
}

const WRITERS: Record<PredictionFormat, () => PredictionWriter> = {
  text: () => ({ part: textLines, end: () => '' }),
  csv: csvWriter,
  json: jsonWriter,
  jsonl: () => ({ part: jsonLines, end: () => '' }),
};

/**
 * `csv`: columns `workload,latency_ms,low_ms,high_ms,provenance`, the unit that of the target; `json`: one array; `jsonl`: an object a line; `text`: for
 * people, a line a workload, then its operators where explained.
 */
export const predictionWriter = (format: PredictionFormat): PredictionWriter => WRITERS[format]();

function csvWriter(): PredictionWriter {
  let hasHead = false;
  return {
    part({ workloads, predictions, target }) {
      const rows = predictions.map((p, i) => cells(estimateOf(p, target), workloads[i].id, target).map((cell) => cell ?? ''));
      const [head, ...lines] = [headOf(target), ...rows].map(csvLine);
      const text = `${(hasHead ? lines : [head, ...lines]).join('\n')}\n`;
      hasHead = true;
      return text;
    },
    end: () => '',
  };
}

function jsonWriter(): PredictionWriter {
  let before = '[\n';
  return {
    part(predicted) {
      const items = records(predicted).map((record) => JSON.stringify(record, null, 1).replaceAll(/^/gm, ' '));
      const text = before + items.join(',\n');
      before = ',\n';
      return text;
    },
    end: () => '\n]\n',
  };
}

const jsonLines = (predicted: Predicted): string =>
  records(predicted)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');

function textLines({ workloads, predictions, target, explained }: Predicted): string {
  const { scale, unit } = DISPLAY[target],
    show = (v: number) => (v * scale).toPrecision(4);
  return predictions
    .map((prediction, i) => {
      const { value, low, high, provenance } = estimateOf(prediction, target);
      const interval = low === null || high === null ? '' : `  [${show(low)}, ${show(high)}]`,
        line = `${workloads[i].id}  ${show(value)} ${unit}${interval}  ${provenance}\n`;
      return explained ? `${line}${explained[i].text}\n` : line;
    })
    .join('');
}
