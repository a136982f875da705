import { HwcastError } from '../../../core/errors.js';
import { headText } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { textLines } from '../../source/textLines.js';
import type { ReadIssue, TraceReader, TraceRecord, TraceSource } from '../../traceReader.js';

/** Keys of a row that are no device. */
const NO_DEVICE = new Set(['id', 'graph', 'model', 'name']);
const MILLI = 1e-3;

/**
 * nn-Meter's datasets: a JSON line a network with its graph and its latency in milliseconds under the name of each device with its runtime
 * (`cortexA76cpu_tflite21`). Its tables of predictions and of kernel sizes hold no measurements, and say so.
 */
export const nnmeterDatasetReader: TraceReader = {
  format: 'nn-meter',
  detect(head) {
    const text = headText(head);
    return (
      isPredictions(text) ||
      isSizes(text) ||
      (/^\{\s*"(id|graph|[\w.]+_(tflite|openvino|onnx|tvm)\w*)"\s*:/i.test(text) && /"inbounds"\s*:/.test(text))
    );
  },
  read,
};

const isPredictions = (text: string): boolean => /^model_name, ?model_type, ?predictor,/.test(text);
const isSizes = (text: string): boolean =>
  /^(model,)?((input_h|input_w|input_hw|cin|cout|ks|stride|groups),?){2,}\r?\n/.test(text);

async function* read(source: TraceSource): AsyncGenerator<TraceRecord | ReadIssue> {
  refuseOthers(source);
  // loaded where a dataset is read: every command starts without the rules of model files
  const [{ modelOf }, { nnmeterGraph }] = await Promise.all([
    import('../../../graph/readers/nnmeter/nnmeterModel.js'),
    import('../../../graph/readers/nnmeter/nnmeterReader.js'),
  ]);
  let number = 0;
  for await (const line of textLines(source)) {
    number++;
    if (!line.trim()) continue;
    const where = `${source.name}, line ${number}`;
    try {
      const row = rowOf(line, where),
        model = modelOf(row, `line ${number}`, where),
        { graph } = nnmeterGraph(model, where, {});
      for (const [device, value] of Object.entries(row)) {
        if (NO_DEVICE.has(device)) continue;
        const latency = Number(value) * MILLI;
        if (value === null || typeof value === 'object' || !(latency > 0 && latency < Number.POSITIVE_INFINITY)) {
          yield { kind: 'issue', where, reason: 'latency is no positive number', count: 1, what: 'row' };
          continue;
        }
        yield {
          kind: 'network',
          framework: 'nn-meter',
          device: shownName(device),
          name: shownName(model.name)
            .replace(/[^\w.+-]+/g, '_')
            .slice(0, 80),
          graph,
          latencies: [latency],
          busy: [latency],
          steps: 'whole',
          coverage: 1,
        };
      }
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error;
      yield { kind: 'issue', where, reason: `network left out: ${error.message}`, count: 1, what: 'network' };
    }
  }
}

function rowOf(line: string, where: string): Record<string, unknown> {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (cause) {
    throw new HwcastError('corrupt', 'not whole JSON', { where, cause });
  }
  if (typeof row !== 'object' || row === null || !('graph' in row))
    throw new HwcastError('bad-input', "no row of nn-Meter's dataset: it has no graph", { where });
  return row as Record<string, unknown>;
}

/** @throws HwcastError `unsupported` for files of nn-Meter without measurements */
function refuseOthers({ name, head }: TraceSource): void {
  const text = headText(head);
  if (isPredictions(text))
    throw new HwcastError(
      'unsupported',
      'this is a table of what nn-Meter predicts (reference latencies): datasets are of measurements',
      {
        where: name,
        hint: "nn-Meter's dataset has a JSON line a network, with its graph and measured latencies",
      },
    );
  if (isSizes(text))
    throw new HwcastError('unsupported', "this is nn-Meter's list of kernel sizes, which holds no latency", { where: name });
}
