/**
 * One setting of the head's hyperparameters (docs/method.md 3 and 4). Prior covariance of the weights: `device` x covariance of the training tasks
 * + `device` / 2 x outer product of their mean + diagonal with one variance per group of columns; plus noise and a free offset.
 */
export interface Setting {
  /** weight of the covariance over training tasks; 0 forgets them */
  device: number;
  /** variance of each feature's weight, by the position of its group; the head knows groups by position only, their names are the caller's */
  group: Float64Array;
  noise: number;
  /** factors on the whole covariance, prior and noise, that evidence averages over at no cost; 1 alone where not given */
  scales?: readonly number[];
  /** prior mean of the weights: 0 zero, 1 the mean of the training tasks, `tasks` those of one training task, whichever explains the support (a near copy) */
  mean: 0 | 1 | 'tasks';
}

/** Variance of the free offset (relative to the mean of the support). */
export const OFFSET_VARIANCE = 1e-2;
