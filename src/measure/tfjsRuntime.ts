import type { Runtime } from './runtime.js';

/**
 * TensorFlow.js as a runtime, in the backend `initBackend` chooses (native, wasm, cpu). Operators run one by one, as written; the result is read
 * back, so a run is over when it returns. `warnings` are for stderr.
 * @throws HwcastError `usage`, `not-found` or `quality-gate` of `initBackend`.
 */
export async function tfjsRuntime(backend?: string): Promise<Runtime & { warnings: string[] }> {
  // TensorFlow.js takes half a second to load: only who measures pays for it
  const [{ initBackend }, { tfjsGraph }, { randomWeights }] = await Promise.all([
    import('../tensor/backend.js'),
    import('./tfjsGraph.js'),
    import('./tfjsWeights.js'),
  ]);
  const info = await initBackend(backend);
  return {
    name: 'tfjs',
    warnings: info.warnings,
    describe: () => ({
      runtime: 'tfjs',
      backend: info.name,
      tfjs: info.versions.tfjs,
      ...(info.versions.native ? { native: info.versions.native } : {}),
      ...(info.simd === undefined ? {} : { simd: String(info.simd) }),
      ...(info.threads === undefined ? {} : { threads: String(info.threads) }),
      node: info.versions.node,
    }),
    async prepare(graph, seed) {
      const weights = randomWeights(seed);
      try {
        const network = tfjsGraph(graph, weights.source, seed);
        return {
          run() {
            for (const t of network.execute()) {
              t.dataSync();
              t.dispose();
            }
          },
          dispose() {
            network.dispose();
            weights.dispose();
          },
        };
      } catch (error) {
        weights.dispose();
        throw error;
      }
    },
  };
}
