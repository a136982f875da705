import { csvText } from '../../core/csv.js';
import type { Exploration, ReuseStep, Setting } from '../../fpga/explore/explore.js';
import { plainTable } from '../plainTable.js';
import { COLUMN, LINE_TARGETS, shownEstimate } from './designColumns.js';

const NAMES = LINE_TARGETS.map((t) => COLUMN[t]);
/** `lat_max` is `latMax`: names of JSON that scripts read. */
const JSON_NAMES = NAMES.map((name) => name.replace(/_m/, 'M'));
/** Rows of the front, and steps, that a page of text shows at most. */
const ROWS = 25;

/** Some settings of an exploration, a row each: reuse and width of every layer, then what it costs. */
export const settingsCsv = ({ layers }: Exploration, settings: readonly Setting[]): string =>
  csvText(
    [...layers.flatMap((l) => [`${l}.reuse`, `${l}.bits`]), ...NAMES, 'tightest_percent', 'feasible', 'within_budget', 'front'],
    settings.map((s) => [
      ...s.reuse.flatMap((reuse, l) => [reuse, s.bits[l]]),
      ...valuesOf(s),
      s.tightest.toPrecision(4),
      s.verdict,
      s.fits,
      s.front,
    ]),
  );

/** The front as one JSON object, with the steps at which more reuse costs more. */
export const explorationJson = ({ layers, grid, settings, front, steps, warnings }: Exploration): string =>
  JSON.stringify(
    {
      layers,
      grid,
      evaluated: settings.length,
      front: front.map((s) => ({
        reuse: s.reuse,
        bits: s.bits,
        tightestPercent: s.tightest,
        ...Object.fromEntries(LINE_TARGETS.map((t, i) => [JSON_NAMES[i], shownEstimate(s.prediction.targets[t])])),
      })),
      steps,
      warnings,
    },
    null,
    2,
  );

/** A page for people: the front on the part of that name, thinned out where it is long, and the steps at which more reuse costs more. */
export function explorationText({ layers, grid, settings, front, steps }: Exploration, part: string): string {
  const every = Math.max(1, Math.ceil(front.length / ROWS)),
    shown = front.filter((_, i) => i % every === 0 || i === front.length - 1),
    thinned = every > 1 ? `; ${shown.length} shown, --out FOLDER or --csv gives all` : '',
    numbers = [...NAMES, 'tightest %'];
  const lines = [
    `Pareto front on ${part}: ${front.length} of ${settings.filter((s) => s.fits).length} settings that fit, ${settings.length} evaluated, grid of ${grid}${thinned}`,
    `reuse and bits: ${layers.join('/')}`,
    plainTable(
      ['reuse', 'bits', ...numbers],
      shown.map((s) => [s.reuse.join('/'), s.bits.join('/'), ...valuesOf(s), s.tightest.toPrecision(3)]),
      numbers,
    ),
  ];
  const merged = mergedSteps(steps);
  if (merged.length) {
    lines.push('', 'Steps where more reuse costs more:');
    for (const { layer, from, to, changes, why } of merged.slice(0, ROWS))
      lines.push(`  ${layer}, reuse ${from} -> ${to}: ${changes.join('; ')}`, `      ${why}`);
    if (merged.length > ROWS) lines.push(`  and ${merged.length - ROWS} more (--json)`);
  }
  return lines.join('\n');
}

const valuesOf = (s: Setting): number[] => LINE_TARGETS.map((t) => Math.round(s.prediction.targets[t].value));

interface MergedStep extends Pick<ReuseStep, 'layer' | 'from' | 'to' | 'why'> {
  changes: string[];
}

/** The steps of one layer and one change of reuse as one entry; widths that change alike share a line. */
function mergedSteps(steps: readonly ReuseStep[]): MergedStep[] {
  const merged = new Map<string, MergedStep>();
  for (const { layer, from, to, why, resource, before, after, bits } of steps) {
    const key = `${layer} ${from} ${to} ${why}`,
      entry = merged.get(key) ?? { layer, from, to, changes: [], why };
    entry.changes.push(`${resource} ${Math.round(before)} -> ${Math.round(after)} at ${bits} bits`);
    merged.set(key, entry);
  }
  return [...merged.values()];
}
