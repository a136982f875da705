import { HwcastError } from '../../../core/errors.js';
import { kernelTotals } from '../../operatorTotals.js';
import { analysisOf, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
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
  const roots = (await wholeJson(source)) as (Node | Record<string, Record<string, { arch?: string; num_sms?: number }>>)[];
  const kernels: KernelTimes[] = [];
  for (const root of roots) if ('frame' in root) collect(root as Node, kernels);
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
      notes: ['sums only: when kernels ran is not in the file'],
    }),
  ];
}

function collect({ children = [], frame, metrics = {} }: Node, out: KernelTimes[]): void {
  const unit = Object.keys(metrics).find((k) => /^time \((ns|us|ms|s)\)/.test(k)),
    scale = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 }[/\((\w+)\)/.exec(unit ?? '')?.[1] ?? 'ns']!;
  const time = unit === undefined ? 0 : Number(metrics[unit]) * scale,
    name = shownName(frame?.name ?? 'kernel');
  if (time > 0) out.push({ name, kind: isCollective(name) ? 'collective' : 'kernel', calls: Number(metrics.count) || 1, time });
  for (const child of children) collect(child, out);
}
