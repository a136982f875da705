/** A hand-made profiler trace: operators with their kernels on one thread. Times in microseconds. */
export interface TinyOp {
  name: string;
  at: number;
  dur: number;
  dims?: unknown[];
  types?: string[];
  concrete?: string[];
  /** [start, duration] of each kernel it launches; the launch call is 1 us after the operator's start */
  kernels?: [number, number][];
  thread?: number;
}

export const GPU = { id: 0, name: 'Test GPU 80GB', totalGlobalMem: 8e10, numSms: 100, computeMajor: 9, computeMinor: 0 };

export function tinyEvents(ops: readonly TinyOp[]): Record<string, unknown>[] {
  let correlation = 100;
  return ops.flatMap((op, i) => {
    const thread = op.thread ?? 1,
      id = i + 1;
    const args: Record<string, unknown> = { 'External id': id };
    if (op.dims) args['Input Dims'] = op.dims;
    if (op.types) args['Input type'] = op.types;
    if (op.concrete) args['Concrete Inputs'] = op.concrete;
    const events: Record<string, unknown>[] = [
      { ph: 'X', cat: 'cpu_op', name: op.name, pid: 1, tid: thread, ts: op.at, dur: op.dur, args },
    ];
    for (const [start, dur] of op.kernels ?? []) {
      const c = correlation++;
      events.push({
        ph: 'X',
        cat: 'cuda_runtime',
        name: 'cudaLaunchKernel',
        pid: 1,
        tid: thread,
        ts: op.at + 1,
        dur: 1,
        args: { 'External id': id, correlation: c },
      });
      events.push({
        ph: 'X',
        cat: 'kernel',
        name: 'k',
        pid: 0,
        tid: 7,
        ts: start,
        dur,
        args: { 'External id': id, correlation: c, device: 0, stream: 7 },
      });
    }
    return events;
  });
}

export const tinyTrace = (
  ops: readonly TinyOp[],
  more: Record<string, unknown> = { deviceProperties: [GPU] },
  extra: unknown[] = [],
): string => JSON.stringify({ schemaVersion: 1, ...more, traceEvents: [...tinyEvents(ops), ...extra] });

/** linear 4x8 -> 16, relu; twice, the second time `after` microseconds later */
export function twoSteps(after = 100): TinyOp[] {
  const step = (t: number): TinyOp[] => [
    {
      name: 'aten::linear',
      at: t,
      dur: 20,
      dims: [[4, 8], [16, 8], [16]],
      types: ['float', 'float', 'float'],
      concrete: ['', '', ''],
      kernels: [[t + 10, 5]],
    },
    { name: 'aten::relu', at: t + 30, dur: 10, dims: [[4, 16]], types: ['float'], concrete: [''], kernels: [[t + 35, 2]] },
  ];
  return [...step(0), ...step(after)];
}

export async function* bytes(text: string | Uint8Array, size = 1 << 16): AsyncGenerator<Uint8Array> {
  const all = typeof text === 'string' ? Buffer.from(text) : text;
  for (let i = 0; i < all.length; i += size) yield all.subarray(i, i + size);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

/** The HwcastError a promise ends with. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; where?: string; hint?: string; describe(): string }> {
  try {
    await promise;
  } catch (error) {
    return error as never;
  }
  throw new Error('nothing was thrown');
}

/** A tar archive of files (ustar). */
export function tar(files: Record<string, Uint8Array | string>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, content] of Object.entries(files)) {
    const body = Buffer.from(content as string),
      header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\0', 257);
    header.write('00', 263);
    const sum = header.reduce((a, b) => a + b, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    parts.push(header, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
