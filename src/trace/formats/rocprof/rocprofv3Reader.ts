import { HwcastError } from '../../../core/errors.js';
import { profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { wholeJson } from '../../source/wholeSource.js';
import { analyseTimeline } from '../../timeline/analyseTimeline.js';
import { isCollective } from '../../timeline/isCollective.js';
import { Timeline } from '../../timeline/timeline.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

const NANO = 1e-3;

interface Timed {
  correlation_id?: { internal?: number };
  start_timestamp?: number;
  end_timestamp?: number;
}
interface Tool {
  agents?: { id?: { handle?: number }; name?: string; product_name?: string }[];
  kernel_symbols?: { kernel_id?: number; formatted_kernel_name?: string; kernel_name?: string }[];
  buffer_records?: {
    kernel_dispatch?: (Timed & {
      dispatch_info?: { agent_id?: { handle?: number }; kernel_id?: number; queue_id?: { handle?: number } };
      stream_id?: { handle?: number };
    })[];
    hip_api?: (Timed & { thread_id?: number })[];
    memory_copy?: (Timed & { dst_agent_id?: { handle?: number } })[];
  };
}

/**
 * JSON of rocprofv3 (`--output-format json`): dispatches, copies and calls of HIP, names of kernels and agents. Its metadata (host, command line,
 * configuration, paths) is not looked at.
 */
export const rocprofv3Reader = profileReader(
  'rocprofv3',
  'a rocprofv3 JSON',
  (text) => /^\{\s*"rocprofiler-sdk-tool"/.test(text),
  async (source) => {
    const tools = ((await wholeJson(source)) as { 'rocprofiler-sdk-tool': Tool[] })['rocprofiler-sdk-tool'];
    return (Array.isArray(tools) ? tools : [tools]).map((tool) => ofProcess(tool, source));
  },
);

function ofProcess({ agents = [], kernel_symbols = [], buffer_records = {} }: Tool, source: TraceSource): TraceAnalysis {
  const { kernel_dispatch = [], hip_api = [], memory_copy = [] } = buffer_records;
  if (!kernel_dispatch.length)
    throw new HwcastError('unsupported', 'no kernel was dispatched while this was taken', {
      where: source.name,
      hint: 'rocprofv3 --kernel-trace --hip-trace',
    });
  const timeline = new Timeline(),
    names = new Map(kernel_symbols.map((k) => [k.kernel_id, shownName(k.formatted_kernel_name || k.kernel_name || 'kernel')]));
  const times = ({ start_timestamp, end_timestamp, correlation_id }: Timed) => ({
    start: Number(start_timestamp) * NANO,
    end: Number(end_timestamp) * NANO,
    correlation: correlation_id?.internal ?? null,
    external: null,
  });
  for (const d of kernel_dispatch) {
    const name = names.get(d.dispatch_info?.kernel_id) ?? 'kernel';
    const stream = `${d.dispatch_info?.agent_id?.handle ?? 0}/${d.stream_id?.handle || (d.dispatch_info?.queue_id?.handle ?? 0)}`;
    timeline.addWork({ name, kind: isCollective(name) ? 'collective' : 'kernel', stream, ...times(d) });
  }
  for (const c of memory_copy)
    timeline.addWork({ name: 'Memcpy', kind: 'copy', stream: `${c.dst_agent_id?.handle ?? 0}/copies`, ...times(c) });
  for (const c of hip_api) timeline.addCall({ thread: `0/${c.thread_id ?? 0}`, launches: false, ...times(c) });
  const agent = agents.find((a) => a.id?.handle === kernel_dispatch[0].dispatch_info?.agent_id?.handle);
  timeline.device = agent ? shownName(agent.product_name || agent.name || '') || null : null;
  timeline.events = kernel_dispatch.length + memory_copy.length + hip_api.length;
  return { ...analyseTimeline(timeline, source.name, 'rocprofv3'), operators: null, kernelsWithOperator: null };
}
