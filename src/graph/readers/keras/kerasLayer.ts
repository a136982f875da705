import { HwcastError } from '../../../core/errors.js';

/** A Keras (or QKeras) layer: class name, configuration and the names of the layers it reads; `inputs` absent: the layer before. */
export interface KerasLayer {
  className: string;
  name: string;
  config: Record<string, unknown>;
  inputs?: string[];
}

/** The error `bad-input` that names the layer. */
export const layerProblem = (layer: KerasLayer, text: string, where?: string): HwcastError =>
  new HwcastError('bad-input', `layer '${layer.name}' (${layer.className}) ${text}`, { where });

/**
 * The class of a layer in lower case without what leaves its shape alone: packages (`HGQ>`), the prefixes of QKeras and HGQ (`QDense`, `HConv1D`,
 * `PFlatten`), binary and ternary weights (`BinaryDense`) and a folded batch norm (`QConv2DBatchnorm`).
 */
export const kerasType = (className: string): string =>
  className
    .toLowerCase()
    .replace(/^[\w.]+>/, '')
    .replace(
      /^[qhp](?=dense|conv|depthwise|batch|activation|separable|average|max|global|lstm|gru|simplernn|add$|reshape|flatten|concatenate|einsum|bidirectional|multihead)/,
      '',
    )
    .replace(/^(binary|ternary)(?=dense|conv)/, '')
    .replace(/(conv[12]d|dense)batchnorm$/, '$1');

/** `[null, 16, 16, 3]` without its batch axis. @throws HwcastError `bad-input` where there is none. */
export function shapeWithoutBatch(value: unknown, layer: KerasLayer, where?: string): number[] {
  const list = Array.isArray(value) && Array.isArray(value[0]) ? value[0] : value;
  if (!Array.isArray(list)) throw layerProblem(layer, 'has no input shape', where);
  const shape = list.slice(list[0] === null || list[0] === undefined || list[0] === -1 ? 1 : 0);
  if (!shape.length || !shape.every((d) => Number.isInteger(d) && d > 0))
    throw layerProblem(
      layer,
      `has the input shape ${JSON.stringify(value)}; every axis but the batch must be a positive integer`,
      where,
    );
  return shape as number[];
}

/** The shape that a layer states for the network's input, as its configuration has it. */
export const declaredShape = ({ config }: KerasLayer): unknown =>
  config.batch_input_shape ?? config.batch_shape ?? config.input_shape;
