import { tinyDatabase } from '../../sqlite/tinyDatabase.js';
import { tinyTrace, twoSteps } from '../kineto/tinyTrace.js';

/** What must never leave a file, in a form that no format holds otherwise. */
export const SECRET = 'hf_QWERTYQWERTYQWERTYQWERTY';
export const SECRETS = [SECRET, '/home/somebody', 'node17.example.org', 'somebody@example.org', 'API_KEY=topsecretvalue'];
const all = SECRETS.join(' ');
const J = JSON.stringify;

const nsysTables = (kernels: (number | string | null)[][]) => ({
  StringIds: {
    columns: 'id INTEGER NOT NULL PRIMARY KEY, value TEXT',
    rows: [
      [null, `gemm ${all}`],
      [null, 'cudaLaunchKernel'],
    ],
  },
  CUPTI_ACTIVITY_KIND_KERNEL: {
    columns:
      'start INTEGER, end INTEGER, deviceId INTEGER, streamId INTEGER, correlationId INTEGER, demangledName INTEGER, shortName INTEGER',
    rows: kernels,
  },
  CUPTI_ACTIVITY_KIND_RUNTIME: {
    columns: 'start INTEGER, end INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER',
    rows: [[1000, 2000, 16777216 * 3 + 9, 7, 2]],
  },
  TARGET_INFO_GPU: {
    columns: 'id INTEGER, name TEXT',
    rows: [
      [0, 'GPU A'],
      [1, 'GPU B'],
    ],
  },
  TARGET_INFO_CUDA_DEVICE: { columns: 'gpuId INTEGER, cudaId INTEGER, pid INTEGER', rows: [[1, 0, 5]] },
  TARGET_INFO_SYSTEM_ENV: { columns: 'name TEXT, value TEXT', rows: [['HF_TOKEN', all]] },
  META_DATA_CAPTURE: { columns: 'name TEXT, value TEXT', rows: [['command', all]] },
});

/** A message of protocol buffers: bytes or numbers by field. */
export function message(...fields: [field: number, value: number | string | Buffer][]): Buffer {
  const varint = (n: number): Buffer => {
    const out: number[] = [];
    for (; n >= 128; n = Math.floor(n / 128)) out.push((n % 128) | 128);
    return Buffer.from([...out, n]);
  };
  return Buffer.concat(
    fields.flatMap(([field, value]) => {
      if (typeof value === 'number') return [varint(field * 8), varint(value)];
      const bytes = Buffer.from(value as string);
      return [varint(field * 8 + 2), varint(bytes.length), bytes];
    }),
  );
}
const delimited = (...messages: Buffer[]): Buffer => Buffer.concat(messages.flatMap((m) => [message([1, m]).subarray(1)]));

/** Of XLA: a tensor, and an instruction with what it reads. */
const tensor = (type: number, ...sizes: number[]): Buffer => message([2, type], ...sizes.map((n): [number, number] => [3, n]));
const instruction = (
  id: number,
  name: string,
  opcode: string,
  shape: Buffer,
  operands: number[],
  ...more: [number, number | Buffer][]
) =>
  message(
    [1, name],
    [2, opcode],
    [3, shape],
    [7, message([2, all])],
    ...more,
    [35, id],
    ...operands.map((o): [number, number] => [36, o]),
  );
