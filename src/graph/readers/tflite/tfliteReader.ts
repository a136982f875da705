import type { ModelReader } from '../modelReader.js';
import { parseTflite, tfliteIdentifier } from './tfliteModel.js';
import { TfliteReading } from './tfliteReading.js';

/** TensorFlow Lite (LiteRT) files: float, float16 and integer models; a model for each signature of a file that has several. */
export const tfliteReader: ModelReader = {
  format: 'tflite',
  about: 'TensorFlow Lite flatbuffers',
  detect: (head) => (tfliteIdentifier(head) ? 'certain' : undefined),
  async read({ bytes, name }, options) {
    const model = parseTflite(bytes, name);
    return model.entries.map((entry) => new TfliteReading(model, name).read(entry.subgraph, entry.name ?? name, options));
  },
};
