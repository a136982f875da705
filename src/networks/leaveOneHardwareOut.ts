import type { Workload } from '../graph/workload.js';
import { intervalsOf } from '../surrogate/predictor.js';
import { cardScores } from './cardScores.js';
import type { TrainingTask } from './closedForm.js';
import type { TrainingInput } from './method.js';
import type { ModelMetrics } from './model.js';
import { MultiTask } from './multiTask.js';
import { withoutTasks } from './restrictTable.js';
import { hardwareOf } from './trainMultiTask.js';

const MEASUREMENTS = 10;
/** Further numbers of measurements, of the first task of each hardware: what more of them gain. */
const MORE = [20, 40];

/**
 * Scores of a multi-task model on its own tasks: each with the tables of the other hardware, measurements chosen, all other known models predicted. For the
 * model card; the protocols of `evaluate` are stricter.
 */
export function leaveOneHardwareOut({ state }: MultiTask, { tasks, workloads }: TrainingInput): ModelMetrics {
  const rows: ModelMetrics['rows'] = [];
  const withoutHardware = new Map<string, MultiTask>(),
    seen = new Set<string>();
  for (const task of tasks) {
    const hardware = hardwareOf(task.device);
    const left = (t: { device: string }) => hardwareOf(t.device) === hardware;
    const others = state.tables.filter((t) => t.values.tasks.some((own) => !left(own)));
    if (!others.length) continue;
    let rest = withoutHardware.get(hardware);
    if (!rest) {
      rest = new MultiTask({ ...state, tables: others.map((t) => (t.values.tasks.some(left) ? withoutTasks(t, left) : t)) });
      withoutHardware.set(hardware, rest);
    }
    const known = rest.measuredOn(task.target);
    const values = new Map<Workload, number>();
    task.rows.forEach((row, i) => {
      if (known.has(workloads[row].id)) values.set(workloads[row], task.values[i]);
    });
    const isFirst = !seen.has(`${hardware} ${task.target}`);
    for (const measurements of isFirst ? [MEASUREMENTS, ...MORE] : [MEASUREMENTS])
      if (values.size >= 2 * measurements) rows.push(scoreOf(rest, task, values, measurements));
    seen.add(`${hardware} ${task.target}`);
  }
  return {
    protocol: `each task without its hardware among the others, ${MEASUREMENTS} chosen measurements (${MORE.join(' and ')} of one task of each hardware), all other known models; intervals were scaled with it among others`,
    rows,
  };
}

function scoreOf(
  rest: MultiTask,
  task: TrainingTask,
  values: ReadonlyMap<Workload, number>,
  measurements: number,
): ModelMetrics['rows'][number] {
  const chosen = rest.choose([...values.keys()], measurements, [], task.target),
    isChosen = new Set(chosen),
    query = [...values.keys()].filter((w) => !isChosen.has(w));
  const support = chosen.map((workload) => ({ workload, value: values.get(workload)! })),
    predicted = intervalsOf(rest.adapt(support, task).predict(query), task.target);
  const truth = query.map((w) => values.get(w)!);
  return { device: task.device, condition: task.condition, target: task.target, measurements, ...cardScores(predicted, truth) };
}
