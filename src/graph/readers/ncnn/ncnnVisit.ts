import { HwcastError } from '../../../core/errors.js';
import type { Attrs } from '../../operators/attributes.js';
import type { Dtype, Shape } from '../../tensorType.js';
import type { ModelBuilder } from '../modelBuilder.js';
import type { NcnnLayer } from './ncnnParam.js';

/** Turns a layer into operators and gives the tensors it makes, one for each of its blobs. */
export type NcnnRule = (visit: NcnnVisit) => string | readonly string[];

/** A size that ncnn leaves to be worked out. */
export const OPEN = -233;

/** A layer on its way into the graph. Tensors are ncnn's blobs with a batch axis in front: [N, C, H, W], [N, H, W], [N, W]. */
export class NcnnVisit {
  constructor(
    readonly model: ModelBuilder,
    readonly layer: NcnnLayer,
    /** tensors of the blobs it reads */
    readonly inputs: readonly string[],
    /** shapes of the blobs it makes, as the file notes them for the input it was written for; undefined where it does not, or where the input is another */
    readonly noted: readonly (Shape | undefined)[],
  ) {}

  get x(): string {
    if (!this.inputs.length) throw this.problem('reads nothing');
    return this.inputs[0];
  }

  get shape(): Shape {
    return this.model.shapeOf(this.x);
  }

  number(key: number, fallback = 0): number {
    return this.layer.number(key, fallback);
  }

  /** Along height and width (`1` and `11`: width and height), the height's the width's unless told. */
  pair(key: number, fallback: number): [number, number] {
    const width = this.number(key, fallback);
    return [this.number(key + 10, width), width];
  }

  /** An axis of a blob as one of the tensor, which has the batch in front. */
  axis(value: number): number {
    return value < 0 ? value + this.shape.length : value + 1;
  }

  problem(why: string, hint?: string): HwcastError {
    return new HwcastError('bad-input', why, { hint });
  }

  add(op: string, inputs: readonly string[], attrs: Attrs = {}, dtype?: Dtype): string {
    return this.model.add(op, inputs, attrs, dtype);
  }

  /**
   * What a layer says of int8 work (setting 8): weights are int8 and so is the arithmetic; the results are int8 too where they are requantised (above 100),
   * else real numbers.
   */
  precision(): { attrs: Attrs; dtype: Dtype | undefined } {
    const term = this.number(8);
    if (!term) return { attrs: {}, dtype: this.model.typeOf(this.x).dtype === 'int8' ? 'fp32' : undefined };
    return { attrs: this.quantized(8), dtype: term > 100 ? 'int8' : 'fp32' };
  }

  /** Weights and arithmetic of int8 where setting `key` says so. */
  quantized(key: number): Attrs {
    return this.number(key) ? { weightDtype: 'int8', computeDtype: 'int8' } : {};
  }

  /** What the layer holds as learned values (setting `key`) against what its operator makes of the input. @throws HwcastError `bad-input` */
  checkWeights(key: number, expected: number): void {
    const stated = this.number(key, expected);
    if (stated !== expected && stated > 0)
      throw this.problem(
        `holds ${stated} weights, of its input [${this.shape}] it would need ${expected}`,
        'the shape given for an input is not what the network was made for, or the file is damaged',
      );
  }

  /** The activation that many layers apply to their results (settings 9 and 10). */
  activated(x: string): string {
    const kind = this.number(9);
    const name = kind === 3 && this.isRelu6() ? 'relu6' : ACTIVATIONS[kind];
    if (name === undefined) throw this.problem(`has activation ${kind}, which ncnn does not have`);
    return name ? this.add(name, [x]) : x;
  }

  private isRelu6(): boolean {
    const [low, high] = this.layer.array(10) ?? [];
    return low === 0 && high === 6;
  }

  opaque(shapes: readonly Shape[]): string[] {
    const { dtype } = this.inputs.length ? this.model.typeOf(this.x) : { dtype: 'fp32' as const };
    return this.model.opaque(
      this.layer.type,
      this.inputs,
      shapes.map((shape) => ({ shape, dtype })),
    );
  }
}

const ACTIVATIONS = ['', 'relu', 'leaky_relu', 'clip', 'sigmoid', 'mish', 'hardswish', 'gelu'];
