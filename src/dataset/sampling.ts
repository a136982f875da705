import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { type TaskData, taskId } from './dataset.js';

/**
 * A seeded sample of `k` measurements of a task, as positions in its columns. The first k of a larger sample with the same seed are the smaller sample,
 * so curves over k use nested supports; tasks draw independently of each other.
 * @param from positions to draw from; all of the task unless told
 * @throws HwcastError `bad-input` where fewer than k can be drawn.
 */
export function sampleTask(task: TaskData, k: number, seed: number, from?: readonly number[]): number[] {
  const n = from?.length ?? task.rows.length;
  if (!Number.isInteger(k) || k < 1 || k > n)
    throw new HwcastError('bad-input', `cannot draw ${k} of ${n} measurements of ${taskId(task)}`, {
      hint: 'ask for at least 1 and at most as many as there are',
    });
  const drawn = createRandom(`${seed}/sample/${taskId(task)}`).sample(n, k);
  return from ? drawn.map((i) => from[i]) : drawn;
}

/** The measurements at the given positions as a task of its own. */
export function takeRows(task: TaskData, positions: ArrayLike<number>): TaskData {
  return {
    ...task,
    rows: Int32Array.from(positions, (i) => task.rows[i]),
    values: Float64Array.from(positions, (i) => task.values[i]),
    spread: Float64Array.from(positions, (i) => task.spread[i]),
    repeats: Int32Array.from(positions, (i) => task.repeats[i]),
  };
}
