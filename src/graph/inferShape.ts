import { HwcastError } from '../core/errors.js';
import type { Attrs, OpType } from './opGraph.js';

const pair = (v: number | string | number[] | undefined, fallback: number): [number, number] =>
  Array.isArray(v) ? [v[0], v[1] ?? v[0]] : typeof v === 'number' ? [v, v] : [fallback, fallback];

/**
 * Output shape of one operator from the shapes of its inputs. Reshape-like and opaque operators carry theirs in `attrs.shape`.
 * @throws HwcastError `bad-input` when the shapes do not fit the operator.
 */
export function inferShape(op: OpType, inputs: readonly (readonly number[])[], attrs: Attrs): number[] {
  const [x, y] = inputs;
  const fail = (why: string) => new HwcastError('bad-input', `${op}: ${why} (inputs ${inputs.map((s) => `[${s}]`).join(' ')})`);
  const explicit = attrs.shape;
  switch (op) {
    case 'input':
    case 'reshape':
    case 'slice':
    case 'pad':
    case 'opaque':
    case 'scan':
    case 'resize':
    case 'gather':
    case 'reduce':
      if (!Array.isArray(explicit)) throw fail('needs attrs.shape');
      return [...explicit];
    case 'conv2d':
    case 'avg_pool2d':
    case 'max_pool2d': {
      if (x?.length !== 4) throw fail('needs an [N, C, H, W] input');
      const [kh, kw] = pair(attrs.kernel, 1),
        [sh, sw] = pair(attrs.stride, 1),
        [ph, pw] = pair(attrs.padding, 0);
      const h = Math.floor((x[2] + 2 * ph - kh) / sh) + 1,
        w = Math.floor((x[3] + 2 * pw - kw) / sw) + 1;
      if (h < 1 || w < 1) throw fail(`kernel ${kh}x${kw} does not fit`);
      if (op !== 'conv2d') return [x[0], x[1], h, w];
      const groups = Number(attrs.groups ?? 1),
        out = Number(attrs.outChannels);
      if (!(out > 0)) throw fail('needs attrs.outChannels');
      if (x[1] % groups || out % groups) throw fail(`groups ${groups} do not divide channels ${x[1]} -> ${out}`);
      return [x[0], out, h, w];
    }
    case 'global_avg_pool':
      if (x?.length !== 4) throw fail('needs an [N, C, H, W] input');
      return [x[0], x[1], 1, 1];
    case 'linear':
      if (!x?.length) throw fail('needs an input with a feature axis');
      return [...x.slice(0, -1), Number(attrs.outFeatures)];
    case 'matmul': {
      if (!x || !y || x.length < 2 || y.length < 2) throw fail('needs two matrices');
      const [k, n] = attrs.transposeB ? [y[y.length - 1], y[y.length - 2]] : [y[y.length - 2], y[y.length - 1]];
      if (x[x.length - 1] !== k) throw fail('inner sizes differ');
      return [...broadcast(x.slice(0, -2), y.slice(0, -2), fail), x[x.length - 2], n];
    }
    case 'embedding':
      return [...(x ?? []), Number(attrs.dim)];
    case 'transpose': {
      const order = attrs.order;
      if (!Array.isArray(order) || order.length !== x.length) throw fail('needs attrs.order, a permutation of the axes');
      return order.map((i) => x[i]);
    }
    case 'concat': {
      const axis = Number(attrs.axis ?? 1);
      return x.map((v, i) => (i === axis ? inputs.reduce((s, t) => s + t[axis], 0) : v));
    }
    case 'add':
    case 'mul':
    case 'sub':
    case 'div':
      return y ? broadcast(x, y, fail) : [...x];
    default:
      if (!x) throw fail('needs an input');
      return [...x];
  }
}

function broadcast(a: readonly number[], b: readonly number[], fail: (why: string) => HwcastError): number[] {
  const n = Math.max(a.length, b.length);
  return Array.from({ length: n }, (_, i) => {
    const u = a[a.length - n + i] ?? 1,
      v = b[b.length - n + i] ?? 1;
    if (u !== v && u !== 1 && v !== 1) throw fail('shapes do not broadcast');
    return Math.max(u, v);
  });
}
