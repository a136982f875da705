import { jsonReader } from './json/jsonReader.js';
import { kerasReader } from './keras/kerasReader.js';
import { mlirReader } from './mlir/mlirReader.js';
import type { ModelReader } from './modelReader.js';
import { ncnnReader } from './ncnn/ncnnReader.js';
import { nnmeterReader } from './nnmeter/nnmeterReader.js';
import { onnxReader } from './onnx/onnxReader.js';
import { pytorchReader } from './pytorch/pytorchReader.js';
import { tfliteReader } from './tflite/tfliteReader.js';

/** Formats of model files, found by content; a new one is one line here. */
export const MODEL_READERS: readonly ModelReader[] = [
  jsonReader,
  kerasReader,
  mlirReader,
  ncnnReader,
  nnmeterReader,
  onnxReader,
  pytorchReader,
  tfliteReader,
];
