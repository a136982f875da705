import type { Dataset } from '../../dataset/dataset.js';
import type { OpGraph } from '../../graph/opGraph.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import { kernelRoofline } from '../../networks/kernelRoofline.js';
import type { MultiTask } from '../../networks/multiTask.js';
import { logRange } from '../../networks/ratioInterval.js';
import type { CaseMethod } from '../evaluationCase.js';
import type { Answer } from '../scoring.js';
import type { Query } from './tableCases.js';

/**
 * What is said of models with graphs where nothing of the task was measured: by the model, and by the roofline of the same kernels. None for targets other than
 * latency, and where the model knows nothing of the hardware.
 * @param pool positions in `task.rows` that are asked
 */
export function unmeasuredMethods(
  { workloads }: Dataset,
  task: TrainingTask,
  learner: MultiTask,
  pool: readonly number[],
): CaseMethod<Query>[] {
  const { setting, target } = task,
    known = setting && learner.inSetting(setting);
  if (target !== 'latency' || !known || pool.some((i) => !workloads[task.rows[i]].graph)) return [];
  const byGraph = (name: string, answerOf: (graph: OpGraph) => Answer): CaseMethod<Query> => ({
    name,
    most: 0,
    answer: (_, query) => ({ [target]: query.map(({ position }) => answerOf(workloads[task.rows[position]].graph!)) }),
  });
  return [
    byGraph('roofline', (graph) => ({ value: kernelRoofline(graph, setting)! })),
    byGraph('multi-task', (graph) => {
      const { log, deviation } = known.latencyOf(graph)!,
        { median: value, low, high } = logRange(log, deviation);
      return { value, low, high };
    }),
  ];
}
