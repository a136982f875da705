import { HwcastError } from '../../../core/errors.js';
import type { Shape } from '../../tensorType.js';
import { checkedShape, locatedIn, ModelBuilder } from '../modelBuilder.js';
import type { ModelReader, ReadModel, ReadModelOptions } from '../modelReader.js';
import { isParam, type NcnnLayer, parseParam } from './ncnnParam.js';
import { ncnnRule } from './ncnnRules.js';
import { NcnnVisit } from './ncnnVisit.js';

/** ncnn's `.param` text: layers with numbered settings; weights lie in another file and are not needed. */
export const ncnnReader: ModelReader = {
  format: 'ncnn',
  about: 'ncnn .param text',
  detect: (head) => (isParam(Buffer.from(head).toString('latin1')) ? 'certain' : undefined),
  async read({ bytes, name }, options) {
    return [new NcnnReading(parseParam(Buffer.from(bytes).toString('utf8'), name), name, options).model()];
  },
};

/** One pass over the layers of a file. */
class NcnnReading {
  private readonly builder = new ModelBuilder('fp32');
  /** blob -> tensor */
  private readonly tensors = new Map<string, string>();
  private readonly read = new Set<string>();
  /** whether the inputs are those that the file was written for, so that the shapes it notes hold */
  private asWritten = true;

  constructor(
    private readonly layers: readonly NcnnLayer[],
    private readonly where: string,
    private readonly options: ReadModelOptions,
  ) {}

  model(): ReadModel {
    const pnnx = this.layers.find(({ type }) => type.includes('.'));
    if (pnnx)
      throw new HwcastError('unsupported', `line ${pnnx.line}: '${pnnx.type}' is an operator of PNNX, not of ncnn`, {
        where: this.where,
        hint: 'pnnx writes two files: read the one that ends in .ncnn.param',
      });
    this.addInputs();
    for (const layer of this.layers) if (layer.type !== 'Input') this.addLayer(layer);
    const outputs = [...this.tensors].filter(([blob]) => !this.read.has(blob)).map(([, tensor]) => tensor);
    return this.builder.finish(this.where, outputs);
  }

  /** Inputs by the shapes that the user or the file gives. @throws HwcastError `bad-input` naming all that have none */
  private addInputs(): void {
    const inputs = this.layers.filter(({ type }) => type === 'Input');
    if (!inputs.length) throw new HwcastError('bad-input', 'the network has no Input layer', { where: this.where });
    const open: string[] = [];
    for (const layer of inputs)
      for (const blob of layer.outputs) {
        const given = this.options.shapes?.[blob] ?? this.options.shapes?.[layer.name];
        const stated = statedShape(layer, this.options.batch ?? 1);
        const shape = given ? checkedShape(blob, given, this.where) : (stated ?? this.emptyCache(layer));
        if (!shape) open.push(blob);
        else {
          this.asWritten &&= stated !== undefined && String(stated) === String(shape);
          this.tensors.set(blob, this.builder.input(shape));
        }
      }
    if (!open.length) return;
    throw new HwcastError('bad-input', `the file does not state the shape of ${open.map((o) => `'${o}'`).join(', ')}`, {
      where: this.where,
      hint: `give it with the batch in front: ${open.map((o) => `--shape ${o}=1,..`).join(' ')}, e.g. 1,3,224,224 for a picture`,
    });
  }

  /** A cache of keys and values that is not given a length is empty, as at the first call. */
  private emptyCache(layer: NcnnLayer): Shape | undefined {
    if (layer.outputs.length < 2 || !layer.outputs.every((blob) => /^cache_[kv]/.test(blob))) return undefined;
    this.builder.assume(
      `the cache '${layer.name}' of keys and values is empty; --shape ${layer.name}=1,HEADS,LENGTH,WIDTH fills it`,
    );
    return [this.options.batch ?? 1, 0, 0, 0];
  }

  private addLayer(layer: NcnnLayer): void {
    const place = `line ${layer.line}, layer '${layer.name}' (${layer.type})`;
    try {
      const inputs = layer.inputs.map((blob) => {
        const tensor = this.tensors.get(blob);
        if (tensor === undefined) throw new HwcastError('bad-input', `reads '${blob}', which no layer before it makes`);
        this.read.add(blob);
        return tensor;
      });
      const visit = new NcnnVisit(this.builder, layer, inputs, this.notedShapes(layer));
      const rule = ncnnRule(layer.type);
      const made = [rule ? rule(visit) : unknownLayer(visit)].flat();
      layer.outputs.forEach((blob, i) => {
        if (made[i] === undefined) throw new HwcastError('bad-input', `makes ${made.length} blobs, not ${layer.outputs.length}`);
        if (this.tensors.has(blob)) throw new HwcastError('bad-input', `makes '${blob}', which is there already`);
        this.tensors.set(blob, made[i]);
      });
    } catch (error) {
      throw locatedIn(place, this.where, error);
    }
  }

  /** Setting 30: axes, width, height, channels of each blob. */
  private notedShapes(layer: NcnnLayer): (Shape | undefined)[] {
    const noted = this.asWritten ? layer.array(30) : undefined;
    return layer.outputs.map((_, i) => notedShape(noted?.slice(4 * i, 4 * i + 4) ?? [], this.options.batch ?? 1));
  }
}

/** The shape of an input by its settings 0 to 2 (and 11): width, height, channels, depth. */
function statedShape(layer: NcnnLayer, batch: number): Shape | undefined {
  const sizes = [2, 11, 1, 0].map((key) => layer.number(key, 0)).filter((size) => size > 0);
  return sizes.length ? [batch, ...sizes] : notedShape(layer.array(30) ?? [], batch);
}

function notedShape([axes, width, height, channels]: readonly number[], batch: number): Shape | undefined {
  const sizes = [[], [width], [height, width], [channels, height, width]][axes ?? 0];
  return sizes?.length ? [batch, ...sizes] : undefined;
}

/** A type without a rule: of the shapes that the file notes, else of its first input's. */
function unknownLayer(visit: NcnnVisit): string[] {
  const shapes = visit.layer.outputs.map((_, i) => visit.noted[i] ?? (visit.inputs.length ? visit.shape : undefined));
  const known = shapes.filter((shape) => shape !== undefined);
  if (known.length < shapes.length) throw visit.problem('is of a type that is not known, and its shape is not stated');
  if (visit.noted.includes(undefined))
    visit.model.assume(`layer '${visit.layer.name}' (${visit.layer.type}) is not known and taken to keep the shape of its input`);
  return visit.opaque(known);
}
