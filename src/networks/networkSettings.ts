import { cartesian } from '../core/cartesian.js';
import { FEATURE_GROUPS, type FeatureGroup } from '../surrogate/featureGroups.js';
import type { Setting } from '../surrogate/head/settings.js';

/**
 * Which costs a setting lets a device have: those of both hypotheses of execution, or of one alone. Most devices either run every operator or only live
 * ones; where one alone explains the support, far fewer weights are left to learn from it.
 */
export type Execution = 'both' | 'eager' | 'compiled';

interface GridOptions {
  runtime?: readonly number[];
  resolution?: readonly number[];
  learned?: readonly number[];
  hypotheses?: readonly Execution[];
  scales?: readonly number[];
}

const NOISE = [1e-4, 1e-3, 1e-2, 4e-2],
  PHYSICAL = [1e-4, 1e-3, 1e-2, 1e-1];

/** The grid that evidence averages over. `runtime` and `choice` groups may be switched off (variance 0); a single hypothesis goes with both off, and with an exact device. */
export function networkSettings(options: GridOptions = {}): Setting[] {
  const { runtime = [0, 1e-3, 1e-2], resolution = [0], learned = [0], hypotheses = ['both'], scales } = options;
  return hypotheses.flatMap((hypothesis) =>
    hypothesis === 'both'
      ? grid({ hypothesis, device: [0, 0.1, 1, 3], choice: [0, 1e-4, 1e-3], runtime, noise: NOISE, resolution, learned, scales })
      : grid({ hypothesis, device: [0, 0.1], choice: [0], runtime: [0], noise: [1e-6, ...NOISE], resolution, learned, scales }),
  );
}

interface Axes {
  hypothesis: Execution;
  device: readonly number[];
  choice: readonly number[];
  runtime: readonly number[];
  noise: readonly number[];
  resolution: readonly number[];
  learned: readonly number[];
  scales?: readonly number[];
}

/** Every combination of the axes; a near copy of one training task is tried where little else is left free. */
function grid({ hypothesis, device, choice, runtime, noise, resolution, learned, scales }: Axes): Setting[] {
  return cartesian({ device, physical: PHYSICAL, choice, runtime, resolution, learned, noise }).flatMap((v) => {
    const nearCopy = v.device <= 0.1 && v.physical <= 1e-3 && v.choice <= 1e-4;
    const variance: Record<FeatureGroup, number> = {
      physical: hypothesis === 'compiled' ? 0 : v.physical,
      compiled: hypothesis === 'eager' ? 0 : v.physical,
      runtime: v.runtime,
      resolution: v.resolution,
      choice: v.choice,
      learned: v.learned,
    };
    return (nearCopy ? ([0, 1, 'tasks'] as const) : ([0, 1] as const)).map(
      (mean): Setting => ({
        device: v.device,
        group: Float64Array.from(FEATURE_GROUPS, (g) => variance[g]),
        noise: v.noise,
        mean,
        ...(scales ? { scales } : {}),
      }),
    );
  });
}
