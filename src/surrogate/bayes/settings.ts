import { FEATURE_GROUPS } from '../../features/physicalFeatures.js';

/**
 * One setting of the head's hyperparameters. Prior covariance of the weights: `device` x covariance of the training tasks
 * + `device` / 2 x outer product of their mean + diagonal with one variance per feature group; plus noise and a free offset.
 */
export interface Setting {
  /** weight of the covariance over training tasks; 0 forgets them */
  device: number;
  /** variance of each feature's weight, by position in FEATURE_GROUPS */
  group: Float64Array;
  noise: number;
  /** prior mean of the weights: 0 zero, 1 the mean of the training tasks, `tasks` those of one training task, whichever explains the support (a near copy) */
  mean: 0 | 1 | 'tasks';
}

/** Variance of the free offset (relative to the mean of the support). */
export const OFFSET_VARIANCE = 1e-2;

/** The grid that evidence averages over. `runtime` and `choice` groups may be switched off (variance 0). */
export function defaultSettings(options: { runtime?: number[]; resolution?: number[]; learned?: number[] } = {}): Setting[] {
  const { runtime = [0, 1e-3, 1e-2], resolution = [0], learned = [0] } = options;
  const settings: Setting[] = [];
  for (const device of [0, 0.1, 1, 3])
    for (const physical of [1e-4, 1e-3, 1e-2, 1e-1])
      for (const choice of [0, 1e-4, 1e-3])
        for (const r of runtime)
          for (const s of resolution)
            for (const l of learned)
              for (const noise of [1e-4, 1e-3, 1e-2, 4e-2])
                for (const mean of device <= 0.1 && physical <= 1e-3 && choice <= 1e-4
                  ? ([0, 1, 'tasks'] as const)
                  : ([0, 1] as const))
                  settings.push({
                    device,
                    group: Float64Array.from(
                      FEATURE_GROUPS,
                      (g) => ({ physical, runtime: r, resolution: s, choice, learned: l })[g],
                    ),
                    noise,
                    mean,
                  });
  return settings;
}
