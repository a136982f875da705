import type { OnnxGraph } from './onnxModel.js';

/** Where torch.onnx writes what the model held before it was optimised. */
const SIGNATURE = 'pkg.torch.export.ExportedProgram.graph_signature';

/**
 * Learned values of batch norms that torch.onnx folded into the convolution before them. Its signature names every parameter of the model in the order of the
 * modules: scale and shift of a norm (a module with a running mean) behind the weights it follows, whose first axis is its number of channels. A norm
 * counts where its scale is not in the file and the parameters before it end with a weight that is; half of it where the shift became the bias of a
 * convolution that had none.
 * @returns number of norms and of their values that no tensor of the file holds; none without a signature
 */
export function foldedNorms({ metadata, initializers }: OnnxGraph): { norms: number; params: number } {
  const signature = metadata.get(SIGNATURE) ?? '';
  const named = (kind: string) => [...signature.matchAll(new RegExp(`: ${kind} target='([^']+)'`, 'g'))].map(([, name]) => name);
  const running = new Set(named('BUFFER').filter((name) => name.endsWith('.running_mean')));
  let [norms, params, channels] = [0, 0, 0];
  for (const name of named('PARAMETER')) {
    const [, module, part] = /^(.*)\.([^.]+)$/.exec(name) ?? [],
      isOfNorm = running.has(`${module}.running_mean`),
      held = initializers.get(name);
    if (!isOfNorm && part === 'weight') channels = held?.dims[0] ?? 0;
    else if (isOfNorm && !held) {
      if (part === 'weight' && channels) norms++;
      params += channels;
    }
  }
  return { norms, params };
}
