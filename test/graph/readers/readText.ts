import { graphCosts, type OperatorCost } from '../../../src/graph/operatorCost.js';
import type { OpNode } from '../../../src/graph/opGraph.js';
import type { ModelReader, ReadModel, ReadModelOptions } from '../../../src/graph/readers/modelReader.js';

/** The models that `reader` finds in a text or in bytes. */
export const readWith = (
  reader: ModelReader,
  content: string | Uint8Array,
  options: ReadModelOptions = {},
  name = 'net',
): Promise<ReadModel[]> => reader.read({ name, bytes: typeof content === 'string' ? Buffer.from(content) : content }, options);

/** Nodes that do something: neither inputs nor learned values nor views. */
export const working = (model: ReadModel): OpNode[] =>
  model.graph.nodes.filter(({ op }) => !['input', 'stored', 'reshape', 'identity'].includes(op));

export const totalCost = (model: ReadModel): OperatorCost => graphCosts(model.graph).total;
