import { tf } from './tf.js';

/** Result of comparing a backend with the cpu backend. */
export interface SelfCheck {
  passed: boolean;
  checks: { name: string; maxDifference: number; tolerance: number; error?: string }[];
}

const wave = (n: number, phase: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + phase));

/** What training needs of a backend; each returns one tensor. */
const CHECKS: Record<string, () => tf.Tensor> = {
  matMul: () => {
    const a = tf.tensor3d(wave(2 * 5 * 7, 0.1), [2, 5, 7]),
      b = tf.tensor3d(wave(2 * 7 * 3, 0.7), [2, 7, 3]);
    // [2,5,3] + [2,5,3] through a transposed operand
    return tf.add(tf.matMul(a, b), tf.matMul(a, tf.transpose(b, [0, 2, 1]), false, true));
  },
  'gather gradient': () => {
    const x = tf.tensor2d(wave(6 * 4, 0.3), [6, 4]),
      picked = tf.tensor1d([1, 4, 1, 0], 'int32');
    return tf.grad((t: tf.Tensor) => tf.sum(tf.square(tf.gather(t, picked))))(x);
  },
  'second-order gradient': () => {
    const x = tf.tensor2d(wave(5 * 3, 0.9), [5, 3]),
      w = tf.tensor2d(wave(3 * 3, 0.2), [3, 3]);
    const loss = (v: tf.Tensor) => tf.mean(tf.square(tf.tanh(tf.matMul(x, v))));
    // gradient of the loss after one step of gradient descent, as in MAML
    return tf.grad((v: tf.Tensor) => loss(tf.sub(v, tf.mul(tf.grad(loss)(v), 0.5))).asScalar())(w);
  },
};

/**
 * Runs products, the gradient of gather and a second-order gradient on `backend` and on cpu and compares them. Leaves `backend` current; a kernel
 * that is missing or throws counts as failed.
 */
export async function selfCheck(backend: string, tolerance = 1e-4): Promise<SelfCheck> {
  const run = async (name: string): Promise<(Float32Array | Error)[]> => {
    await tf.setBackend(name);
    return Object.values(CHECKS).map((check) => {
      try {
        return tf.tidy(() => Float32Array.from(check().dataSync()));
      } catch (error) {
        return error as Error;
      }
    });
  };
  const expected = await run('cpu'),
    got = await run(backend);
  const checks = Object.keys(CHECKS).map((name, i) => {
    const e = expected[i],
      g = got[i];
    if (e instanceof Error || g instanceof Error)
      return { name, maxDifference: Number.POSITIVE_INFINITY, tolerance, error: (g instanceof Error ? g : (e as Error)).message };
    // a NaN must count as a difference
    const maxDifference = e.reduce(
      (m, v, j) => Math.max(m, Number.isFinite(g[j]) ? Math.abs(v - g[j]) : Number.POSITIVE_INFINITY),
      0,
    );
    return { name, maxDifference, tolerance };
  });
  return { passed: checks.every((c) => c.maxDifference <= tolerance), checks };
}
