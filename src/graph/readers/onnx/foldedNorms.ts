import type { OnnxGraph } from './onnxModel.js';

/** Where torch.onnx writes what the model held before it was optimised. */
const SIGNATURE = 'pkg.torch.export.ExportedProgram.graph_signature';

/** Names that the export's signature gives to its parameters or buffers, in the order of the modules; none without a signature. */
export const namesInSignature = ({ metadata }: Pick<OnnxGraph, 'metadata'>, kind: 'PARAMETER' | 'BUFFER'): string[] =>
  [...(metadata.get(SIGNATURE) ?? '').matchAll(new RegExp(`: ${kind} target='([^']+)'`, 'g'))].map(([, name]) => name);

/**
 * Learned values of batch norms that torch.onnx folded into the convolution before them. Its signature names every parameter of the model in the order of the
 * modules: scale and shift of a norm (a module with a running mean) behind the weights it follows, whose first axis is its number of channels. A norm
 * counts where its scale is not in the file and the parameters before it end with a weight that is; half of it where the shift became the bias of a
 * convolution that had none.
 * @returns number of norms and of their values that no tensor of the file holds, and the names of the weights that they followed; none without a signature
 */
export function foldedNorms(graph: OnnxGraph): { norms: number; params: number; into: ReadonlySet<string> } {
  const { initializers } = graph,
    running = new Set(namesInSignature(graph, 'BUFFER').filter((name) => name.endsWith('.running_mean')));
  let [norms, params, channels, before] = [0, 0, 0, ''];
  const into = new Set<string>();
  for (const name of namesInSignature(graph, 'PARAMETER')) {
    const [, module, part] = /^(.*)\.([^.]+)$/.exec(name) ?? [],
      isOfNorm = running.has(`${module}.running_mean`),
      held = initializers.get(name);
    if (!isOfNorm && part === 'weight') [channels, before] = [held?.dims[0] ?? 0, name];
    else if (isOfNorm && !held) {
      if (part === 'weight' && channels) {
        norms++;
        into.add(before);
      }
      params += channels;
    }
  }
  return { norms, params, into };
}
