import { elementCount } from '../core/elementCount.js';
import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';

/** A tensor at rest: what model files hold. */
export interface NamedArray {
  name: string;
  shape: number[];
  data: Float32Array;
}

/** Initial values of a parameter: uniform in [-bound, bound), or one constant. */
export type Initialiser = { uniform: number } | { constant: number };

export interface ParameterSpec {
  name: string;
  shape: number[];
  init: Initialiser;
}

/** Weight [inputs, outputs] and bias [outputs] of a linear layer, both uniform within 1/sqrt(inputs) (LeCun 1998; PyTorch's default). */
export function linearSpec(name: string, inputs: number, outputs: number, bound = 1 / Math.sqrt(inputs)): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [inputs, outputs], init: { uniform: bound } },
    { name: `${name}.bias`, shape: [outputs], init: { uniform: bound } },
  ];
}

/**
 * The parameters of a model as one flat array with a name and a shape for each part. Plain data: it serialises as it is, optimisers run over
 * `data`, and `parameterTensors` uploads it for one evaluation. This keeps training states exact across save, load and resume, and what only predicts with
 * them loads no TensorFlow.js.
 */
export class Parameters {
  readonly names: string[];
  readonly data: Float32Array;
  readonly #parts = new Map<string, { shape: number[]; at: number; size: number }>();

  private constructor(parts: readonly { name: string; shape: number[] }[], data?: Float32Array) {
    let at = 0;
    for (const { name, shape } of parts) {
      const size = elementCount(shape);
      this.#parts.set(name, { shape, at, size });
      at += size;
    }
    this.names = parts.map((p) => p.name);
    this.data = data ?? new Float32Array(at);
  }

  /** Fresh values; each parameter draws from its own stream of the seed, so that adding one changes no other. */
  static create(specs: readonly ParameterSpec[], seed: number | string): Parameters {
    const out = new Parameters(specs),
      root = createRandom(seed);
    for (const { name, init } of specs) {
      const part = out.view(name),
        random = root.fork(name);
      for (let i = 0; i < part.length; i++) part[i] = 'constant' in init ? init.constant : (2 * random.next() - 1) * init.uniform;
    }
    return out;
  }

  /** @throws HwcastError `corrupt` where an array does not have the size of its shape. */
  static fromNamed(arrays: readonly NamedArray[]): Parameters {
    const out = new Parameters(arrays);
    for (const { name, shape, data } of arrays) {
      const part = out.view(name);
      if (part.length !== data.length)
        throw new HwcastError(
          'corrupt',
          `parameter '${name}' of shape [${shape}] has ${data.length} values instead of ${part.length}`,
        );
      part.set(data);
    }
    return out;
  }

  /** The same names and shapes over other values (of the same length). */
  with(data: Float32Array): Parameters {
    if (data.length !== this.data.length)
      throw new HwcastError('corrupt', `${data.length} values for parameters of ${this.data.length}`);
    return new Parameters(
      this.names.map((name) => ({ name, shape: this.shape(name) })),
      data,
    );
  }

  shape(name: string): number[] {
    return this.#part(name).shape;
  }

  /** The values of one parameter, not a copy. */
  view(name: string): Float32Array {
    const { at, size } = this.#part(name);
    return this.data.subarray(at, at + size);
  }

  named(): NamedArray[] {
    return this.names.map((name) => ({ name, shape: this.shape(name), data: this.view(name).slice() }));
  }

  #part(name: string): { shape: number[]; at: number; size: number } {
    const part = this.#parts.get(name);
    if (!part) throw new HwcastError('corrupt', `the model has no parameter '${name}'`);
    return part;
  }
}
