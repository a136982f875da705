import { HwcastError } from '../../core/errors.js';
import { decodeOnnx } from '../../graph/readers/onnx/decodeOnnx.js';
import type { OnnxModel } from '../../graph/readers/onnx/onnxModel.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { type ConfigurableNetwork, configuredDesign, type HlsSettings } from './hlsConfig.js';
import { foldedConstant, vector } from './onnx/foldedConstant.js';
import { onnxOperator } from './onnx/onnxOperator.js';
import { OnnxWalk } from './onnx/onnxWalk.js';

/** The inputs of the network as flows. */
function readInputs(walk: OnnxWalk): void {
  const { inputs } = walk.model.graph;
  if (!inputs.length)
    throw new HwcastError('bad-input', 'the ONNX graph has no input: it computes constants', { where: walk.where });
  for (const { name, dims } of inputs) {
    const batch = walk.batchAxis(name);
    const problem = (text: string, hint?: string): HwcastError =>
      new HwcastError('bad-input', `input '${name}' ${text}`, { where: walk.where, hint });
    if (!dims || dims.length < 2)
      throw problem(dims ? `has the shape [${dims}]: no axis beside the batch` : 'has no shape', 'export it with a batch axis');
    const open = dims.findIndex((d, i) => i !== batch && !(typeof d === 'number' && d > 0));
    if (open >= 0)
      throw problem(
        `leaves axis ${open} open${dims[open] ? ` ('${dims[open]}')` : ''} in [${dims.map((d) => d || '?')}]`,
        'hardware has fixed shapes: export with fixed axes, or set them with onnx.tools.update_model_dims',
      );
    const fixed = dims.map((d, i) => (i === batch && !(typeof d === 'number' && d > 0) ? 1 : Number(d)));
    const channelsFirst = fixed.length > 2 && batch === 0 && walk.wantsChannelsFirst(name);
    if (channelsFirst)
      walk.assumptions.push(
        `input '${name}' [${fixed}] is channels first: the hardware takes it channels last, weights reordered where it is flattened`,
      );
    if (fixed[batch] !== 1) walk.assumptions.push(`input '${name}' [${fixed}]: axis ${batch} is taken as the batch`);
    walk.flows.set(name, { dims: fixed, batch, channelsFirst, from: '', shared: false });
  }
}

/**
 * The HLS layers of an ONNX or QONNX graph, in hls4ml's terms: shapes channels-last without the batch, whichever way the graph has them; MatMul and Add one
 * dense layer; a batch norm folded into a matrix that has no types of its own; Quant, BipolarQuant and QuantizeLinear the type of weights and results; an
 * operator without a rule opaque with an assumption.
 * @throws HwcastError `bad-input` naming node or input and its shape.
 */
export function onnxNetwork(model: OnnxModel, where?: string): ConfigurableNetwork & { name: string } {
  const walk = new OnnxWalk(model, where);
  const { graph } = model;
  for (const [name, tensor] of graph.initializers) walk.constants.set(name, tensor);
  readInputs(walk);
  for (const node of graph.nodes) {
    const name = walk.nameOf(node);
    const missing = node.inputs.find((i) => i && !walk.flows.has(i) && !walk.constants.has(i));
    if (missing !== undefined)
      throw walk.problem(node, `reads '${missing}', which no node before it gives`, 'sort the nodes, e.g. with qonnx-cleanup');
    const flowing = node.inputs.filter((i) => walk.flows.has(i));
    if (flowing.length && node.opType === 'Shape') {
      walk.constants.set(node.outputs[0], vector(walk.flow(node).dims));
      walk.part(node);
    } else if (!flowing.length) {
      const constant = foldedConstant(
        node,
        node.inputs.map((i) => walk.constants.get(i)),
        walk.recordedDims(node.outputs[0]),
        (text) => walk.assumptions.push(`quantiser '${name}': ${text}`),
      );
      for (const output of node.outputs) if (output) walk.constants.set(output, constant);
      walk.part(node);
    } else {
      const operator = onnxOperator(node);
      if (operator) operator(walk, node);
      else walk.opaque(node, `operator '${[node.domain, node.opType].filter(Boolean).join('.')}' is not supported`);
    }
  }
  if (!walk.layers.length) throw new HwcastError('bad-input', 'the ONNX graph has no layers', { where });
  if (walk.withoutValues.length)
    walk.assumptions.push(
      `weights without values in the file (left out, computed or external): zeros not counted in ${walk.withoutValues.length === 1 ? `'${walk.withoutValues[0]}'` : `${walk.withoutValues.length} layers`}`,
    );
  return {
    layers: walk.layers,
    inputNames: graph.inputs.map((i) => i.name),
    assumptions: walk.assumptions,
    partsOf: walk.partsOf,
    name: graph.name || 'network',
  };
}

/**
 * A design of the bytes of an ONNX or QONNX file with `settings`; what they leave open is hls4ml's default, named in `assumptions`.
 * @throws HwcastError `bad-input` as `decodeOnnx` and `onnxNetwork`.
 */
export function onnxDesign(bytes: Uint8Array, settings: HlsSettings = {}, where?: string): HlsDesign {
  const network = onnxNetwork(decodeOnnx(bytes, where), where);
  return configuredDesign(network, {}, { ...settings, id: settings.id ?? network.name }, where);
}
