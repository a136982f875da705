import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { mean, spearman } from '../../core/statistics.js';
import type { MetaTask } from '../metaTraining/metaTask.js';
import { adaptHelp, predictHelp } from './adaptHelp.js';
import type { HelpModel } from './helpModel.js';

/** Networks predicted per validation device, and draws of the modulation: enough to compare episodes. */
const QUERY = 500,
  DRAWS = 4;

/** Mean Spearman over devices that were not trained on, each adapted from `support` of its networks; the same networks every time. */
export function validationSpearman(model: HelpModel, tasks: readonly MetaTask[], support: number): number {
  const scores = tasks.map((task) => {
    const order = createRandom(`validation 0/${task.id}`).sample(task.archs.length, task.archs.length);
    const known = order.slice(0, support),
      rest = order.slice(support, support + QUERY);
    const adapted = adaptHelp(model, {
      references: requireReferences(task),
      support: { archs: known.map((i) => task.archs[i]), values: Float64Array.from(known, (i) => task.values[i]) },
      draws: DRAWS,
      steps: model.innerSteps,
    });
    const predicted = predictHelp(
      adapted,
      rest.map((i) => task.archs[i]),
    );
    // a constant prediction has no rank correlation; it must not win
    return (
      spearman(
        predicted,
        rest.map((i) => task.values[i]),
      ) || 0
    );
  });
  return mean(scores);
}

export function requireReferences({ id, references }: MetaTask): Float64Array {
  if (!references)
    throw new HwcastError('bad-input', 'no values of the reference networks', {
      where: `task '${id}'`,
      hint: 'HELP needs them of every device',
    });
  return references;
}
