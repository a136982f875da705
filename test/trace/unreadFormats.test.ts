import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readerFor } from '../../src/trace/registry.js';
import { unreadFormat } from '../../src/trace/unreadFormats.js';
import { hasShared, SHARED } from '../shared.js';

it('names formats by content, and says nothing of what it does not know', () => {
  expect(unreadFormat(Buffer.from('[ {"cat" : "Session","ph":"X"}'))).toBe('an ONNX Runtime profile');
  expect(unreadFormat(Buffer.from('{"$schema":"https://www.speedscope.app/file-format-schema.json"'))).toBe(
    'a speedscope profile',
  );
  expect(unreadFormat(Buffer.from('# Notes'))).toBeUndefined();
  expect(() => readerFor({ name: 'a.json', head: Buffer.from('[ {"cat" : "Session","ph":"X"}') })).toThrow(
    'this is an ONNX Runtime profile, which hwcast does not read',
  );
});

describe.skipIf(!hasShared)(`real files${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  it.each([
    ['nsys-sqlite/memfusion_report1.sqlite', 'an Nsight Systems SQLite export'],
    ['nsys-sqlite/p4arth_report1.sqlite', 'an Nsight Systems SQLite export'],
    ['nsys-sqlite/uvmtorch_report1.sqlite.gz', 'an Nsight Systems SQLite export'],
    ['rocprof/gunrock_results.db', 'a database of rocprof'],
    ['rocprof/tracelens_rocprof_908_results.json.gz', 'a rocprofv3 JSON'],
    ['rocprof/gunrock_results.csv', 'a per-dispatch table of rocprof'],
    ['rocprof/gunrock_results.stats.csv', 'a statistics table of rocprof'],
    ['execution-trace/param_linear_et.json.gz', 'a PyTorch execution trace'],
    ['execution-trace/param_pt2_et.json.gz', 'a PyTorch execution trace'],
    ['chakra/astrasim_custom_allreduce.0.et', 'a Chakra execution trace (protobuf)'],
    ['onnxruntime-profile/onnxvalidate_mnist_cpu_2019.json', 'an ONNX Runtime profile'],
    ['onnxruntime-profile/ort1.30_light_resnet50_cpu.json.gz', 'an ONNX Runtime profile'],
    ['tensorrt/a100_fp16_resnet.profile.json', 'a TensorRT layer profile (--exportProfile)'],
    ['tensorrt/a100_fp16_resnet.graph.json', 'a TensorRT layer list (--exportLayerInfo)'],
    ['tensorrt/a100_fp32_resnet.timing.json', 'a TensorRT table of times (--exportTimes)'],
    ['tensorrt/a100_fp16_resnet.metadata.json', 'TensorRT metadata'],
    ['tensorrt/a100_fp16_resnet.profile.metadata.json', 'TensorRT metadata'],
    ['tflite-benchmark/lenet_pseudo_csv.csv', 'a TensorFlow Lite benchmark profile'],
    ['tflite-benchmark/yolov5s_qti_gpu_fp16_nnapi.txt', 'a TensorFlow Lite benchmark profile'],
    ['tflite-benchmark/tf_inception5h_power8_generic.txt', 'a log of the TensorFlow benchmark tool'],
    ['tvm-autotvm-log/tophub_llvm_v0.04.log', 'an AutoTVM tuning log'],
    ['tvm-autotvm-log/tophub_cuda_v0.10.log', 'an AutoTVM tuning log'],
    ['xplane/tracelens_mi300_jax_conv_minimal.xplane.pb', 'an XPlane profile (XSpace protobuf)'],
    ['xplane/xprof_tpu_inference_2.xplane.pb', 'an XPlane profile (XSpace protobuf)'],
    ['xprof-tables/xprof_tpu_training_framework_op_stats.json.gz', 'a table of xprof'],
    ['proton-hatchet/tritonbench_proton.hatchet', 'a Triton proton profile (Hatchet JSON)'],
    ['nn-meter/nnmeter_ir_mobilenetv3small_0.json', 'an nn-Meter graph'],
    ['kineto-chrome/cmpark_chrome_trace.json.gz', 'a Chrome trace that is not of PyTorch'],
    ['mlir/iree_fullyconnected.mlir', 'MLIR text'],
    ['safetensors/candle_jfk_codes.safetensors', 'a safetensors file'],
  ])('%s is %s', (file, name) => {
    const bytes = readFileSync(join(SHARED, 'data/traces', file));
    expect(unreadFormat((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).subarray(0, 1 << 17))).toBe(name);
  });
});