/** A program with a fused product (fp32 [2, 3] x [3, 4]), a convolution of bf16 pictures [1, 8, 8, 3] and a copy. */
export const hlo = message(
  [1, 'jit_f'],
  [2, 'main'],
  [
    3,
    message(
      [1, `fused ${all}`],
      [2, instruction(1, 'p0', 'parameter', tensor(11, 2, 3), [])],
      [2, instruction(2, 'p1', 'parameter', tensor(11, 3, 4), [])],
      [2, instruction(3, 'dot', 'dot', tensor(11, 2, 4), [1, 2], [30, message([1, 1], [2, 0])])],
      [5, 7],
    ),
  ],
  [
    3,
    message(
      [1, 'main'],
      [2, instruction(1, 'a', 'parameter', tensor(11, 2, 3), [])],
      [2, instruction(2, 'b', 'parameter', tensor(11, 3, 4), [])],
      [2, instruction(4, 'fusion.1', 'fusion', tensor(11, 2, 4), [1, 2], [38, 7])],
      [2, instruction(5, 'x', 'parameter', tensor(16, 1, 8, 8, 3), [])],
      [2, instruction(6, 'w', 'parameter', tensor(16, 3, 3, 3, 16), [])],
      [
        2,
        instruction(
          8,
          'conv.2',
          'custom-call',
          message([2, 13], [4, tensor(16, 1, 4, 4, 16)], [4, tensor(6, 0)]),
          [5, 6],
          [15, message(...[1, 2].map((): [number, Buffer] => [1, message([1, 3], [2, 2], [4, 1], [5, 1], [6, 1])]))],
          [16, message([3, 2], [4, 3], [6, 0], [6, 1], [7, 0], [8, 3], [9, 0], [10, 3], [11, 1], [11, 2])],
          [28, Buffer.from('__cudnn$convForward')],
          [50, 1],
        ),
      ],
      [2, instruction(9, 'copy.3', 'copy', tensor(11, 4, 2), [4])],
      [5, 9],
      [6, 9],
    ),
  ],
  [6, 9],
);

/** Tuning data of one kernel: a fused product, of which the second of three configurations is the default and one failed. */
const tuning = message([
  1,
  message(
    [
      1,
      message(
        [1, 'fusion.1'],
        [2, 'main'],
        [
          3,
          message(
            [1, 'fused'],
            [2, instruction(1, 'p', 'parameter', tensor(11, 2, 3), [])],
            [2, instruction(3, 'm', 'multiply', tensor(11, 2, 3), [1, 1])],
            [5, 7],
          ),
        ],
        [
          3,
          message(
            [1, `main ${all}`],
            [2, instruction(1, 'a', 'parameter', tensor(11, 2, 3), [])],
            [2, instruction(4, 'f', 'fusion', tensor(11, 2, 3), [1], [38, 7])],
            [5, 9],
          ),
        ],
        [6, 9],
      ),
    ],
    [3, message([1, message([1, 5])], [4, message([4, 4000])])],
    [3, message([1, message([1, 5])], [4, message([4, 5000])], [5, 1])],
    [3, message([3, 1], [4, message([4, 1000])])],
  ),
]);

const xplane = Buffer.concat([
  message([
    1,
    message(
      [1, 1],
      [2, '/device:GPU:0'],
      [
        3,
        message(
          [2, 'Stream #1(Kernel)'],
          [3, 5000],
          [4, message([1, 4], [2, 3_000_000], [3, 2_000_000], [4, message([1, 9], [3, 77])])],
        ),
      ],
      [4, message([1, 4], [2, message([1, 4], [2, `fusion ${all}`])])],
      [5, message([1, 9], [2, message([1, 9], [2, 'correlation_id'])])],
    ),
  ]),
  message([
    1,
    message(
      [2, '/host:metadata'],
      [4, message([1, 15], [2, message([1, 15], [2, `jit_f(15) ${all}`], [5, message([1, 3], [6, message([1, hlo])])])])],
      [5, message([1, 3], [2, message([1, 3], [2, 'Hlo Proto'])])],
    ),
  ]),
  message([
    1,
    message(
      [1, 2],
      [2, '/host:CPU'],
      [3, message([2, all], [3, 5000], [4, message([1, 4], [2, 1_000_000], [3, 500_000], [4, message([1, 9], [3, 77])])])],
      [4, message([1, 4], [2, message([1, 4], [2, 'hipLaunchKernel'])])],
      [5, message([1, 9], [2, message([1, 9], [2, 'correlation_id'])])],
    ),
  ]),
  message([4, all]),
]);

