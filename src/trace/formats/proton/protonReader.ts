import { HwcastError } from '../../../core/errors.js';
import { issueAt } from '../../issueAt.js';
import { kernelTotals } from '../../operatorTotals.js';
import { analysisOf, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { amountOf, isRecord, recordsOf } from '../../source/recordsOf.js';
import { wholeJson } from '../../source/wholeSource.js';
import { isCollective } from '../../timeline/isCollective.js';
import type { KernelTimes, TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

interface Node {
  children?: Node[];
  frame?: { name?: string };
  metrics?: Record<string, unknown>;
}

/** Profiles of Triton's proton (Hatchet JSON): a tree of scopes with kernels as leaves, the devices in its last element. */
export const protonReader = profileReader(
  'proton',
  'a Triton proton profile (Hatchet JSON)',
  (text) => /^\[\s*\{\s*"(children|frame)"/.test(text),
  analyse,
);

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const roots = recordsOf(await wholeJson(source)) as (
    | Node
    | Record<string, Record<string, { arch?: string; num_sms?: number }>>
  )[];
  const kernels: KernelTimes[] = [],
    left = roots.filter((root): root is Node => 'frame' in root);
  let bad = 0;
  // a list rather than calls: scopes may be nested deeply
  for (let node = left.pop(); node; node = left.pop()) {
    const kernel = kernelOf(node);
    if (kernel === 'bad') bad++;
    else if (kernel) kernels.push(kernel);
    left.push(...(recordsOf(node.children) as Node[]).reverse());
  }
  if (!kernels.length) throw new HwcastError('bad-input', 'the profile holds no time of a kernel', { where: source.name });
  const [kind, devices] = Object.entries(roots.find((r) => !('frame' in r)) ?? {})[0] ?? [];
  const device = Object.values((devices ?? {}) as Record<string, { arch?: string; num_sms?: number }>)[0];
  const calls = kernels.reduce((sum, k) => sum + k.calls, 0),
    time = kernels.reduce((sum, k) => sum + k.time, 0);
  return [
    analysisOf({
      source: source.name,
      format: 'proton',
      device: kind ? shownName([kind, device?.arch, device?.num_sms && `${device.num_sms} SMs`].filter(Boolean).join(' ')) : null,
      events: kernels.length,
      kernels: calls,
      meanKernel: calls ? time / calls : null,
      byKernel: kernelTotals(kernels),
      lost: bad ? [issueAt(source.name)('kernel', bad, 'kernel left out: its time or count is no number')] : [],
      notes: ['sums only: when kernels ran is not in the file'],
    }),
  ];
}

/** The kernel of a node; undefined where it is a scope without time of its own. */
function kernelOf({ frame, metrics }: Node): KernelTimes | 'bad' | undefined {
  const known = isRecord(metrics) ? metrics : {},
    unit = Object.keys(known).find((k) => /^time \((ns|us|ms|s)\)/.test(k));
  if (unit === undefined) return undefined;
  const scale = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 }[/\((\w+)\)/.exec(unit)![1]]!,
    time = amountOf(known[unit]),
    calls = known.count === undefined ? 1 : amountOf(known.count);
  if (time === undefined || calls === undefined) return 'bad';
  const name = shownName(String(frame?.name ?? 'kernel'));
  return time > 0
    ? { name, kind: isCollective(name) ? 'collective' : 'kernel', calls: calls || 1, time: time * scale }
    : undefined;
}
