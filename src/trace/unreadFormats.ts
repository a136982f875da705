import { headText } from './profileReader.js';

/** A format of measurements that hwcast recognises and does not read. */
interface UnreadFormat {
  /** as its makers call it, with its article */
  name: string;
  found(text: string): boolean;
}

const has =
  (...patterns: RegExp[]) =>
  (text: string): boolean =>
    patterns.every((p) => p.test(text));

/** By content, the first that fits; the text is the head of the file as latin1. */
const UNREAD: readonly UnreadFormat[] = [
  {
    name: 'an Nsight Systems SQLite export',
    found: has(/^SQLite format 3/, /CUPTI_ACTIVITY|TARGET_INFO_|META_DATA_EXPORT|EXPORT_META_DATA/),
  },
  { name: 'a rocpd database', found: has(/^SQLite format 3/, /rocpd/) },
  { name: 'a database of rocprof', found: has(/^SQLite format 3/, /KERN|HSA|HIP|COPY/) },
  { name: 'an SQLite database', found: has(/^SQLite format 3/) },
  { name: 'a rocprofv3 JSON', found: has(/^\{\s*"rocprofiler-sdk-tool"/) },
  { name: 'a per-dispatch table of rocprof', found: has(/^"?Index"?,"?KernelName"?,/) },
  { name: 'a statistics table of rocprof', found: has(/^"?Name"?,"?Calls"?,"?TotalDurationNs"?/) },
  { name: 'a PyTorch execution trace', found: has(/^\{\s*"schema"\s*:\s*"\d/, /\[pytorch\|profiler\|execution_(trace|graph)/) },
  { name: 'a Chakra execution trace (JSON)', found: has(/^\{\s*"workload_graph"/) },
  { name: 'a Chakra execution trace (protobuf)', found: has(/^[\s\S]{0,8}(schema|version)[\s\S]{0,40}(-chakra|input_file)/) },
  { name: 'an ONNX Runtime profile', found: has(/^\[\s*\{\s*"cat"\s*:\s*"Session"/) },
  { name: 'a TensorRT layer profile (--exportProfile)', found: has(/^\[\s*\{\s*"count"\s*:\s*\d+\s*\}/) },
  { name: 'a TensorRT layer list (--exportLayerInfo)', found: has(/^\{\s*"Layers"\s*:/) },
  { name: 'a TensorRT table of times (--exportTimes)', found: has(/^\[\s*\{\s*"startEnqMs"/) },
  {
    name: 'TensorRT metadata',
    found: has(/^(\{\s*"(model_options|performance_summary)"|\[\s*\{\s*"Name"[^}]*"ComputeCapability")/),
  },
  { name: 'a log of the TensorFlow benchmark tool', found: has(/tensorflow\/tools\/benchmark\/benchmark_model/) },
  { name: 'a TensorFlow Lite benchmark profile', found: has(/Run Order =+\s+.?.?node type|\[node type\]/) },
  { name: 'an AutoTVM tuning log', found: has(/^\{"input"\s*:\s*\["|\n\{"input"\s*:\s*\["/) },
  { name: 'an XPlane profile (XSpace protobuf)', found: has(/^[\s\S]{0,64}(\/host:|\/device:|Task Environment)/) },
  { name: 'a table of xprof', found: has(/^\[?\s*\{\s*"cols"\s*:\s*\[/) },
  { name: 'a Triton proton profile (Hatchet JSON)', found: has(/^\s*\[\s*\{\s*"(children|frame)"/) },
  { name: 'a speedscope profile', found: has(/"\$schema"\s*:\s*"https:\/\/www\.speedscope\.app/) },
  { name: 'an nn-Meter graph', found: has(/"inbounds"\s*:/, /"output_shape"\s*:/) },
  { name: 'an nn-Meter table of reference latencies', found: has(/^model_name, model_type, predictor,/) },
  { name: 'a Chrome trace that is not of PyTorch', found: has(/^\[\s*\{/, /"ph"\s*:\s*"/, /"ts"\s*:/) },
  { name: 'MLIR text', found: has(/^(\/\/[^\n]*\n|\s)*(module|func\.func|#map|#\w+ = |vm\.)/) },
  { name: 'a safetensors file', found: has(/^[\s\S]{8}\{"/, /"data_offsets"/) },
];

/** What a file is that no reader takes, e.g. `an ONNX Runtime profile`; undefined where that is not known either. */
export function unreadFormat(head: Uint8Array): string | undefined {
  const text = headText(head);
  return UNREAD.find((f) => f.found(text))?.name;
}
