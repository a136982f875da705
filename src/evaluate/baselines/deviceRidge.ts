import { networkSettings } from '../../networks/networkSettings.js';
import { FEATURE_GROUPS } from '../../surrogate/featureGroups.js';
import { adaptHead, predictHead } from '../../surrogate/head/bayesianHead.js';
import { taskPrior } from '../../surrogate/head/taskPrior.js';
import { type BaselineInput, baseline } from './baseline.js';

/** Ridge on the features from the support alone: no training device; variance and noise by evidence. */
export const deviceRidge = ({ map }: BaselineInput) => {
  const settings = networkSettings({ runtime: [0] }).filter((s) => s.device === 0 && s.mean === 0);
  const prior = taskPrior([new Float64Array(map.width)], map.width),
    flat = new Float64Array(settings.length);
  const group = map.group.map((g) => (FEATURE_GROUPS[g] === 'learned' ? FEATURE_GROUPS.indexOf('resolution') : g));
  return baseline(
    'device-ridge',
    (support, values) => {
      const posterior = adaptHead(prior, group, { X: map.of(support), values }, settings, flat, false);
      return (workloads) => predictHead(posterior, map.of(workloads), false).mean;
    },
    false,
  );
};
