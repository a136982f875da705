import { csvText } from '../../core/csv.js';
import type { FpgaPart } from '../../device/fpgaParts.js';
import type { HlsDesign } from '../../fpga/design/hlsDesign.js';
import { DESIGN_TARGETS, type DesignTarget } from '../../fpga/designTargets.js';
import { fits } from '../../fpga/fits.js';
import { type DesignPrediction, fpgaPower, partOfDesign, utilisation } from '../../fpga/fpgaPredictor.js';
import { plainTable } from '../plainTable.js';
import { COLUMN, CSV_HEAD, csvRow, LINE_TARGETS, percent, shownEstimate, span } from './designColumns.js';

/** Designs as predicted at one or more stages. */
export interface PredictedDesigns {
  designs: readonly HlsDesign[];
  /** by stage, each in the order of the designs */
  predictions: readonly (readonly DesignPrediction[])[];
  /** to compare with, instead of the one that each design names */
  part?: FpgaPart;
}

/** Designs shown one by one; more are a line each. */
const DETAILED = 8;

/** `each` of every design at every stage: all stages of the first design, then those of the next. */
const eachOf = <R>(
  { designs, predictions, part }: PredictedDesigns,
  each: (design: HlsDesign, prediction: DesignPrediction, part: FpgaPart | undefined) => R,
): R[] =>
  designs.flatMap((design, i) => {
    const compared = partOfDesign(design, part);
    return predictions.map((stage) => each(design, stage[i], compared));
  });

/** One row a design and stage: `CSV_HEAD`, then `totals`, which is `lower-bound` where a layer's cost is not counted, and `io`, the pins of its ports. */
export const designsCsv = (predicted: PredictedDesigns): string =>
  csvText(
    [...CSV_HEAD, 'totals', 'io'],
    eachOf(predicted, ({ id }, prediction, part) => [
      ...csvRow(id, prediction, fits(prediction, part).verdict),
      totalsOf(prediction),
      prediction.analysis.pins ?? '',
    ]),
  );

/** One JSON array, an object a design and stage: estimates by target, whether it fits, utilisation in percent, power, layers by the analytical core. */
export const designsJson = (predicted: PredictedDesigns): string =>
  JSON.stringify(
    eachOf(predicted, (design, prediction, part) => {
      const { stage, targets, analysis, warnings } = prediction,
        { verdict, reasons } = fits(prediction, part);
      return {
        id: design.id,
        part: part?.name ?? null,
        stage,
        ...Object.fromEntries(DESIGN_TARGETS.map((t) => [COLUMN[t], shownEstimate(targets[t])])),
        io: analysis.pins ?? null,
        feasible: verdict,
        totals: totalsOf(prediction),
        assumptions: design.assumptions,
        reasons,
        utilisation: part ? utilisation(targets, part) : null,
        power: fpgaPower(design, targets, part) ?? null,
        layers: analysis.layers,
        warnings,
      };
    }),
    null,
    2,
  );

/** Tables for people: of few designs layers and targets of each, of many a line a design and stage. */
export function designsText(predicted: PredictedDesigns): string {
  const { designs, predictions, part } = predicted;
  if (designs.length > DETAILED) return summary(predicted);
  return designs
    .flatMap((design, i) => {
      const compared = partOfDesign(design, part);
      return [
        ...headLines(design, compared),
        layerTable(predictions[0][i]),
        ...predictions.flatMap((stage) => stageLines(design, stage[i], compared)),
        '',
      ];
    })
    .join('\n')
    .trimEnd();
}

function headLines(design: HlsDesign, part: FpgaPart | undefined): string[] {
  const clock = design.clockS ? `, ${Number((design.clockS * 1e9).toPrecision(6))} ns` : '';
  return [
    `${design.id}${part ? ` on ${part.name}` : ''}: ${design.ioType}, ${design.strategy}${clock}`,
    '',
    'Layers, by the analytical core (csynth)',
  ];
}

function layerTable({ analysis }: DesignPrediction): string {
  const numbers = ['reuse', 'multipliers', 'lut', 'ff', 'dsp', 'bram18', 'latency', 'ii'];
  const reuse = ({ reuseFactor, reuseAsked }: DesignPrediction['analysis']['layers'][number]): string | number => {
    if (reuseFactor === undefined) return '';
    return reuseFactor === reuseAsked ? reuseFactor : `${reuseFactor} (asked ${reuseAsked})`;
  };
  return plainTable(
    ['layer', 'kind', ...numbers],
    analysis.layers.map((l) => [
      l.name,
      l.kind,
      reuse(l),
      l.multipliers,
      l.lut,
      Number.isNaN(l.ff) ? '' : l.ff,
      l.dsp,
      l.bram18,
      l.latencyMax,
      l.ii,
    ]),
    numbers,
  );
}

const totalsOf = ({ partial }: DesignPrediction): 'lower-bound' | 'whole' => (partial ? 'lower-bound' : 'whole');

/** A total, marked where it is a lower bound. Of DSP and BRAM logic synthesis may leave fewer than the counted layers have: 0 to 4 of up to 67 DSPs in 26 streaming CNNs. */
function atLeast({ targets, partial, stage }: DesignPrediction, target: DesignTarget): number | string {
  const { value } = targets[target];
  if (Number.isNaN(value)) return 'not known';
  if (!partial) return Math.round(value);
  const bound = stage === 'csynth' || (target !== 'dsp' && target !== 'bram18');
  return `${bound ? '>=' : 'counted'} ${Math.round(value)}`;
}

/** Verdict, targets and power of a design at one stage. */
function stageLines(design: HlsDesign, prediction: DesignPrediction, part: FpgaPart | undefined): string[] {
  const { stage, targets, partial } = prediction,
    { verdict, reasons } = fits(prediction, part),
    share: Record<string, number> = part ? utilisation(targets, part) : {};
  const right = ['predicted', '90 % interval', '% of part'];
  const rows = DESIGN_TARGETS.map((t) => [
    COLUMN[t],
    atLeast(prediction, t),
    span(targets[t]),
    t in share && !Number.isNaN(share[t]) ? percent(share[t]) : '',
    targets[t].provenance,
  ]);
  const power = partial ? undefined : fpgaPower(design, targets, part);
  const digits = (v: number) => v.toPrecision(3);
  return [
    '',
    `Whole design, ${stage}: ${verdict}`,
    ...reasons.map((r) => `  ${r}`),
    plainTable(['target', ...right, 'from'], [...rows, ...ioRow(prediction, part)], right),
    ...(power
      ? [
          `power ${digits(power.totalW)} W (static ${digits(power.staticW)}, dynamic ${digits(power.dynamicW)}), ${digits(power.energyJ * 1e6)} uJ an inference; analytical`,
        ]
      : []),
  ];
}

/** Pins of the ports, where they are told. */
function ioRow({ analysis }: DesignPrediction, part: FpgaPart | undefined): (string | number)[][] {
  const { pins } = analysis;
  if (pins === undefined) return [];
  return [['io', pins, '', part?.io === undefined ? '' : percent((100 * pins) / part.io), 'ports']];
}

function summary(predicted: PredictedDesigns): string {
  const numbers = LINE_TARGETS.map((t) => COLUMN[t]);
  return plainTable(
    ['design', 'stage', ...numbers, 'verdict'],
    eachOf(predicted, ({ id }, prediction, part) => [
      id,
      prediction.stage,
      ...LINE_TARGETS.map((t) => atLeast(prediction, t)),
      fits(prediction, part).verdict,
    ]),
    numbers,
  );
}