/** A small file of every format that is analysed, with secrets where such files have them and where they could. */
export const FIXTURES: Readonly<Record<string, string | Buffer>> = {
  kineto: tinyTrace(
    twoSteps(),
    { deviceProperties: [{ id: 0, name: 'GPU A' }], metadata: { env: { HF_TOKEN: all } }, traceName: all },
    [{ ph: 'X', cat: 'cpu_op', name: all, pid: 1, tid: 1, ts: 90, dur: 1, args: {} }],
  ),
  rocpd: tinyDatabase({
    rocpd_string_0000abcd: { columns: 'id INTEGER PRIMARY KEY, string TEXT', rows: [[null, 'hipLaunchKernel']] },
    rocpd_info_process_0000abcd: { columns: 'id INTEGER PRIMARY KEY, command TEXT, environment TEXT', rows: [[null, all, all]] },
    rocpd_info_agent_0000abcd: {
      columns: 'id INTEGER PRIMARY KEY, name TEXT, model_name TEXT, product_name TEXT',
      rows: [
        [null, 'cpu', 'cpu', 'CPU'],
        [null, 'gfx942', '', 'GPU A'],
      ],
    },
    rocpd_info_kernel_symbol_0000abcd: {
      columns: 'id INTEGER PRIMARY KEY, kernel_name TEXT, display_name TEXT',
      rows: [[null, 'gemm.kd', `gemm ${all}`]],
    },
    rocpd_event_0000abcd: {
      columns: 'id INTEGER PRIMARY KEY, stack_id INTEGER',
      rows: [
        [null, 9],
        [null, 9],
      ],
    },
    rocpd_region_0000abcd: {
      columns: 'id INTEGER PRIMARY KEY, pid INTEGER, tid INTEGER, start BIGINT, end BIGINT, name_id INTEGER, event_id INTEGER',
      rows: [[null, 1, 1, 1000, 1500, 1, 1]],
    },
    rocpd_kernel_dispatch_0000abcd: {
      columns:
        'id INTEGER PRIMARY KEY, agent_id INTEGER, kernel_id INTEGER, queue_id INTEGER, stream_id INTEGER, start BIGINT, end BIGINT, event_id INTEGER',
      rows: [[null, 2, 1, 1, 1, 3000, 7000, 2]],
    },
  }),
  onnxruntime: J([
    { cat: 'Session', pid: 1, tid: 1, dur: 5, ts: 1, ph: 'X', name: 'model_loading_uri', args: { path: all } },
    {
      cat: 'Node',
      pid: 1,
      tid: 1,
      dur: 30,
      ts: 110,
      ph: 'X',
      name: 'c_kernel_time',
      args: { op_name: 'Conv', input_type_shape: [] },
    },
    { cat: 'Node', pid: 1, tid: 1, dur: 9, ts: 140, ph: 'X', name: 'c_fence_after', args: { op_name: 'Conv' } },
    { cat: 'Session', pid: 1, tid: 1, dur: 100, ts: 100, ph: 'X', name: 'model_run', args: {} },
    {
      cat: 'Node',
      pid: 1,
      tid: 1,
      dur: 20,
      ts: 310,
      ph: 'X',
      name: `${all}_kernel_time`,
      args: { op_name: 'Conv', input_type_shape: [] },
    },
    { cat: 'Node', pid: 1, tid: 1, dur: 10, ts: 340, ph: 'X', name: 'r_kernel_time', args: { op_name: `Relu ${all}` } },
    { cat: 'Session', pid: 1, tid: 1, dur: 50, ts: 300, ph: 'X', name: 'model_run', args: {} },
  ]),
  nsys: tinyDatabase(nsysTables([[3000, 5000, 0, 7, 7, 1, 1]])),
  rocprof: `"Index","KernelName","gpu-id","queue-id","pid","DispatchNs","BeginNs","EndNs"\n0,"k ${all}",1,0,5,1000,3000,5000\n1,"k2",1,0,5,1500,6000,7000\n`,
  rocprofv3: J({
    'rocprofiler-sdk-tool': [
      {
        metadata: { node: { hostname: all }, command: [all] },
        agents: [{ id: { handle: 3 }, product_name: 'GPU A' }],
        kernel_symbols: [{ kernel_id: 8, formatted_kernel_name: `k ${all}` }],
        buffer_records: {
          kernel_dispatch: [
            {
              correlation_id: { internal: 1 },
              start_timestamp: 3000,
              end_timestamp: 5000,
              dispatch_info: { agent_id: { handle: 3 }, kernel_id: 8 },
            },
          ],
          hip_api: [{ correlation_id: { internal: 1 }, start_timestamp: 1000, end_timestamp: 1500, thread_id: 4 }],
        },
      },
    ],
  }),
  tensorrt: J([
    { count: 2 },
    { name: `conv ${all}`, timeMs: 4, averageMs: 2, percentage: 80 },
    { name: 'relu', timeMs: 1, averageMs: 0.5 },
  ]),
  autotvm: `# best\n${J({ input: [`cuda -model=v100 -keys=${all}`, 'conv2d_nchw.cuda', [['TENSOR', [1, 3, 8, 8], 'float32'], ['TENSOR', [4, 3, 3, 3], 'float32'], [1, 1], [1, 1], [1, 1], 'float32']], result: [[0.002, 0.004], 0, 1, 2] })}\n${J({ input: [`cuda -model=v100 -libs=${all}`, all, [['TENSOR', [1], all]]], result: [[1e-5], 0, 1, 2] })}\n${J({ input: ['cuda', 'x', []], result: [[1e9], 4, 1, 2] })}\n`,
  'tflite-benchmark': `Graph: [${all}]\n=== Run Order ===\nnode type, start, first, avg_ms, %, cdf%, mem KB, times called, name\nCONV_2D, 0, 0.11, 0.5, 50%, 50%, 0, 2, [${all}]:0\nELU, 0, 1, 0.25, 1%, 1%, 0, 1, [x]:1\n\n=== Top by Computation Time ===\nnode type, start, first, avg_ms\nCONV_2D, 0, 0.11, 0.5\n`,
  proton: J([
    {
      frame: { name: 'ROOT', type: 'function' },
      metrics: {},
      children: [{ children: [], frame: { name: `k ${all}` }, metrics: { count: 2, 'time (ns)': 4000 } }],
    },
    { CUDA: { '0': { arch: '90', num_sms: 132 } } },
  ]),
  xprof: J([
    {
      cols: ['host_or_device', 'type', 'operation', 'occurrences', 'total_self_time'].map((id) => ({ id })),
      p: { hostname: all },
      rows: [
        { c: [{ v: 'Device' }, { v: `dot ${all}` }, { v: all }, { v: 2 }, { v: 30 }] },
        { c: [{ v: 'Host' }, { v: 'infeed' }, { v: 'x' }, { v: 1 }, { v: 5 }] },
      ],
    },
  ]),
  chakra: J({
    workload_graph: [
      { Id: 1, Name: 'aten::add(0)', NodeType: 4, runtime: 6, is_cpu_op: true },
      { Id: 2, Name: `k ${all}`, NodeType: 4, runtime: 4, is_cpu_op: false },
    ],
  }),
  'execution-trace': J({
    schema: '1.0.1',
    pid: 4,
    nodes: [
      { name: '[pytorch|profiler|execution_graph|thread]', id: 2, op_schema: '' },
      { name: 'aten::add', id: 3, op_schema: 'aten::add(Tensor x)', input_shapes: [[2]] },
      { name: all, id: 4, op_schema: all, input_shapes: [[2]] },
    ],
  }),
  xplane,
  tpugraphs: tuning,
};

