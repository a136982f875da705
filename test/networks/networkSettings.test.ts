import { describe, expect, it } from 'vitest';
import { networkSettings } from '../../src/networks/networkSettings.js';
import { FEATURE_GROUPS } from '../../src/surrogate/featureGroups.js';

describe('networkSettings', () => {
  const of = (name: string) => FEATURE_GROUPS.indexOf(name as (typeof FEATURE_GROUPS)[number]);

  it('are different, with positive noise and no negative variance', () => {
    const settings = networkSettings();
    expect(new Set(settings.map((s) => JSON.stringify({ ...s, group: [...s.group] }))).size).toBe(settings.length);
    expect(
      settings.every((s) => s.noise > 0 && s.device >= 0 && s.group.every((v) => v >= 0) && s.group[of('physical')] > 0),
    ).toBe(true);
  });

  it('hold the variances asked for, each as often', () => {
    const settings = networkSettings({ learned: [0, 0.5], runtime: [0.25], resolution: [0.125] });
    expect(settings.filter((s) => s.group[of('learned')] === 0.5)).toHaveLength(settings.length / 2);
    expect(settings.every((s) => s.group[of('runtime')] === 0.25 && s.group[of('resolution')] === 0.125)).toBe(true);
  });

  it('a single hypothesis leaves the costs of the other, choices and runtime without variance', () => {
    const both = networkSettings({ runtime: [0, 1e-3] }),
      all = networkSettings({ runtime: [0, 1e-3], hypotheses: ['both', 'eager', 'compiled'] });
    expect(both.every((s) => s.group[of('physical')] === s.group[of('compiled')])).toBe(true);
    const alone = all.filter((s) => s.group[of('physical')] !== s.group[of('compiled')]);
    expect(all.length - alone.length).toBe(both.length);
    expect(alone.every((s) => s.group[of('choice')] === 0 && s.group[of('runtime')] === 0)).toBe(true);
    const eager = alone.filter((s) => s.group[of('compiled')] === 0);
    expect(eager).toHaveLength(alone.length / 2);
    expect(eager.every((s) => s.group[of('physical')] > 0)).toBe(true);
  });
});
