import { kept } from '../core/kept.js';
import { mean } from '../core/statistics.js';
import type { CaseGroup, CaseMethod, EvaluationCase, Part } from './evaluationCase.js';
import type { ResultRow, RunStamp, Selection } from './resultRow.js';
import { RowTable } from './rowTable.js';
import type { Answer } from './scoring.js';

export interface RunOptions extends RunStamp {
  onProgress?(text: string): void;
}

/** What a method said in a draw, over all parts; answers by target. */
interface Sheet<W> {
  query: W[];
  answers: Map<string, Answer[]>;
}
/** Scores told while it runs, of each method. */
type Headlines = Map<string, number[]>;

/** Runs all cases of a group: the one place where supports are drawn, methods adapted, answers scored, and scores averaged into rows. */
export async function runGroup(group: CaseGroup, options: RunOptions): Promise<ResultRow[]> {
  const table = new RowTable(group.across);
  for (const evaluationCase of group.cases) await runCase(evaluationCase, table, options);
  return table.rows(options);
}

/** Every k, selection and draw of a case, then its ceiling. */
async function runCase<W>(evaluationCase: EvaluationCase<W>, table: RowTable, { onProgress }: RunOptions): Promise<void> {
  const { place, sizes, selections, targets, scoring, ceiling, headline } = evaluationCase;
  for (const k of sizes)
    for (const selection of k === 0 ? (['random'] as const) : selections) {
      const headlines: Headlines = new Map();
      for (let draw = 0; draw < evaluationCase.draws(k); draw++) {
        const sheets = await answeredDraw(evaluationCase.parts(draw, k), k, selection);
        scoreDraw(evaluationCase, sheets, { k, selection }, { table, headlines });
      }
      if (headline)
        onProgress?.(
          `  ${place.device} ${targets.join(', ')} k=${k} ${selection}: ${[...headlines].map(([name, all]) => `${name} ${mean(all).toFixed(3)}`).join(', ')}`,
        );
    }
  if (ceiling)
    for (const target of targets)
      table.add(
        { ...place, target, method: 'ceiling', k: ceiling.measurements, selection: 'random' },
        {
          scoring: { ...scoring, spread: undefined },
          scores: { spearman: ceiling.spearman, medianApe: ceiling.medianApe },
          ceiling: ceiling.spearman,
          draws: ceiling.draws,
        },
      );
}

/** Draws the supports of all parts, and asks all methods. */
async function answeredDraw<W>(parts: Iterable<Part<W>>, k: number, selection: Selection): Promise<Map<string, Sheet<W>>> {
  const sheets = new Map<string, Sheet<W>>();
  for (const part of parts) {
    const drawn = new Map<readonly W[], { support: readonly W[]; query: readonly W[] } | null>();
    const none: readonly W[] = [];
    for (const method of part.methods) {
      const isUsable = k >= (method.least ?? 0) && k <= (method.most ?? k);
      if (!isUsable || (method.references && selection === 'chosen')) continue;
      const split = kept(drawn, method.references ?? none, () => drawSupport(part, k, selection, method));
      if (!split) continue;
      const answers = await method.answer(split.support, split.query),
        sheet = kept(sheets, method.name, () => ({ query: [], answers: new Map() }));
      sheet.query.push(...split.query);
      for (const [target, list] of Object.entries(answers)) kept(sheet.answers, target, () => []).push(...list);
    }
  }
  return sheets;
}

/** k measured workloads, references included, and what is asked; null where there is too little to measure. */
function drawSupport<W>(part: Part<W>, k: number, selection: Selection, { references = [] }: CaseMethod<W>) {
  const candidates = part.candidates(k, references),
    more = k - references.length;
  if (!candidates) return null;
  const taken = selection === 'chosen' && part.choose ? part.choose(candidates, more) : candidates.slice(0, more);
  const support = [...references, ...taken];
  return { support, query: part.query(support) };
}

/** Scores of a draw, by slice, target and method. */
function scoreDraw<W>(
  { place, targets, slices, scoring, truth, ceiling, headline }: EvaluationCase<W>,
  sheets: ReadonlyMap<string, Sheet<W>>,
  drawn: { k: number; selection: Selection },
  { table, headlines }: { table: RowTable; headlines: Headlines },
): void {
  const positions = new Map(
    [...sheets].map(([method, { query }]) => [method, new Map(query.map((workload, i) => [workload, i]))]),
  );
  for (const slice of slices ?? [undefined])
    for (const target of targets)
      for (const [method, { query, answers }] of sheets) {
        const all = answers.get(target);
        if (!all) continue;
        const members = (slice?.members ?? query).flatMap((workload) => {
          const value = truth(workload, target);
          return value === undefined ? [] : [{ value, answer: all[positions.get(method)!.get(workload)!] }];
        });
        if (!members.length) continue;
        const scores = scoring.score(
          members.map((m) => m.answer),
          members.map((m) => m.value),
        );
        if (headline) kept(headlines, method, () => []).push(scores[headline] ?? Number.NaN);
        table.add({ ...place, ...slice?.place, target, method, ...drawn }, { scoring, scores, ceiling: ceiling?.spearman });
      }
}
