import { HwcastError } from '../../core/errors.js';
import type { Target } from '../../graph/targets.js';
import type { TaskData } from '../dataset.js';

/**
 * A task from one value per workload position; NaN = not measured. The public sources say nothing of repeats and spread.
 * @param scale SI units of one unit of the values, e.g. 1e-3 for milliseconds
 * @param place where the value of position `i` stands, for messages
 * @throws HwcastError `bad-input` for a value that is not positive and finite.
 */
export function valueTask(
  device: string,
  target: Target,
  values: Float64Array,
  scale: number,
  place: (i: number) => string,
): TaskData {
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    if (!(values[i] > 0 && values[i] < Infinity))
      throw new HwcastError('bad-input', `${target} ${values[i]} on '${device}' is not a positive number`, {
        where: place(i),
        hint: 'leave the cell empty where nothing was measured',
      });
    n++;
  }
  const task: TaskData = {
    device,
    condition: '',
    target,
    rows: new Int32Array(n),
    values: new Float64Array(n),
    spread: new Float64Array(n).fill(Number.NaN),
    repeats: new Int32Array(n),
  };
  for (let i = 0, at = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    task.rows[at] = i;
    task.values[at++] = values[i] * scale;
  }
  return task;
}
