import { FEATURE_GROUPS, type FeatureGroup } from './featureGroups.js';

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
  /** factors on the whole covariance, prior and noise, that evidence averages over at no cost; 1 alone where not given */
  scales?: readonly number[];
  /** prior mean of the weights: 0 zero, 1 the mean of the training tasks, `tasks` those of one training task, whichever explains the support (a near copy) */
  mean: 0 | 1 | 'tasks';
}

/** Variance of the free offset (relative to the mean of the support). */
export const OFFSET_VARIANCE = 1e-2;

/**
 * Which costs a setting lets a device have: those of both hypotheses of execution, or of one alone. Most devices either run every operator or only live
 * ones; where one alone explains the support, far fewer weights are left to learn from it.
 */
export type Hypothesis = 'both' | 'eager' | 'compiled';

interface GridOptions {
  runtime?: readonly number[];
  resolution?: readonly number[];
  learned?: readonly number[];
  hypotheses?: readonly Hypothesis[];
  scales?: readonly number[];
}

const NOISE = [1e-4, 1e-3, 1e-2, 4e-2],
  PHYSICAL = [1e-4, 1e-3, 1e-2, 1e-1];

/** The grid that evidence averages over. `runtime` and `choice` groups may be switched off (variance 0); a single hypothesis goes with both off, and with an exact device. */
export function defaultSettings(options: GridOptions = {}): Setting[] {
  const { runtime = [0, 1e-3, 1e-2], resolution = [0], learned = [0], hypotheses = ['both'], scales } = options;
  return hypotheses.flatMap((hypothesis) =>
    hypothesis === 'both'
      ? grid({ hypothesis, device: [0, 0.1, 1, 3], choice: [0, 1e-4, 1e-3], runtime, noise: NOISE, resolution, learned, scales })
      : grid({ hypothesis, device: [0, 0.1], choice: [0], runtime: [0], noise: [1e-6, ...NOISE], resolution, learned, scales }),
  );
}

function grid(o: {
  hypothesis: Hypothesis;
  device: readonly number[];
  choice: readonly number[];
  runtime: readonly number[];
  noise: readonly number[];
  resolution: readonly number[];
  learned: readonly number[];
  scales?: readonly number[];
}): Setting[] {
  const settings: Setting[] = [];
  for (const device of o.device)
    for (const physical of PHYSICAL)
      for (const choice of o.choice)
        for (const runtime of o.runtime)
          for (const resolution of o.resolution)
            for (const learned of o.learned)
              for (const noise of o.noise)
                for (const mean of device <= 0.1 && physical <= 1e-3 && choice <= 1e-4
                  ? ([0, 1, 'tasks'] as const)
                  : ([0, 1] as const)) {
                  const variance: Record<FeatureGroup, number> = {
                    physical: o.hypothesis === 'compiled' ? 0 : physical,
                    compiled: o.hypothesis === 'eager' ? 0 : physical,
                    runtime,
                    resolution,
                    choice,
                    learned,
                  };
                  const setting: Setting = { device, group: Float64Array.from(FEATURE_GROUPS, (g) => variance[g]), noise, mean };
                  settings.push(o.scales ? { ...setting, scales: o.scales } : setting);
                }
  return settings;
}
