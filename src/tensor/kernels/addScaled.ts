import type { WasmBackend } from './wasmHeap.js';

/** heap[out + i] += weight * heap[x + i] for i < count; `out` and `x` are byte offsets of float32 in the wasm heap. */
export type AddScaled = (out: number, x: number, weight: number, count: number) => void;

/**
 * A vector kernel of our own in tfjs's wasm memory, assembled by hand, since a JavaScript loop over float32 needs five times as long. As text:
 *
 *     (func (param $out i32) (param $x i32) (param $weight f32) (param $count i32) (local $end i32) (local $w v128)
 *       $w = f32x4.splat($weight)
 *       $end = $out + ($count >> 2 << 4)
 *       while ($out < $end) { v128[$out] = v128[$out] + v128[$x] * $w;  $out += 16;  $x += 16 }
 *       $end = $out + (($count & 3) << 2)
 *       while ($out < $end) { f32[$out] = f32[$out] + f32[$x] * $weight;  $out += 4;  $x += 4 })
 */
export function compileAddScaled(backend: WasmBackend): AddScaled {
  const memory = backend.wasm.asm?.memory;
  if (!memory) throw new Error('the wasm module of tfjs does not export its memory');
  const instance = new Wasm.Instance(new Wasm.Module(MODULE), { e: { m: memory } });
  return instance.exports.f as AddScaled;
}

/** What is used of the WebAssembly global, whose types come with the DOM library only. */
const { WebAssembly: Wasm } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
  };
};

const OUT = 0,
  X = 1,
  WEIGHT = 2,
  COUNT = 3,
  END = 4,
  W = 5;
const I32 = 0x7f,
  F32 = 0x7d,
  V128 = 0x7b,
  VOID = 0x40;
const get = (local: number) => [0x20, local],
  set = (local: number) => [0x21, local],
  constant = (v: number) => [0x41, v];
const add = [0x6a],
  and = [0x71],
  shl = [0x74],
  shrU = [0x76],
  geU = [0x4f],
  end = [0x0b];
const brIf = (depth: number) => [0x0d, depth],
  br = (depth: number) => [0x0c, depth];
/** loads and stores carry alignment (log2 bytes) and offset; vector instructions the prefix 0xfd */
const vLoad = [0xfd, 0x00, 2, 0],
  vStore = [0xfd, 0x0b, 2, 0],
  vSplat = [0xfd, 0x13],
  vAdd = [0xfd, 0xe4, 0x01],
  vMul = [0xfd, 0xe6, 0x01];
const fLoad = [0x2a, 2, 0],
  fStore = [0x38, 2, 0],
  fAdd = [0x92],
  fMul = [0x94];

const advance = (local: number, step: number) => [...get(local), ...constant(step), ...add, ...set(local)];
/** block, loop: leave it unless $out < $end; the body; $out and $x one step on; again */
const whileBelowEnd = (step: number, body: number[]) => [
  ...[0x02, VOID, 0x03, VOID, ...get(OUT), ...get(END), ...geU, ...brIf(1)],
  ...body,
  ...[...advance(OUT, step), ...advance(X, step), ...br(0), ...end, ...end],
];
const BODY = [
  ...[2, 1, I32, 1, V128], // two groups of locals: $end, $w
  ...[...get(WEIGHT), ...vSplat, ...set(W)],
  ...[...get(OUT), ...get(COUNT), ...constant(2), ...shrU, ...constant(4), ...shl, ...add, ...set(END)],
  ...whileBelowEnd(16, [...get(OUT), ...get(OUT), ...vLoad, ...get(X), ...vLoad, ...get(W), ...vMul, ...vAdd, ...vStore]),
  ...[...get(OUT), ...get(COUNT), ...constant(3), ...and, ...constant(2), ...shl, ...add, ...set(END)],
  ...whileBelowEnd(4, [...get(OUT), ...get(OUT), ...fLoad, ...get(X), ...fLoad, ...get(WEIGHT), ...fMul, ...fAdd, ...fStore]),
  ...end,
];

/** unsigned LEB128 */
const leb = (v: number): number[] => (v < 128 ? [v] : [(v & 127) | 128, ...leb(v >>> 7)]);
const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
const name = (text: string) => [text.length, ...Buffer.from(text)];
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version 1
  ...section(1, [1, 0x60, 4, I32, I32, F32, I32, 0]), // type 0: (i32, i32, f32, i32) -> ()
  ...section(2, [1, ...name('e'), ...name('m'), 0x02, 0, 1]), // import memory e.m of at least one page
  ...section(3, [1, 0]), // function 0 has type 0
  ...section(7, [1, ...name('f'), 0x00, 0]), // export function 0 as f
  ...section(10, [1, ...leb(BODY.length), ...BODY]),
]);