/** Further files of the same formats. */
export const MORE = {
  chakraProto: delimited(
    message([1, message([1, 'schema'], [29, '1.0.2-chakra.0.0.4'])], [2, message([1, 'input_file'], [29, all])]),
    message([1, 1], [2, 'aten::add'], [3, 4], [7, 6], [10, message([1, 'is_cpu_op'], [27, 1])]),
    message([1, 2], [2, 'k'], [3, 4], [7, 4], [10, message([1, 'is_cpu_op'], [27, 0])]),
  ),
  nsysWithoutKernels: tinyDatabase({ TARGET_INFO_GPU: { columns: 'id INTEGER, name TEXT', rows: [[0, 'GPU A']] } }),
  rocprofTrace: `{ "traceEvents":[{}\n,${[
    { args: { name: 'CPU HIP API' }, ph: 'M', pid: 2, name: 'process_name', sort_index: 0 },
    { args: { name: 'GPU0' }, ph: 'M', pid: 6, name: 'process_name', sort_index: 1 },
    { args: { name: 'COPY' }, ph: 'M', pid: 1, name: 'process_name', sort_index: 2 },
    ...[
      ['hipLaunchKernel', 2, 9, 1000, 1500],
      [`gemm ${all}`, 6, 0, 3500, 5000],
      ['hipMemcpy', 1, 0, 6000, 7000],
      ['hipFree', 2, 9, 'x', 'y'],
    ].map(([name, pid, tid, begin, end]) => ({
      ph: 'X',
      name,
      pid,
      tid,
      ts: String(Math.floor(Number(begin) / 1000)),
      dur: '1',
      args: { BeginNs: String(begin), EndNs: String(end), Name: name, args: `( ${all})` },
    })),
    { ts: 1, ph: 's', cat: 'DataFlow', id: 0, pid: 2, tid: 9, name: 'dep' },
    { ts: 3, ph: 't', cat: 'DataFlow', id: 0, pid: 6, tid: 0, name: 'dep' },
  ]
    .map((e) => J(e))
    .join('\n,')}\n],\n"otherData": {\n "host": "${all}"\n }\n}`,
  rocprofStatistics: '"Name","Calls","TotalDurationNs"\n"k",2,3000\n',
  rocmProfileData: tinyDatabase({
    rocpd_string: {
      columns: 'id INTEGER PRIMARY KEY, string TEXT',
      rows: ['hipLaunchKernel', 'KernelExecution', 'gemm', 'CopyHostToDevice', ''].map((text) => [null, text]),
    },
    rocpd_api: {
      columns: 'id INTEGER PRIMARY KEY, pid INTEGER, tid INTEGER, start INTEGER, end INTEGER, apiName_id INTEGER',
      rows: [[null, 1, 2, 1000, 1400, 1]],
    },
    rocpd_op: {
      columns:
        'id INTEGER PRIMARY KEY, gpuId INTEGER, queueId INTEGER, start INTEGER, end INTEGER, description_id INTEGER, opType_id INTEGER',
      rows: [
        [null, 0, 1, 4000, 8000, 3, 2],
        [null, 0, 1, 9000, 10000, 5, 4],
      ],
    },
    rocpd_api_ops: { columns: 'id INTEGER PRIMARY KEY, api_id INTEGER, op_id INTEGER', rows: [[null, 1, 1]] },
  }),
  trtLayers: J({
    Layers: [
      { Name: 'relu', LayerType: 'PointWise', Inputs: [{ Dimensions: [8, 3, 4, 4] }] },
      { Name: 'other', LayerType: 'Reformat', Inputs: [] },
    ],
    Bindings: [],
  }),
  trtTimes: J([
    { startEnqMs: 1, latencyMs: 3, h2dMs: 0.5 },
    { startEnqMs: 2, latencyMs: 5, h2dMs: 0.5 },
  ]),
  trtMetadata: J({
    performance_summary: { Latency: [1, 9, 4, 3.5] },
    device_information: { 'Selected Device': 'GPU A' },
    model_options: { Model: all },
  }),
};
