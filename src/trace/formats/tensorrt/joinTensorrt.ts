import { fileName } from '../../fileName.js';
import { operatorTotals } from '../../operatorTotals.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';

/** `resnet` of `a/resnet.profile.metadata.json.gz`: what the files of one engine share. */
export const engineOf = (source: string): string =>
  fileName(source).replace(/(\.(gz|json|profile|graph|timing|metadata|build|engine))+$/i, '');

/**
 * Joins the files of one engine: a profile of layers takes the types of layers from the layer list of most equal layer names, and device,
 * batch and latency of whole runs from files of the same name. What was joined is no entry of its own any more.
 */
export function joinTensorrt(analyses: readonly TraceAnalysis[]): TraceAnalysis[] {
  const isProfile = (a: TraceAnalysis) => a.format === 'tensorrt' && !a.layers && a.byOperator.length > 0,
    used = new Set<TraceAnalysis>();
  const joined = analyses.map((a) => {
    if (!isProfile(a)) return a;
    const layers = layersOf(a, analyses),
      others = analyses.filter(
        (o) => o.format === 'tensorrt' && !o.layers && !isProfile(o) && engineOf(o.source) === engineOf(a.source),
      );
    for (const o of [...(layers ? [layers.info] : []), ...others]) used.add(o);
    const runs = others.find((o) => o.steps !== null && o.latency !== null) ?? others.find((o) => o.latency !== null);
    const notes = layers
      ? [
          `${layers.found} of ${a.byOperator.length} layers joined by name`,
          ...layers.missing.slice(0, 5).map((m) => `not in the layer list: ${m}`),
        ]
      : [];
    return {
      ...a,
      device: others.find((o) => o.device !== null)?.device ?? null,
      batch: layers?.info.batch ?? null,
      ...(runs ? { latency: runs.latency } : {}),
      operatorsWithShapes: layers ? layers.found : null,
      byOperator: layers
        ? operatorTotals(a.byOperator.map((o) => ({ ...o, name: layers.types.get(o.name) ?? o.name, time: o.time ?? 0 })))
        : a.byOperator,
      notes: [...(runs ? [] : a.notes), ...notes],
    };
  });
  return joined.filter((_, i) => !used.has(analyses[i]));
}

function layersOf(profile: TraceAnalysis, analyses: readonly TraceAnalysis[]) {
  const names = profile.byOperator.map((o) => o.name);
  let best: { info: TraceAnalysis; types: Map<string, string>; found: number; missing: string[] } | undefined;
  for (const info of analyses) {
    if (!info.layers) continue;
    const types = new Map(info.layers.map((l) => [l.name, l.type])),
      missing = names.filter((n) => !types.has(n)),
      found = names.length - missing.length;
    const isBetter =
      found > (best?.found ?? 0) || (found === best?.found && found > 0 && engineOf(info.source) === engineOf(profile.source));
    if (isBetter) best = { info, types, found, missing };
  }
  return best;
}
