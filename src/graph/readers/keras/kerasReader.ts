import { HwcastError } from '../../../core/errors.js';
import type { Shape } from '../../tensorType.js';
import { type ChannelsLast, ChannelsLastBuilder } from '../channelsLast.js';
import { checkedShape, locatedIn, ModelBuilder } from '../modelBuilder.js';
import type { ModelReader, ReadModel, ReadModelOptions } from '../modelReader.js';
import { isKerasFile, kerasConfiguration } from './kerasFile.js';
import { declaredShape, type KerasLayer, kerasType, layerProblem } from './kerasLayer.js';
import { type KerasModel, kerasModel } from './kerasModel.js';
import { kerasGraphRule } from './kerasRules.js';
import { KerasGraphVisit } from './kerasVisit.js';

/** Keras models by their configuration: JSON, `.keras` archives and `.h5` files; weights are not read. */
export const kerasReader: ModelReader = {
  format: 'keras',
  about: 'Keras JSON, .keras or .h5',
  detect(head) {
    if (isKerasFile(head)) return 'certain';
    const text = Buffer.from(head).toString('utf8');
    return /^\s*\{/.test(text) && /"class_name"\s*:\s*"(Sequential|Functional|Model)"/.test(text) ? 'certain' : undefined;
  },
  async read({ bytes, name }, options) {
    return [graphOf(kerasModel(kerasConfiguration(bytes, name), name), name, options)];
  },
};

function graphOf(model: KerasModel, where: string, options: ReadModelOptions): ReadModel {
  const build = new ChannelsLastBuilder(new ModelBuilder('fp32'));
  const tensors = new Map<string, ChannelsLast>();
  const read = new Set<string>();
  const input = (layer: KerasLayer, stated: unknown): ChannelsLast =>
    build.plain(build.model.input(inputShape(layer, stated, where, options), layer.config.dtype === 'int32' ? 'int32' : 'fp32'));
  let previous: string | undefined;
  for (const layer of model.layers) {
    try {
      if (tensors.has(layer.name)) throw layerProblem(layer, 'appears twice', where);
      const names = layer.inputs ?? (previous === undefined ? [] : [previous]);
      const inputs = names.map((name) => {
        const tensor = tensors.get(name);
        if (!tensor) throw layerProblem(layer, `reads '${name}', which does not stand before it`, where);
        read.add(name);
        return tensor;
      });
      const stated = declaredShape(layer) ?? model.buildShape;
      if (kerasType(layer.className) === 'inputlayer') tensors.set(layer.name, input(layer, stated));
      else {
        if (layer.config.data_format === 'channels_first')
          throw new HwcastError('unsupported', `layer '${layer.name}' is channels first`, {
            where,
            hint: 'convert the model to channels last',
          });
        const visit = new KerasGraphVisit(build, layer, inputs.length ? inputs : [input(layer, stated)], where);
        tensors.set(layer.name, kerasGraphRule(visit.type)(visit));
      }
    } catch (error) {
      throw error instanceof HwcastError && error.message.startsWith('layer')
        ? error
        : locatedIn(`layer '${layer.name}' (${layer.className})`, where, error);
    }
    previous = layer.name;
  }
  const outputs = [...tensors].filter(([name]) => !read.has(name)).map(([, x]) => build.last(x));
  return build.model.finish(model.name, outputs);
}

/** `[null, 28, 28, 1]` with the batch. @throws HwcastError `bad-input` naming the input and the flag where a size stays open */
function inputShape(layer: KerasLayer, stated: unknown, where: string, { shapes, batch = 1 }: ReadModelOptions): Shape {
  const given = shapes?.[layer.name];
  if (given) return checkedShape(layer.name, given, where);
  const list = Array.isArray(stated) && Array.isArray(stated[0]) ? stated[0] : stated;
  if (!Array.isArray(list)) throw openShape(layer, 'has no input shape', where);
  const withBatch: unknown[] = layer.config.input_shape === stated ? [null, ...list] : list;
  const [first, ...rest] = withBatch;
  if (!rest.every((n) => Number.isInteger(n) && (n as number) > 0))
    throw openShape(layer, `has the input shape ${JSON.stringify(stated)}`, where);
  return [typeof first === 'number' && first > 0 ? first : batch, ...(rest as number[])];
}

const openShape = (layer: KerasLayer, why: string, where: string): HwcastError =>
  new HwcastError('bad-input', `layer '${layer.name}' (${layer.className}) ${why}`, {
    where,
    hint: `give it with the batch in front: --shape ${layer.name}=1,..`,
  });
