import { HwcastError } from '../../core/errors.js';
import {
  declaredShape,
  type KerasLayer,
  kerasType,
  layerProblem,
  shapeWithoutBatch,
} from '../../graph/readers/keras/kerasLayer.js';
import type { ConfigurableNetwork } from './hlsConfig.js';
import { innerActivation } from './keras/elementwiseLayers.js';
import { kerasEntry } from './keras/kerasRules.js';
import { type KerasTensor, KerasVisit, type KerasWalk } from './keras/kerasVisit.js';
import { applyProxyTypes } from './keras/proxyTypes.js';
import { unwrapped } from './keras/wrapperLayers.js';

export interface KerasNetwork extends ConfigurableNetwork {
  inputShape: number[];
  /** batch norms that were folded, and the layer that took each */
  folds: KerasWalk['folds'];
}

export interface KerasOptions {
  /** the file, for messages */
  where?: string;
  /** a batch norm behind a linear dense or convolution that nobody else reads disappears, as hls4ml folds it into the weights */
  foldBatchNorm?: boolean;
  /** where no layer states it */
  inputShape?: number[];
}

/**
 * The HLS layers of a Keras network, its shapes propagated (`keras/kerasRules` has a rule a class of layer).
 *
 * Shapes are channels-last without the batch axis. Flatten and Reshape are `reshape`; Dropout disappears; an activation inside a layer becomes a layer of its
 * own (`dense_6_softmax`); a class without a rule becomes `opaque` with an assumption.
 * @throws HwcastError `bad-input` naming the layer.
 */
export function kerasLayers(list: readonly KerasLayer[], options: KerasOptions = {}): KerasNetwork {
  const { where } = options;
  const walk: KerasWalk = {
    layers: [],
    assumptions: [],
    readerCounts: readerCounts(list),
    foldBatchNorm: options.foldBatchNorm ?? false,
    folds: [],
    where,
  };
  const partsOf = new Map<string, string[]>(),
    inputNames: string[] = [],
    tensors = new Map<string, KerasTensor>();
  let inputShape = options.inputShape,
    previous: string | undefined;
  const networkInput = (layer: KerasLayer): KerasTensor => {
    const shape = shapeWithoutBatch(declaredShape(layer) ?? options.inputShape, layer, where);
    inputShape ??= shape;
    return { shape, from: '' };
  };
  for (const layer of list) {
    if (tensors.has(layer.name)) throw layerProblem(layer, 'appears twice', where);
    if (kerasType(layer.className) === 'inputlayer') {
      tensors.set(layer.name, networkInput(layer));
      inputNames.push(layer.name);
    } else {
      const names = layer.inputs ?? (previous === undefined ? [] : [previous]);
      const producers = names.map((name) => {
        const tensor = tensors.get(name);
        if (!tensor) throw layerProblem(layer, `reads '${name}', which does not stand before it`, where);
        return tensor;
      });
      const visit = new KerasVisit(walk, unwrapped(layer), names, producers.length ? producers : [networkInput(layer)]);
      applyRule(visit);
      tensors.set(layer.name, visit.current);
      partsOf.set(layer.name, visit.parts);
    }
    previous = layer.name;
  }
  if (!walk.layers.length) throw new HwcastError('bad-input', 'the network has no layers', { where });
  const { layers, assumptions, folds } = walk;
  const inputPrecision = applyProxyTypes(list, layers, { inputNames, assumptions });
  return {
    ...(inputPrecision ? { inputPrecision } : {}),
    layers,
    inputShape: inputShape ?? [],
    inputNames,
    assumptions,
    partsOf,
    folds,
  };
}

function applyRule(visit: KerasVisit): void {
  const { layer, type } = visit;
  if (visit.config.data_format === 'channels_first' && visit.rank > 1)
    throw visit.problem('is channels first; hls4ml and hwcast are channels-last');
  if (visit.isHgq && /^(dense|(depthwise|separable)?conv)/.test(type))
    visit.walk.assumptions.push(
      `layer '${layer.name}': an HGQ layer, whose widths and zeros are not in the file: those of the design assumed`,
    );
  const entry = kerasEntry(type);
  entry.rule(visit);
  if (entry.innerActivation) innerActivation(visit);
}

/** Layers that read each layer, by its name. */
function readerCounts(list: readonly KerasLayer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [i, layer] of list.entries())
    for (const input of layer.inputs ?? (i ? [list[i - 1].name] : [])) counts.set(input, (counts.get(input) ?? 0) + 1);
  return counts;
}
