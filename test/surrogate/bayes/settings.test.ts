import { describe, expect, it } from 'vitest';
import { FEATURE_GROUPS } from '../../../src/features/physicalFeatures.js';
import { defaultSettings } from '../../../src/surrogate/bayes/settings.js';

describe('defaultSettings', () => {
  const of = (name: string) => FEATURE_GROUPS.indexOf(name as (typeof FEATURE_GROUPS)[number]);

  it('are different, with positive noise and no negative variance', () => {
    const settings = defaultSettings();
    expect(new Set(settings.map((s) => JSON.stringify({ ...s, group: [...s.group] }))).size).toBe(settings.length);
    expect(
      settings.every((s) => s.noise > 0 && s.device >= 0 && s.group.every((v) => v >= 0) && s.group[of('physical')] > 0),
    ).toBe(true);
  });

  it('hold the variances asked for, each as often', () => {
    const settings = defaultSettings({ learned: [0, 0.5], runtime: [0.25], resolution: [0.125] });
    expect(settings.filter((s) => s.group[of('learned')] === 0.5)).toHaveLength(settings.length / 2);
    expect(settings.every((s) => s.group[of('runtime')] === 0.25 && s.group[of('resolution')] === 0.125)).toBe(true);
  });
});
