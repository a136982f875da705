import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { mean as average, standardDeviation } from '../core/statistics.js';
import { intervalsOf, type SupportRow } from '../surrogate/predictor.js';
import { ceiling } from './ceiling.js';
import type { EvaluationCase, TestTask } from './evaluationCase.js';
import { caseContext, EVALUATION_METHODS } from './evaluationMethods.js';
import type { ResultRow } from './resultRow.js';
import { type Scores, scores } from './scores.js';

export type Selection = 'random' | 'chosen';

export interface RunOptions {
  methods: readonly string[];
  /** total numbers of measurements, reference networks included */
  k: readonly number[];
  selections: readonly Selection[];
  draws: number;
  seed: number;
  command: string;
  measuredAt: string;
  checkpoints?: string;
  /** networks predicted in each draw: a random part of larger query pools */
  queries?: number;
  /** networks among which the support is chosen */
  candidates?: number;
  onProgress?(text: string): void;
}

/** Runs all methods on one case: each is trained once, then adapted to every test task for every k, selection and draw. The same draws for all methods. */
export async function runCase(c: EvaluationCase, options: RunOptions): Promise<ResultRow[]> {
  const { draws, seed, onProgress } = options,
    rows: ResultRow[] = [];
  onProgress?.(
    `${c.protocol} ${c.space} ${c.task}: ${c.train.length} training tasks, ${c.test.length} test tasks${c.missing.length ? `; not in the data: ${c.missing.join(', ')}` : ''}`,
  );
  if (!c.train.length || !c.test.length) return rows;
  const context = caseContext(c, seed, options);
  const fitted = [];
  for (const name of options.methods) {
    const method = Object.hasOwn(EVALUATION_METHODS, name) ? EVALUATION_METHODS[name] : undefined;
    if (!method)
      throw new HwcastError('not-found', `no method '${name}'`, { hint: `one of ${Object.keys(EVALUATION_METHODS).join(', ')}` });
    fitted.push({ method, predictor: await method.fit(context) });
  }
  for (const test of c.test) {
    const top = ceiling(context.map, c, test);
    const common = {
      protocol: c.protocol,
      space: c.space,
      task: c.task,
      device: test.device,
      target: test.target,
    };
    const origin = { ceiling: top.spearman, measuredAt: options.measuredAt, command: options.command };
    for (const k of options.k)
      for (const selection of options.selections) {
        const collected = new Map<string, Scores[]>();
        for (let draw = 0; draw < draws; draw++) {
          for (const withReferences of [false, true]) {
            const methods = fitted.filter((f) => Boolean(f.method.needsReferences) === withReferences);
            if (!methods.length || (withReferences && selection === 'chosen')) continue;
            const support = supportOf(c, test, k, selection, draw, context, withReferences, options.candidates ?? 800);
            if (!support) continue;
            const taken = new Set(support),
              open = Array.from(test.queryPool).filter((i) => !taken.has(i)),
              limit = options.queries ?? 4000;
            const query =
              open.length > limit
                ? createRandom(`${seed} query ${draw} ${test.device}`)
                    .sample(open.length, limit)
                    .map((i) => open[i])
                : open;
            const queries = query.map((i) => c.workloads[test.rows[i]]),
              truth = Float64Array.from(query, (i) => test.values[i]);
            const measured = support.map((i): SupportRow => ({ workload: c.workloads[test.rows[i]], value: test.values[i] }));
            for (const { method, predictor } of methods) {
              const list = collected.get(method.name) ?? [];
              list.push(scores(intervalsOf(predictor.adapt(measured, test).predict(queries), test.target), truth));
              collected.set(method.name, list);
            }
          }
        }
        for (const [method, list] of collected) {
          const of = (key: keyof Scores) => average(list.map((s) => s[key]));
          rows.push({
            ...common,
            method,
            k,
            selection,
            draws: list.length,
            spearman: of('spearman'),
            spearmanSd: standardDeviation(list.map((s) => s.spearman)),
            kendall: of('kendall'),
            mape: of('mape'),
            medianApe: of('medianApe'),
            within5: of('within5'),
            within10: of('within10'),
            coverage90: of('coverage90'),
            ...origin,
          });
        }
        onProgress?.(
          `  ${test.device} ${test.target} k=${k} ${selection}: ${[...collected].map(([m, l]) => `${m} ${average(l.map((s) => s.spearman)).toFixed(3)}`).join(', ')}`,
        );
      }
    rows.push({
      ...common,
      method: 'ceiling',
      k: top.measurements,
      selection: 'random',
      draws: 3,
      spearman: top.spearman,
      spearmanSd: null,
      kendall: null,
      mape: null,
      medianApe: top.medianApe,
      within5: null,
      within10: null,
      coverage90: null,
      ...origin,
    });
  }
  return rows;
}

/** Positions of the measured networks of one draw; undefined where the task has too few networks. */
function supportOf(
  c: EvaluationCase,
  test: TestTask,
  k: number,
  selection: Selection,
  draw: number,
  context: ReturnType<typeof caseContext>,
  withReferences: boolean,
  candidates: number,
): number[] | undefined {
  const random = createRandom(`${context.seed} draw ${draw} ${test.device}`),
    { supportPool } = test;
  const references = withReferences ? c.references.map((row) => test.rows.indexOf(row)) : [];
  if (references.some((r) => r < 0) || (withReferences && (!references.length || k <= references.length))) return undefined;
  const known = new Set(references),
    free = Array.from(supportPool).filter((i) => !known.has(i)),
    more = k - references.length;
  if (free.length < more + 1) return undefined;
  const pool = random.sample(free.length, Math.min(candidates, free.length)).map((i) => free[i]);
  if (selection === 'random') return [...references, ...pool.slice(0, more)];
  const position = new Map(pool.map((i) => [c.workloads[test.rows[i]], i]));
  return context.closedForm.choose([...position.keys()], more).map((w) => position.get(w)!);
}
