import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { createRandom, type Random } from '../../core/random.js';
import { OperatorDevices, type Operators } from '../../operators/operatorDevices.js';
import {
  OPERATOR_FAMILIES,
  type OperatorFamily,
  type OperatorTask,
  readOperatorTasks,
} from '../../operators/operatorFamilies.js';
import { adaptLogTask, trainLogTasks } from '../../surrogate/head/logTasks.js';
import type { CaseGroup, CaseMethod, EvaluationCase, Part } from '../evaluationCase.js';
import { NETWORK_SCORING } from '../scoring.js';
import type { Protocol, ProtocolOptions } from './protocol.js';

/** Operators that are asked of each draw, and candidates among which the support is chosen. */
const QUERIES = 1000,
  CANDIDATES = 600;
/** Rows of each task that the closed form is trained on. */
const CLOSED_FORM_ROWS = 300;
/** Neighbours of aiconfigurator's estimate. */
const NEIGHBOURS = 2;

/** A row of a device: which of its tasks, and where in it. */
interface Row {
  task: OperatorTask;
  position: number;
}

const operatorsAt = (rows: readonly Row[]): Operators => ({
  numbers: Float64Array.from(rows.flatMap(({ task: t, position: p }) => [...t.numbers.subarray(p * t.width, (p + 1) * t.width)])),
  roofline: Float64Array.from(rows, ({ task, position }) => task.roofline[position]),
});
const secondsAt = (rows: readonly Row[]): Float64Array => Float64Array.from(rows, ({ task, position }) => task.seconds[position]);

/** `max(F / 0.75 peak, Q / 0.8 bandwidth) + overhead` */
const roofline: CaseMethod<Row> = {
  name: 'roofline',
  answer: (_, query) => ({ latency: query.map(({ task, position }) => ({ value: task.roofline[position] })) }),
};

/** The utilisation of the two nearest measured rows, as aiconfigurator borrows it; the roofline where nothing is measured. */
const neighbours: CaseMethod<Row> = {
  name: 'neighbours',
  answer(support, query) {
    const known = operatorsAt(support),
      logs = secondsAt(support).map((s, i) => Math.log(s / known.roofline[i]));
    const width = support[0]?.task.width ?? 0;
    return {
      latency: query.map(({ task, position }) => {
        const own = task.numbers.subarray(position * task.width, (position + 1) * task.width);
        const nearest = support
          .map((_, i) => ({
            log: logs[i],
            distance: own.reduce((sum, v, j) => sum + (v - known.numbers[i * width + j]) ** 2, 0),
          }))
          .sort((a, b) => a.distance - b.distance)
          .slice(0, NEIGHBOURS);
        const log = nearest.length ? nearest.reduce((sum, n) => sum + n.log, 0) / nearest.length : 0;
        return { value: task.roofline[position] * Math.exp(log) };
      }),
    };
  },
};

/** The Bayesian head of the house on the same numbers. */
function closedForm(tasks: readonly OperatorTask[], random: Random): CaseMethod<Row> {
  const width = tasks[0].width;
  const model = trainLogTasks(
    tasks.map((task) => {
      const { seconds } = task,
        rows = random.sample(seconds.length, Math.min(CLOSED_FORM_ROWS, seconds.length)).map((position) => ({ task, position }));
      return { id: `${task.device} ${task.backend}`, group: task.device, X: operatorsAt(rows).numbers, values: ratiosOf(rows) };
    }),
    width,
    random,
  );
  return {
    name: 'closed-form',
    least: 1,
    answer(support, query) {
      const predicted = adaptLogTask(
        model,
        { X: operatorsAt(support).numbers, values: ratiosOf(support) },
        operatorsAt(query).numbers,
      );
      return { latency: query.map(({ task, position }, i) => ({ value: task.roofline[position] * predicted[i] })) };
    },
  };
}

/** Measured over roofline. */
const ratiosOf = (rows: readonly Row[]): Float64Array => {
  const { roofline: of } = operatorsAt(rows);
  return secondsAt(rows).map((s, i) => s / of[i]);
};

/** Each device left out with all its back ends. */
function* casesOf(family: OperatorFamily, folder: string, options: ProtocolOptions): Generator<EvaluationCase<Row>> {
  const tasks = readOperatorTasks(folder, family),
    devices = [...new Set(tasks.map((t) => t.device))].sort();
  for (const device of devices) {
    if (options.devices && !options.devices.includes(device)) continue;
    options.onProgress?.(`  ${family.name} without ${device}`);
    const rest = tasks.filter((t) => t.device !== device),
      random = createRandom(options.seed).fork(`${family.name} ${device}`),
      engine = new OperatorDevices(rest, random.fork('waves'));
    const rows = tasks
      .filter((t) => t.device === device)
      .flatMap((task) => Array.from(task.seconds, (_, position): Row => ({ task, position })));
    const own: CaseMethod<Row> = {
      name: 'operators',
      answer: (support, query) => ({ latency: engine.adapt(operatorsAt(support), secondsAt(support))(operatorsAt(query)) }),
    };
    const methods = [roofline, neighbours, closedForm(rest, random.fork('closed form')), own];
    yield {
      place: { protocol: 'operators', space: family.name, task: 'leave one device out', device },
      targets: ['latency'],
      // nothing measured, too
      sizes: [0, ...options.k],
      selections: options.selections,
      draws: (k) => (k === 0 ? 1 : options.draws),
      parts: (draw) => [partOf(rows, methods, engine, random.fork(`draw ${draw}`))],
      truth: ({ task, position }) => task.seconds[position],
      scoring: NETWORK_SCORING,
    };
  }
}

function partOf(rows: readonly Row[], methods: readonly CaseMethod<Row>[], engine: OperatorDevices, random: Random): Part<Row> {
  const drawn = random.sample(rows.length, Math.min(rows.length, QUERIES + CANDIDATES)).map((i) => rows[i]),
    asked = drawn.slice(0, QUERIES),
    candidates = drawn.slice(QUERIES);
  return {
    methods,
    candidates: (k) => (candidates.length < k ? undefined : candidates),
    choose: (among, count) => engine.choose(operatorsAt(among), count).map((i) => among[i]),
    query: () => asked,
  };
}

/** Single operators on a device that was left out: public tables of kernels of language models. */
export const operators: Protocol = {
  name: 'operators',
  report: 'networks',
  async *groups(options) {
    const folder = options.data && (existsSync(join(options.data, 'llm-ops')) ? join(options.data, 'llm-ops') : options.data);
    if (!folder)
      throw new HwcastError('usage', '--protocol operators needs --data FOLDER with the public tables', {
        hint: 'the folder that holds llm-ops, or aic_gemm.csv.gz itself',
      });
    for (const family of OPERATOR_FAMILIES)
      yield { cases: casesOf(family, folder, options) as Iterable<EvaluationCase>, across: 'mean' } satisfies CaseGroup;
  },
};
