import { HwcastError } from '../../../core/errors.js';
import { analyseTimeline } from '../../timeline/analyseTimeline.js';
import { Timeline } from '../../timeline/timeline.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';
import { fillTimeline } from './fillTimeline.js';
import { hostOrReason, refuseEmpty } from './missingWork.js';

/** What a PyTorch profiler trace says, with or without shapes. @throws HwcastError `unsupported` where the times of what ran are not in it */
export async function kinetoAnalysis(source: TraceSource): Promise<TraceAnalysis> {
  const timeline = new Timeline(),
    { counts, devices, batch, withShapes } = await fillTimeline(timeline, source);
  refuseEmpty(counts, source.name);
  const ran = hostOrReason(counts);
  if (ran !== 'host' && ran !== 'device' && !counts.cut) throw new HwcastError('unsupported', ran, { where: source.name });
  // a file that was cut before the first kernel may be of a device
  timeline.onHost = ran === 'host' && !(counts.cut && !counts.opsOfCpu);
  timeline.cutAt = counts.cut?.upTo ?? null;
  const used = timeline.onHost ? undefined : (counts.devices.find((d) => devices.has(d.id)) ?? counts.devices[0]);
  timeline.device = used?.name ?? null;
  const analysis = analyseTimeline(timeline, source.name, 'kineto');
  return {
    ...analysis,
    batch,
    operatorsWithShapes: withShapes,
    lost: [...counts.issues, ...analysis.lost],
  };
}
