import { mean, median, spearman } from '../../src/core/statistics.js';
import { type RooflinePredictorOptions, rooflinePredictor } from '../../src/networks/rooflinePredictor.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';
import type { KernelRatioRow } from './kernelRatioRows.js';
import { grouped, KINDS, type RatioRow } from './ratioRows.js';
import { kernelRatios, summariseRatios } from './summariseRatios.js';

interface Score {
  /** share: median of |predicted - measured| / measured */
  error: number;
  /** mean over configurations */
  spearman: number;
  /** share of values inside the interval */
  inside: number;
  /** median of high / low */
  width: number;
}

/** How the roofline alone does on one device under one kind of runtime. */
export interface RooflineScore extends Score {
  kind: string;
  dataset: string;
  device: string;
  /** values */
  n: number;
  /** the same where the kind of runtime is told; absent where no other device was measured with it */
  told?: Score;
}

/** Scores with the ratios of the other devices. */
export function rooflineScores(rows: readonly RatioRow[], kernelRows: readonly KernelRatioRow[]): RooflineScore[] {
  const scores: RooflineScore[] = [];
  for (const [device, ofDevice] of grouped(rows, (r) => r.device)) {
    const isOther = (r: { device: string }) => r.device !== device,
      ratios = summariseRatios(rows.filter(isOther), kernelRows.filter(isOther));
    for (const asked of grouped(ofDevice, (r) => `${r.kind}/${r.dataset}`).values()) {
      const [{ kind, dataset }] = asked;
      scores.push({
        kind,
        dataset,
        device,
        n: asked.length,
        ...scoreOf(asked, { ratios }),
        ...(ratios.some((r) => r.kind === kind) ? { told: scoreOf(asked, { ratios, condition: kind }) } : {}),
      });
    }
  }
  return scores;
}

function scoreOf(rows: readonly RatioRow[], options: RooflinePredictorOptions): Score {
  const predicted = rows.map((row) => {
    const predictor = rooflinePredictor(row.spec, 'latency', { ...options, dtype: row.dtype });
    return { row, ...intervalsOf(predictor.predict([{ id: 'asked', graph: row.graph }]), 'latency')[0] };
  });
  return scoresOf(predicted);
}

/** A range beside what was measured. */
interface Said {
  row: { configuration: string; latency: number };
  value: number;
  low: number;
  high: number;
}

function scoresOf(predicted: readonly Said[]): Score {
  const correlations = [...grouped(predicted, (p) => p.row.configuration).values()].map((same) =>
    spearman(
      same.map((p) => p.value),
      same.map((p) => p.row.latency),
    ),
  );
  return {
    error: median(predicted.map((p) => Math.abs(p.value / p.row.latency - 1))),
    spearman: mean(correlations),
    inside: mean(predicted.map((p) => (p.low <= p.row.latency && p.row.latency <= p.high ? 1 : 0))),
    width: median(predicted.map((p) => p.high / p.low)),
  };
}

/** How rooflines of kernels do on one device under one kind of runtime, times the ratio of the other devices. */
export function kernelScores(rows: readonly KernelRatioRow[]): RooflineScore[] {
  return [...grouped(rows, (r) => r.device)].flatMap(([device, ofDevice]) => {
    const ratios = kernelRatios(rows.filter((r) => r.device !== device));
    return [...grouped(ofDevice, (r) => `${r.kind}/${r.dataset}`).values()].flatMap((asked) => {
      const [{ kind, dataset }] = asked,
        ratio = ratios.get(kind);
      if (!ratio) return [];
      const said = asked.map((row) => ({
        row,
        value: ratio.median * row.roofline,
        low: ratio.low * row.roofline,
        high: ratio.high * row.roofline,
      }));
      return [{ kind, dataset, device, n: asked.length, ...scoresOf(said) }];
    });
  });
}

/** Those scores as a Markdown table, one device a line. */
export const kernelTable = (scores: readonly RooflineScore[]): string =>
  [
    '| runtime | device | dataset | values | median error | Spearman | inside | high / low |',
    `|${'---|'.repeat(8)}`,
    ...scores.map((s) => `| ${[s.kind, s.device, s.dataset, s.n, ...cells([s])].join(' | ')} |`),
    `| ${['all', 'all', 'all', scores.reduce((n, s) => n + s.n, 0), ...cells(scores)].join(' | ')} |`,
  ].join('\n');

const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;

function cells(scores: readonly Score[]): string[] {
  const average = (key: keyof Score) => mean(scores.map((s) => s[key]));
  return scores.length
    ? [percent(average('error')), average('spearman').toFixed(2), percent(average('inside')), average('width').toFixed(0)]
    : ['', '', '', ''];
}

/** The scores as a Markdown table: means over devices. */
export function scoreTable(scores: readonly RooflineScore[]): string {
  const byKind = [...grouped(scores, (s) => `${s.kind} | ${s.dataset}`)];
  const order = ([, [{ kind }]]: (typeof byKind)[number]) => KINDS.indexOf(kind);
  const line = (name: string, of: readonly RooflineScore[]): string => {
    const values = of.reduce((n, s) => n + s.n, 0),
      told = of.flatMap((s) => s.told ?? []);
    return `| ${[name, of.length, values, ...cells(of), ...cells(told)].join(' | ')} |`;
  };
  return [
    '| runtime | dataset | devices | values | median error | Spearman | inside | high / low | told: error | Spearman | inside | high / low |',
    `|${'---|'.repeat(12)}`,
    ...byKind.sort((a, b) => order(a) - order(b)).map(([name, of]) => line(name, of)),
    line('all | all', scores),
  ].join('\n');
}
