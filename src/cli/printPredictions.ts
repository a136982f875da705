import { once } from 'node:events';
import { HwcastError } from '../core/errors.js';
import type { Task } from '../dataset/dataset.js';
import { explain } from '../present/explain.js';
import type { PredictionWriter } from '../present/predictionView.js';
import type { Prediction, Predictor } from '../surrogate/predictor.js';
import { note } from './progress.js';
import { type PlacedWorkload, placedError } from './workloadInput.js';

/** Different warnings that are shown; a long input may have one a network. */
const MOST_NOTES = 50;

interface Printing {
  task: Task;
  writer: PredictionWriter;
  /** also the roofline of each operator, of so many images a batch */
  explained?: { batch: number | undefined } | undefined;
  /** tells warnings and assumptions on stderr, each once */
  notes: boolean;
}

/**
 * Predicts batch after batch and prints each to stdout before the next is read, waiting where stdout is slow.
 * @throws HwcastError of the predictor, naming the line of the workload that it refuses; the predictions before it are printed
 */
export async function printPredictions(
  batches: AsyncIterable<PlacedWorkload[]>,
  predictor: Predictor,
  { task, writer, explained, notes }: Printing,
): Promise<void> {
  const { target, device } = task;
  const told = notes ? noteOnce('--jsonl') : undefined;
  const print = async (placed: readonly PlacedWorkload[], predictions: readonly Prediction[]) => {
    if (!placed.length) return;
    const workloads = placed.map((p) => p.workload);
    const operators = explained && workloads.map((w) => explain(w, device, explained.batch));
    await write(writer.part({ workloads, predictions, target, device, explained: operators }));
    told?.add(predictions);
  };
  try {
    for await (const placed of batches) {
      const { predictions, refusal } = predictPlaced(predictor, placed);
      await print(placed.slice(0, predictions.length), predictions);
      if (refusal) throw refusal;
    }
    await write(writer.end());
  } finally {
    told?.end();
  }
}

/** The predictions of a batch; up to the first workload that the predictor refuses, where it does, and why. */
function predictPlaced(
  predictor: Predictor,
  placed: readonly PlacedWorkload[],
): { predictions: Prediction[]; refusal?: HwcastError } {
  try {
    return { predictions: predictor.predict(placed.map((p) => p.workload)) };
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    const predictions: Prediction[] = [];
    for (const { workload, where } of placed) {
      try {
        predictions.push(...predictor.predict([workload]));
      } catch (cause) {
        if (!(cause instanceof HwcastError)) throw cause;
        return { predictions, refusal: placedError(cause, where) };
      }
    }
    throw error;
  }
}

async function write(text: string): Promise<void> {
  if (text && !process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Warnings and assumptions on stderr once all is printed: each once, and of more than are worth reading their number; `flag` shows them all. */
export function noteOnce(flag: string): {
  add(predictions: readonly Pick<Prediction, 'warnings' | 'assumptions'>[]): void;
  end(): void;
} {
  const lines = new Set<string>();
  let more = 0;
  return {
    add(predictions) {
      for (const { warnings, assumptions } of predictions)
        for (const line of [...warnings.map((w) => `warning: ${w}`), ...assumptions.map((a) => `assumed: ${a}`)])
          if (!lines.has(line)) {
            if (lines.size < MOST_NOTES) lines.add(line);
            else more++;
          }
    },
    end() {
      for (const line of lines) note(line);
      if (more) note(`warning: ${more} further warnings; ${flag} shows each with its workload`);
    },
  };
}
