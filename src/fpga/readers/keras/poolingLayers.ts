import type { KerasRule } from './kerasVisit.js';

/** Pooling over windows, which touch one another unless strides are told. */
export const pool =
  (kind: 'max_pool' | 'avg_pool'): KerasRule =>
  (visit) => {
    visit.needsPicture();
    const kernel = visit.config.pool_size === undefined ? visit.perAxis(2) : visit.integers('pool_size');
    const { window, space } = visit.window(kernel, kernel);
    visit.add(kind, [...space, visit.channels], { ...window });
  };

/** Pooling over the whole picture. */
export const globalPool =
  (kind: 'global_max_pool' | 'global_avg_pool'): KerasRule =>
  (visit) => {
    visit.needsPicture();
    const kept = visit.config.keepdims === true ? visit.perAxis(1) : [];
    visit.add(kind, [...kept, visit.channels]);
  };
