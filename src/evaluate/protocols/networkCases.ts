import { HwcastError } from '../../core/errors.js';
import { listCache } from '../../core/listCache.js';
import { createRandom } from '../../core/random.js';
import type { Target } from '../../graph/targets.js';
import type { Workload } from '../../graph/workload.js';
import { type FewShot, intervalsOf } from '../../surrogate/predictor.js';
import type { CaseGroup, CaseMethod, EvaluationCase, Part } from '../evaluationCase.js';
import { EVALUATION_METHODS, type EvaluationMethod, type SplitContext, splitContext } from '../evaluationMethods.js';
import { NETWORK_SCORING } from '../scoring.js';
import { type NetworkSplit, networkCeiling, type TestTask } from './networkSplit.js';
import type { ProtocolOptions } from './protocol.js';

/** Networks among which a support is drawn or chosen, and networks predicted in a draw, unless told. */
const CANDIDATES = 800,
  QUERIES = 4000;

/** A method trained on a split. */
interface Fitted {
  method: EvaluationMethod;
  predictor: FewShot;
}

/** A group a split: all methods are trained once, then asked about each task that was left out. The same draws for all methods. */
export async function* networkGroups(splits: readonly NetworkSplit[], options: ProtocolOptions): AsyncGenerator<CaseGroup> {
  const { devices, onProgress } = options;
  for (const whole of splits) {
    const split = devices ? { ...whole, test: whole.test.filter((t) => devices.includes(t.device)) } : whole;
    const { protocol, space, task, train, test, missing } = split;
    onProgress?.(
      `${protocol} ${space} ${task}: ${train.length} training tasks, ${test.length} test tasks${missing.length ? `; not in the data: ${missing.join(', ')}` : ''}`,
    );
    if (!train.length || !test.length) continue;
    const methods = options.methods.map(methodNamed),
      context = splitContext(split, options.seed, options),
      fitted: Fitted[] = [];
    for (const method of methods) fitted.push({ method, predictor: await method.fit(context) });
    yield { cases: casesOf(context, fitted, options) };
  }
}

function methodNamed(name: string): EvaluationMethod {
  const method = Object.hasOwn(EVALUATION_METHODS, name) ? EVALUATION_METHODS[name] : undefined;
  if (!method)
    throw new HwcastError('not-found', `no method '${name}'`, { hint: `one of ${Object.keys(EVALUATION_METHODS).join(', ')}` });
  return method;
}

function* casesOf(context: SplitContext, fitted: readonly Fitted[], options: ProtocolOptions): Generator<EvaluationCase<number>> {
  const { split, map } = context;
  for (const test of split.test) {
    const { protocol, space, task } = split,
      methods = caseMethods(split, test, fitted);
    yield {
      place: { protocol, space, task, device: test.device },
      targets: [test.target],
      sizes: options.k,
      selections: options.selections,
      draws: () => options.draws,
      parts: (draw) => [networkPart(context, test, { ...options, draw, methods })],
      truth: (position) => test.values[position],
      scoring: NETWORK_SCORING,
      headline: 'spearman',
      ceiling: networkCeiling(map, split, test),
    };
  }
}

/** Methods on positions of the test task, those with reference networks last; without those that are not measured on it. */
function caseMethods({ workloads, references }: NetworkSplit, test: TestTask, fitted: readonly Fitted[]): CaseMethod<number>[] {
  const networks = listCache<number, Workload[]>();
  const workloadAt = (position: number): Workload => workloads[test.rows[position]];
  const measuredReferences = references.map((row) => test.rows.indexOf(row)),
    usable = measuredReferences.length > 0 && !measuredReferences.includes(-1);
  const caseMethod = ({ method, predictor }: Fitted): CaseMethod<number> => ({
    name: method.name,
    ...(method.needsReferences ? { references: measuredReferences, least: measuredReferences.length + 1 } : {}),
    answer(support, query) {
      const measured = support.map((position) => ({ workload: workloadAt(position), value: test.values[position] })),
        asked = networks(query, () => query.map(workloadAt));
      const answers = intervalsOf(predictor.adapt(measured, test).predict(asked), test.target);
      return { [test.target]: answers } as Partial<Record<Target, typeof answers>>;
    },
  });
  return [
    ...fitted.filter(({ method }) => !method.needsReferences),
    ...(usable ? fitted.filter(({ method }) => method.needsReferences) : []),
  ].map(caseMethod);
}

function networkPart(
  { split, seed, closedForm }: SplitContext,
  test: TestTask,
  options: Pick<ProtocolOptions, 'candidates' | 'queries'> & { draw: number; methods: readonly CaseMethod<number>[] },
): Part<number> {
  const { draw, methods, candidates = CANDIDATES, queries = QUERIES } = options;
  return {
    methods,
    candidates(k, references) {
      const random = createRandom(`${seed} draw ${draw} ${test.device}`),
        known = new Set(references),
        free = Array.from(test.supportPool).filter((position) => !known.has(position)),
        count = Math.min(candidates, free.length),
        more = k - references.length;
      if (free.length < more + 1 || count < more) return undefined;
      return random.sample(free.length, count).map((i) => free[i]);
    },
    choose(pool, count) {
      const positions = new Map(pool.map((position) => [split.workloads[test.rows[position]], position]));
      return closedForm.choose([...positions.keys()], count).map((workload) => positions.get(workload)!);
    },
    query(support) {
      const taken = new Set(support),
        open = Array.from(test.queryPool).filter((position) => !taken.has(position));
      return open.length > queries
        ? createRandom(`${seed} query ${draw} ${test.device}`)
            .sample(open.length, queries)
            .map((i) => open[i])
        : open;
    },
  };
}
