import { roofline } from '../analytical/roofline.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import { type Workload, workloadGraph } from '../graph/workload.js';

/** The operators of a workload with their rooflines: as records, and as text for people. */
export interface Explained {
  operators: object[];
  text: string;
}

/** The roofline of each operator under both hypotheses; of an H100 where the device itself is not in the catalogue (its shares still show what costs). */
export function explain(workload: Workload, device: string, batch?: number): Explained {
  const hardware = hardwareOfDevice(device),
    spec = (hardware ?? hardwareOfDevice('H100-SXM5-80GB'))!.spec;
  const graph = workloadGraph(workload, { batch: batch ?? hardware?.batch });
  const eager = roofline(graph, spec, { hypothesis: 'eager' }),
    compiled = roofline(graph, spec, { hypothesis: 'compiled' });
  const operators = eager.operators.map((op, i) => ({
    id: op.id,
    op: op.op,
    flops: op.flops,
    bytes: op.bytes,
    eagerUs: op.time * 1e6,
    compiledUs: compiled.operators[i].time * 1e6,
    bound: op.bound,
    live: op.live,
  }));
  const lines = operators
    .filter((op) => op.eagerUs > 0)
    .map(
      (op) =>
        `  ${op.id.padEnd(6)} ${op.op.padEnd(16)} ${(op.flops / 1e6).toFixed(3).padStart(10)} MFLOP ${(op.bytes / 1e3).toFixed(1).padStart(10)} kB ${op.eagerUs.toFixed(2).padStart(9)} us eager ${op.compiledUs.toFixed(2).padStart(9)} us compiled  ${op.bound}${op.live ? '' : ', dead'}`,
    );
  return {
    operators,
    text: [
      `  roofline of ${spec.name}${hardware ? '' : ` (no data sheet of '${device}'; shares only)`}: eager ${(eager.latency * 1e3).toFixed(4)} ms, compiled ${(compiled.latency * 1e3).toFixed(4)} ms`,
      ...lines,
    ].join('\n'),
  };
}
