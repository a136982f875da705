import { kept } from '../core/kept.js';
import { mean, median, standardDeviation } from '../core/statistics.js';
import type { CaseGroup } from './evaluationCase.js';
import { type ResultRow, type RowPlace, type RunStamp, resultRow, type ScoreValues } from './resultRow.js';
import type { Scoring } from './scoring.js';

interface Entry {
  place: RowPlace;
  scoring: Scoring;
  ceiling?: number;
  /** scores of each draw */
  scores: ScoreValues[];
  draws: number;
  devices: Set<string>;
}

/** What is averaged: the scores of a method in a place. `draws`: how many draws the scores are means of. */
interface Scored {
  scoring: Scoring;
  scores: ScoreValues;
  ceiling?: number;
  draws?: number;
}

/** Collects the scores of draws and averages them into rows, in the order in which places came first. */
export class RowTable {
  private readonly entries = new Map<string, Entry>();
  constructor(private readonly across?: CaseGroup['across']) {}

  add(place: RowPlace, { scoring, scores, ceiling, draws = 1 }: Scored): void {
    const shared = typeof this.across === 'object' ? { ...place, device: '' } : place;
    const entry = kept(
      this.entries,
      JSON.stringify(shared),
      (): Entry => ({
        place: shared,
        scoring,
        ceiling,
        scores: [],
        draws: 0,
        devices: new Set(),
      }),
    );
    entry.scores.push(scores);
    entry.draws += draws;
    entry.devices.add(place.device);
  }

  rows(stamp: RunStamp): ResultRow[] {
    const averaged = [...this.entries.values()].map((entry) => ({ ...entry, means: averageOfDraws(entry) }));
    if (typeof this.across === 'object') {
      const { pooled } = this.across;
      for (const entry of averaged) {
        entry.draws /= entry.devices.size;
        entry.place = { ...entry.place, device: pooled(entry.devices.size) };
      }
    }
    const devices = [...averaged];
    if (this.across === 'mean' || this.across === 'mean and median') averaged.push(...overDevices(devices, 'all', mean));
    if (this.across === 'mean and median') averaged.push(...overDevices(devices, 'median of all', median));
    return averaged.map(({ place, scoring, means, draws, ceiling }) =>
      resultRow(place, { ...scoring.columns(means), draws, ceiling, ofCounts: scoring.ofCounts }, stamp),
    );
  }
}

/** Mean of each score over those draws that have it, and the spread of the one that the scoring names. */
function averageOfDraws({ scores, scoring }: Entry): ScoreValues {
  const means = meanOf(scores),
    { spread } = scoring;
  if (spread) means[`${spread}Sd`] = standardDeviation(scores.map((s) => s[spread] ?? Number.NaN));
  return means;
}

/** Means by column over what is known; NaN is a value, and what it touches is unknown. */
function meanOf(scores: readonly ScoreValues[], middle: (values: readonly number[]) => number = mean): ScoreValues {
  const means: ScoreValues = {};
  for (const column of new Set(scores.flatMap((s) => Object.keys(s) as (keyof ScoreValues)[]))) {
    const values = scores.map((s) => s[column]).filter((v): v is number => typeof v === 'number');
    means[column] = values.length ? middle(values) : null;
  }
  return means;
}

/** The mean, or median, over devices of each task that has several. */
function overDevices<E extends Entry & { means: ScoreValues }>(
  entries: readonly E[],
  device: string,
  middle: (values: readonly number[]) => number,
): E[] {
  const byTask = new Map<string, E[]>();
  for (const entry of entries) kept(byTask, JSON.stringify({ ...entry.place, device: '' }), () => []).push(entry);
  return [...byTask.values()]
    .filter((some) => some.length > 1)
    .map((some) => ({
      ...some[0],
      place: { ...some[0].place, device },
      draws: some.reduce((sum, entry) => sum + entry.draws, 0),
      means: meanOf(
        some.map((entry) => entry.means),
        middle,
      ),
    }));
}
