import { elementCount } from '../../core/elementCount.js';
import { type AddScaled, compileAddScaled } from './addScaled.js';
import { type Info, type KernelArgs, type KernelPatch, type WasmBackend, wordsOf } from './wasmHeap.js';

type Kernel = (...args: unknown[]) => void;
let multiply: Kernel, transpose: Kernel, addScaled: AddScaled;

/** In a batch, products of at most this many multiplications a matrix, or with a left operand of at most NARROW entries, go row by row. */
const SMALL = 16_384,
  NARROW = 256;

const bytesOf = (values: number[]) => new Uint8Array(new Int32Array(values).buffer);

/**
 * Matrix product over leading batch dimensions. The stock kernel reaches XNNPACK only for one untransposed product; transposed operands (that is
 * every gradient of a product) and batches run through a naive loop, 10 to 12 times slower. Here transposed operands are transposed explicitly
 * first, and a batch is one XNNPACK product a matrix on views into the heap. Small products of a batch (adjacency matrices) are done in a loop
 * that skips zeros of the left operand, which makes dense adjacency matrices cost what their edges cost.
 * a [..., n, k] (or [..., k, n] if transposeA), b [..., k, m] (or [..., m, k] if transposeB) -> [..., n, m]; a batch of one is broadcast.
 * The gradient of tfjs stays as it is and becomes fast, and differentiable again, through this kernel.
 */
function batchMatMul({
  inputs,
  attrs,
  backend,
}: KernelArgs<{ a: Info; b: Info }, { transposeA: boolean; transposeB: boolean }>): Info {
  const { a, b } = inputs,
    { transposeA, transposeB } = attrs;
  if (a.dtype !== 'float32' || b.dtype !== 'float32')
    throw new TypeError(`BatchMatMul multiplies float32, not ${a.dtype} with ${b.dtype}`);
  const [n, k] = matrixShape(a, transposeA),
    [k2, m] = matrixShape(b, transposeB);
  if (k !== k2)
    throw new RangeError(
      `Error in matMul: inner shapes (${k}) and (${k2}) of Tensors with shapes ${a.shape} and ${b.shape} must match.`,
    );
  const outer = broadcastOuter(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const out = backend.makeOutput([...outer, n, m], 'float32'),
    batch = elementCount(outer);
  if (!batch || !n || !m) return out;
  const left = transposeA ? transposed(backend, a) : a,
    right = transposeB ? transposed(backend, b) : b;
  const broadcastA = elementCount(a.shape.slice(0, -2)) === 1,
    broadcastB = elementCount(b.shape.slice(0, -2)) === 1;
  const stepA = broadcastA ? 0 : n * k,
    stepB = broadcastB ? 0 : k * m;
  if (batch > 1 && (n * k * m <= SMALL || n * k <= NARROW))
    smallProducts(backend, left, right, out, [batch, n, k, m, stepA, stepB]);
  else if (batch === 1) {
    const id = (x: Info) => backend.dataIdMap.get(x.dataId).id;
    multiply(id(left), bytesOf([1, n, k]), 3, id(right), bytesOf([1, k, m]), 3, false, false, id(out));
  } else largeProducts(backend, left, right, out, [batch, n, k, m, stepA, stepB]);
  if (transposeA) backend.disposeData(left.dataId);
  if (transposeB) backend.disposeData(right.dataId);
  return out;
}

type Sizes = [batch: number, n: number, k: number, m: number, stepA: number, stepB: number];

function largeProducts(backend: WasmBackend, a: Info, b: Info, out: Info, [batch, n, k, m, stepA, stepB]: Sizes): void {
  const { tfjs } = backend.wasm,
    place = (x: Info) => backend.dataIdMap.get(x.dataId).memoryOffset;
  const aAt = place(a),
    bAt = place(b),
    outAt = place(out),
    aShape = bytesOf([1, n, k]),
    bShape = bytesOf([1, k, m]);
  const [aId, bId, outId] = [backend.dataIdNextNumber++, backend.dataIdNextNumber++, backend.dataIdNextNumber++];
  for (let i = 0; i < batch; i++) {
    tfjs.registerTensor(aId, n * k, aAt + 4 * i * stepA);
    // XNNPACK packs the right operand once per id: a broadcast one stays registered for all products
    if (i === 0 || stepB) tfjs.registerTensor(bId, k * m, bAt + 4 * i * stepB);
    tfjs.registerTensor(outId, n * m, outAt + 4 * i * n * m);
    multiply(aId, aShape, 3, bId, bShape, 3, false, false, outId);
    tfjs.disposeData(aId);
    if (stepB || i === batch - 1) tfjs.disposeData(bId);
    tfjs.disposeData(outId);
  }
}

function smallProducts(backend: WasmBackend, a: Info, b: Info, out: Info, [batch, n, k, m, stepA, stepB]: Sizes): void {
  const {
    f32,
    at: [aAt, bAt, outAt],
  } = wordsOf(backend, [a, b, out]);
  f32.fill(0, outAt, outAt + batch * n * m);
  for (let i = 0; i < batch; i++) {
    for (let row = 0; row < n; row++) {
      const to = outAt + (i * n + row) * m,
        from = aAt + i * stepA + row * k;
      for (let c = 0; c < k; c++) {
        const weight = f32[from + c];
        if (weight !== 0) addScaled(to * 4, (bAt + i * stepB + c * m) * 4, weight, m);
      }
    }
  }
}

/** [.., r, c] -> [.., c, r] in new memory of the backend. */
function transposed(backend: WasmBackend, x: Info): Info {
  const [rows, columns] = x.shape.slice(-2),
    batch = elementCount(x.shape) / Math.max(1, rows * columns);
  const out = backend.makeOutput([...x.shape.slice(0, -2), columns, rows], 'float32');
  const id = (t: Info) => backend.dataIdMap.get(t.dataId).id;
  if (rows === 1 || columns === 1) {
    const {
      f32,
      at: [from, to],
    } = wordsOf(backend, [x, out]);
    f32.copyWithin(to, from, from + elementCount(x.shape));
  } else if (batch === 1) transpose(id(x), bytesOf([rows, columns]), 2, FLOAT32, id(out), bytesOf([1, 0]), 2);
  else transpose(id(x), bytesOf([batch, rows, columns]), 3, FLOAT32, id(out), bytesOf([0, 2, 1]), 3);
  return out;
}
/** code of float32 in the wasm backend (enum CppDType) */
const FLOAT32 = 0;

function matrixShape(x: Info, transpose: boolean): [number, number] {
  const [rows, columns] = x.shape.slice(-2);
  return transpose ? [columns, rows] : [rows, columns];
}

function broadcastOuter(a: number[], b: number[]): number[] {
  if (elementCount(a) === 1) return b.length >= a.length ? b : a;
  if (elementCount(b) === 1 || String(a) === String(b)) return a;
  throw new RangeError(`BatchMatMul: batch shapes [${a}] and [${b}] differ and neither is a single matrix`);
}

export const batchMatMulPatch: KernelPatch = {
  kernelName: 'BatchMatMul',
  setupFunc: (backend) => {
    multiply = backend.wasm.cwrap('BatchMatMul', null, [
      'number',
      'array',
      'number',
      'number',
      'array',
      'number',
      'number',
      'number',
      'number',
    ]);
    addScaled = compileAddScaled(backend);
    transpose = backend.wasm.cwrap('Transpose', null, ['number', 'array', 'number', 'number', 'number', 'array', 'number']);
  },
  kernelFunc: batchMatMul,
};
