import { kept } from '../../src/core/kept.js';
import type { Dataset } from '../../src/dataset/dataset.js';
import { modelId } from '../../src/graph/namedModel.js';

/**
 * Notes in a dataset of operators which of them are of which model, so that an evaluation that leaves models out leaves out theirs.
 * @param operators workload ids, and the names of the zoo's models that call them
 */
export function splitByModel(dataset: Dataset, operators: Iterable<{ id: string; models: Iterable<string> }>): void {
  const position = new Map(dataset.workloads.map((w, row) => [w.id, row])),
    ofModel = new Map<string, Set<string>>();
  for (const { id, models } of operators)
    for (const model of models) kept(ofModel, modelId('zoo', model), () => new Set()).add(String(position.get(id)));
  dataset.splits = Object.fromEntries([...ofModel].map(([model, at]) => [model, [...at]]));
}
