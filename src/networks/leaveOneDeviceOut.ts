import { createRandom } from '../core/random.js';
import { intervalsOf } from '../surrogate/predictor.js';
import { cardScores } from './cardScores.js';
import { ClosedForm } from './closedForm.js';
import type { TrainingInput } from './method.js';
import { Mixture } from './mixture.js';
import type { ModelMetrics } from './model.js';

/**
 * Scores of closed-form heads (averaged by evidence) on its own training devices: each left out of the prior in turn (settings and intervals were tuned with it among
 * others; an encoder was trained with it), ten networks chosen and measured, up to 500 others predicted. For the model card; the protocols of `evaluate` are stricter.
 */
export function leaveOneDeviceOut(heads: readonly ClosedForm[], input: TrainingInput, measurements = 10): ModelMetrics {
  const rows: ModelMetrics['rows'] = [];
  for (const task of input.tasks) {
    const leftOut = heads.map((h) => ({ ...h.state, tasks: h.state.tasks.filter((t) => t.device !== task.device) }));
    if (!leftOut[0].tasks.length || task.rows.length < 2 * measurements) continue;
    const rest = new Mixture(
      'card',
      leftOut.map((state) => new ClosedForm(state)),
    );
    const draw = createRandom(input.seed).fork(`card ${task.id}`).sample(task.rows.length, Math.min(task.rows.length, 800));
    const workloads = draw.map((i) => input.workloads[task.rows[i]]),
      values = draw.map((i) => task.values[i]);
    const position = new Map(workloads.map((w, i) => [w, i])),
      chosen = rest.choose(workloads, measurements).map((w) => position.get(w)!),
      isChosen = new Set(chosen);
    const adapted = rest.adapt(
      chosen.map((i) => ({ workload: workloads[i], value: values[i] })),
      task,
    );
    const query = draw
      .map((_, i) => i)
      .filter((i) => !isChosen.has(i))
      .slice(0, 500);
    const predicted = intervalsOf(adapted.predict(query.map((i) => workloads[i])), task.target),
      truth = query.map((i) => values[i]);
    rows.push({ device: task.device, target: task.target, measurements, ...cardScores(predicted, truth) });
  }
  return {
    protocol: `each training device left out of the prior, ${measurements} chosen measurements, one draw, up to 500 other networks`,
    rows,
  };
}
