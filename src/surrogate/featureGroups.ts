/**
 * Groups of features; the Bayesian head gives each its own prior variance, so that evidence may switch a whole group off.
 * `physical`: launches, arithmetic and traffic where every operator runs (the eager hypothesis of execution).
 * `compiled`: the same for live operators only, and the longest paths through them (the compiled hypothesis).
 * `runtime`: what only some runtimes do: merging siblings, sharing duplicates, overlapping branches.
 * `resolution`: arithmetic and traffic per class and spatial resolution.
 */
export const FEATURE_GROUPS = ['physical', 'runtime', 'resolution', 'choice', 'learned', 'compiled'] as const;
export type FeatureGroup = (typeof FEATURE_GROUPS)[number];
