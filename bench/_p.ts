import { initBackend } from '../src/tensor/backend.js';
import { tf } from '../src/tensor/tf.js';
import { trainHelp } from '../src/surrogate/help/trainHelp.js';
import { nasbench201 } from '../src/graph/spaces/nasbench201.js';
await initBackend();
// time per kernel
const acc = new Map<string, [number, number]>();
for (const k of tf.getKernelsForBackend('wasm')) {
  const old = k.kernelFunc;
  tf.unregisterKernel(k.kernelName, 'wasm');
  tf.registerKernel({ ...k, setupFunc: undefined, kernelFunc: (args: any) => { const a = performance.now(); const r = old(args); const key = k.kernelName === "BatchMatMul" ? k.kernelName + JSON.stringify([args.inputs.a.shape, args.inputs.b.shape, args.attrs.transposeA, args.attrs.transposeB]) : k.kernelName; const e = acc.get(key) ?? [0, 0]; e[0] += performance.now() - a; e[1]++; acc.set(key, e); return r; } });
}
const archs = Array.from({ length: 700 }, (_, i) => nasbench201.at!(i));
const tasks = Array.from({ length: 9 }, (_, t) => ({ id: `t${t}`, space: nasbench201, archs, values: Float64Array.from(archs, (a) => 1 + a.reduce((x, y) => x + y * (1 + t), 0)), references: Float64Array.from({ length: 10 }, (_, i) => 1 + i) }));
let n = 0; let t0 = 0;
await trainHelp(tasks, { references: archs.slice(0, 10), episodes: 15, onProgress: () => { if (++n === 5) { acc.clear(); t0 = performance.now(); } } });
console.log('per episode', ((performance.now() - t0) / 10).toFixed(1));
for (const [k, [ms, c]] of [...acc].sort((a, b) => b[1][0] - a[1][0]).slice(0, 40)) console.log(k.padEnd(60), (ms / 10).toFixed(2), 'ms', c / 10);
