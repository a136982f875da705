import type { GraphSummary } from '../analytical/graphSummary.js';
import { csvText } from '../core/csv.js';
import { plainTable } from './plainTable.js';

/** What `hwcast graph` knows of a model. */
export interface SummarisedModel {
  name: string;
  format: string;
  summary: GraphSummary;
}

/** An array of `{name, format, inputs, operators, params, macs, flops, weightBytes, peakActivationBytes, byOperator, opaque, assumptions}`. */
export const graphsJson = (models: readonly SummarisedModel[]): string =>
  JSON.stringify(
    models.map(({ name, format, summary }) => ({ name, format, ...summary })),
    null,
    2,
  );

const COLUMNS = ['model', 'operator', 'count', 'macs', 'flops', 'params', 'bytes', 'share_of_bytes'];

/** One row for each kind of operator of each model. */
export const graphsCsv = (models: readonly SummarisedModel[]): string =>
  csvText(
    COLUMNS,
    models.flatMap(({ name, summary }) =>
      summary.byOperator.map((o) => [
        name,
        o.operator,
        o.count,
        o.macs,
        o.flops,
        o.params,
        o.bytes,
        Number(o.shareOfBytes.toPrecision(6)),
      ]),
    ),
  );

const SCALES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** `4.09 G`; whole numbers below a thousand as they are. */
function scaled(value: number): string {
  const scale = SCALES.find(([size]) => value >= size);
  return scale ? `${(value / scale[0]).toPrecision(3)} ${scale[1]}` : String(value);
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toPrecision(4)} MiB`;
/** A share for people: `12.3 %`. */
export const percent = (share: number): string => (share > 0 && share < 0.0005 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`);

/** For people: what the model is, then its operators by kind. */
export const graphsText = (models: readonly SummarisedModel[]): string => models.map(modelText).join('\n\n');

function modelText({ name, format, summary }: SummarisedModel): string {
  const { inputs, byOperator, opaque, assumptions } = summary;
  const numbers = ['count', 'MACs', 'FLOPs', 'parameters', 'bytes', 'of bytes'];
  const rows = byOperator.map((o) => [
    o.operator,
    o.count,
    scaled(o.macs),
    scaled(o.flops),
    scaled(o.params),
    scaled(o.bytes),
    percent(o.shareOfBytes),
  ]);
  const unknown = opaque.map((o) => `${o.count} ${o.kind} (${percent(o.shareOfBytes)} of bytes)`).join(', ');
  return [
    `${name} (${format}): ${summary.operators} operators`,
    `inputs: ${inputs.map((i) => `${i.name} ${i.shape.join('x') || 'scalar'} ${i.dtype}`).join(', ') || 'none'}`,
    `${scaled(summary.macs)} MACs (FLOPs = 2 x MACs: ${scaled(summary.flops)}), ${summary.params.toLocaleString('en')} parameters`,
    `weights ${mebibytes(summary.weightBytes)}, activations ${mebibytes(summary.peakActivationBytes)} at most at one time`,
    ...(unknown ? [`not known: ${unknown}`] : []),
    ...assumptions.map((a) => `assumed: ${a}`),
    '',
    plainTable(['operator', ...numbers], rows, numbers),
  ].join('\n');
}
