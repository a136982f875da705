import { elementCount } from '../core/elementCount.js';
import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { graphIndex } from '../graph/graphIndex.js';
import type { OpGraph } from '../graph/opGraph.js';
import { float16Bits } from '../graph/readers/onnx/tensorValues.js';
import { indicesBelow } from './indicesBelow.js';
import type { OnnxRuntimeModule, OnnxRuntimeTensor, OnnxSession } from './loadOnnxRuntime.js';
import { tiled } from './tiled.js';

/** Arrays of ONNX Runtime's element types; half precision lies as its bits. */
const ARRAYS: Record<string, (count: number, next: () => number) => ArrayBufferView> = {
  float32: (count, next) => tiled(new Float32Array(count), next),
  float64: (count, next) => tiled(new Float64Array(count), next),
  float16: (count, next) => tiled(new Uint16Array(count), () => float16Bits(next())),
  int64: (count, next) => BigInt64Array.from(tiled(new Int32Array(count), next), BigInt),
  int32: (count, next) => tiled(new Int32Array(count), next),
  int16: (count, next) => tiled(new Int16Array(count), next),
  int8: (count, next) => tiled(new Int8Array(count), next),
  uint8: (count, next) => tiled(new Uint8Array(count), next),
  bool: (count) => new Uint8Array(count).fill(1),
};

/**
 * Random inputs of a session, shaped as in the graph of the model: real numbers normal, integers indices within the table that reads them, else 1
 * (masks, lengths), as masks are true.
 * @throws HwcastError `unsupported` naming an input that is no tensor of numbers.
 */
export function onnxInputs(
  { Tensor }: OnnxRuntimeModule,
  session: OnnxSession,
  graph: OpGraph,
  seed: number,
): Record<string, OnnxRuntimeTensor> {
  const { position } = graphIndex(graph);
  const random = createRandom(seed).fork('input');
  const feeds: Record<string, OnnxRuntimeTensor> = {};
  for (const { name, type = 'no tensor' } of session.inputMetadata) {
    const make = ARRAYS[type];
    // ids of a graph hold no colon
    const node = position.get(name.replaceAll(':', '_'));
    if (!make || node === undefined)
      throw new HwcastError('unsupported', `hwcast cannot make the input '${name}' (${type})`, {
        hint: `it makes tensors of ${Object.keys(ARRAYS).join(', ')}`,
      });
    const { shape } = graph.nodes[node];
    const rows = indicesBelow(graph, node);
    const next = rows !== undefined ? () => random.int(rows) : /^float/.test(type) ? random.normal : () => 1;
    feeds[name] = new Tensor(type, make(elementCount(shape), next), shape);
  }
  return feeds;
}
