import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import type { OpGraph } from '../graph/opGraph.js';
import type { ModelFile } from '../graph/workload.js';
import type { OnnxRuntimeTensor, OnnxSession } from './loadOnnxRuntime.js';
import type { PreparedNetwork, Runtime } from './runtime.js';

export interface OnnxRuntimeOptions {
  /** threads within an operator; as many as the machine has processors unless told */
  threads?: number;
}

/**
 * ONNX Runtime on the processor, with all its graph optimisations. An ONNX file runs as it is, with random weights where it has none; other graphs are
 * written as ONNX. A run is over when its outputs are in memory; it holds one turn of Node's event loop, some 0.01 ms.
 * @throws HwcastError `not-found` where `onnxruntime-node` is not installed, `usage` for a number of threads that is none.
 */
export async function onnxRuntime({ threads = availableParallelism() }: OnnxRuntimeOptions = {}): Promise<Runtime> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new HwcastError('usage', `threads must be a whole number from 1, not ${threads}`);
  const [{ loadOnnxRuntime }, weights, { onnxInputs }] = await Promise.all([
    import('./loadOnnxRuntime.js'),
    import('./onnxWeights.js'),
    import('./onnxInputs.js'),
  ]);
  const ort = await loadOnnxRuntime();
  const settings = {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // what goes wrong is an error of hwcast
    logSeverityLevel: 4,
  };

  /** The model as it lies on disk, where all its weights do; else with random ones. */
  async function sessionOf(graph: OpGraph, seed: number, file: ModelFile | undefined): Promise<OpenSession> {
    const bytes = await modelBytes(graph, file);
    const where = file?.path ?? '';
    if (file?.format === 'onnx') {
      const files = weights.missingFiles(bytes, where);
      const isWhole = files.size > 0 && [...files].every((name) => name && existsSync(join(dirname(file.path), name)));
      if (isWhole && !file.path.endsWith('.gz')) return { session: await create(file.path, [], bytes), held: [], madeUp: 0 };
    }
    const { model, externalData, madeUp } = weights.randomOnnxWeights(bytes, seed, where);
    return { session: await create(model, externalData, bytes), held: externalData, madeUp };
  }

  async function create(model: Uint8Array | string, externalData: readonly unknown[], bytes: Uint8Array): Promise<OnnxSession> {
    try {
      return await ort.InferenceSession.create(model, { ...settings, ...(externalData.length ? { externalData } : {}) });
    } catch (cause) {
      throw await refusal('load the model', cause, bytes);
    }
  }

  return {
    name: 'onnx',
    describe: () => ({
      runtime: 'onnx',
      onnxruntime: ort.env.versions.node ?? 'unknown',
      provider: 'cpu',
      threads: String(threads),
      node: process.versions.node,
    }),
    async prepare(graph, seed, file) {
      const { session, held, madeUp } = await sessionOf(graph, seed, file);
      try {
        return prepared(session, onnxInputs(ort, session, graph, seed), held, file ? madeUp : 0);
      } catch (error) {
        await session.release();
        throw error;
      }
    },
  };
}

interface OpenSession {
  session: OnnxSession;
  /** memory that the session reads */
  held: unknown[];
  madeUp: number;
}

function prepared(
  session: OnnxSession,
  feeds: Readonly<Record<string, OnnxRuntimeTensor>>,
  held: unknown[],
  madeUp: number,
): PreparedNetwork {
  return {
    assumptions: madeUp ? [`tensors that are not in the file, with random values: ${madeUp}`] : [],
    async run() {
      try {
        await session.run(feeds);
      } catch (cause) {
        throw await refusal('run the model', cause);
      }
    },
    async dispose() {
      await session.release();
      held.length = 0;
    },
  };
}

async function modelBytes(graph: OpGraph, file: ModelFile | undefined): Promise<Uint8Array> {
  if (file?.format === 'onnx') {
    const { modelSource } = await import('../graph/readers/readModelFile.js');
    return modelSource(file.path).bytes;
  }
  const { writeOnnx } = await import('../graph/writers/onnx/writeOnnx.js');
  return writeOnnx(graph);
}

/** What ONNX Runtime says, with the node where it names only an operator. */
async function refusal(what: string, cause: unknown, bytes?: Uint8Array): Promise<HwcastError> {
  const said = (cause as Error).message.trim().split('\n')[0];
  const [, domain, opType] = /([\w.]+):(\w+)\(-?\d+\) is not a registered/.exec(said) ?? [];
  let node = '';
  if (opType && bytes) {
    const { decodeModelProto } = await import('../graph/readers/onnx/decodeOnnx.js');
    const found = decodeModelProto(bytes).graph?.node.find((n) => n.opType === opType && (n.domain || 'ai.onnx') === domain);
    if (found) node = `, node '${found.name || found.output[0]}'`;
  }
  return new HwcastError('unsupported', `ONNX Runtime cannot ${what}: ${said}${node}`, {
    hint: 'it runs what its operators know: see the node, or check the model with onnx.checker',
    cause,
  });
}
