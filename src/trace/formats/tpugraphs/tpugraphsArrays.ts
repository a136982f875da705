import { HwcastError } from '../../../core/errors.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf } from '../../profileReader.js';
import { npyArray } from '../../source/npyArray.js';
import { wholeBytes } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

const WANTED = ['node_opcode', 'config_runtime', 'config_runtime_normalizers'];
/** no array of a graph is larger */
const MOST_BYTES = 1 << 28;
const NANO = 1e-9;

/**
 * A graph of TpuGraphs as its arrays: opcodes of nodes, and how long each configuration took (nanoseconds).
 * @throws HwcastError `corrupt` for a damaged archive, `unsupported` for one of other arrays
 */
export async function tpugraphsArrays(source: TraceSource): Promise<TraceAnalysis> {
  const { unzipSync } = await import('fflate'),
    bytes = await wholeBytes(source);
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => WANTED.includes(name.replace(/\.npy$/, '')) && originalSize <= MOST_BYTES,
    });
  } catch (cause) {
    throw new HwcastError('corrupt', 'the archive of NumPy arrays (.npz) is cut or damaged', { where: source.name, cause });
  }
  const [opcodes, times, defaults] = WANTED.map(
    (name) => files[`${name}.npy`] && npyArray(files[`${name}.npy`], `${source.name}!${name}`),
  );
  if (!opcodes || !times)
    throw new HwcastError(
      'unsupported',
      'these NumPy arrays (.npz) are no graph of TpuGraphs: node_opcode or config_runtime is missing',
      {
        where: source.name,
      },
    );
  const measured = Array.from(times.values).filter((t) => t > 0 && t < Number.POSITIVE_INFINITY),
    usual = Array.from(defaults?.values ?? []).find((t) => t > 0 && t < Number.POSITIVE_INFINITY);
  return analysisOf({
    source: source.name,
    format: 'tpugraphs',
    events: measured.length,
    latency: measured.length ? (usual ?? measured.reduce((least, t) => Math.min(least, t))) * NANO : null,
    operators: opcodes.values.length,
    byOperator: operatorTotals(Array.from(opcodes.values, (code) => ({ name: `opcode ${code}`, time: 0 }))).map((o) => ({
      ...o,
      time: null,
    })),
    notes: [
      `${measured.length} configurations were timed; latency is ${usual === undefined ? 'the least' : "the default's"}`,
      'operators are numbers of XLA opcodes',
    ],
  });
}
