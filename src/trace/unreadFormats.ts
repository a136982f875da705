import { headText } from './profileReader.js';

/** A format of measurements that hwcast recognises and does not read. */
interface UnreadFormat {
  /** as its makers call it, with its article */
  name: string;
  /** @param text head of the file as latin1, blanks before it left out @param whole with them */
  found(text: string, whole: string): boolean;
}

const has =
  (...patterns: RegExp[]) =>
  (text: string): boolean =>
    patterns.every((p) => p.test(text));

/** It begins with its version, then who made it, its graph or its operator sets. */
function isOnnx(text: string): boolean {
  const [key, version, next] = [0, 1, 2].map((i) => text.charCodeAt(i));
  return key === 8 && version > 0 && version < 32 && [0x12, 0x3a, 0x42].includes(next);
}

/** By content, the first that fits. */
const UNREAD: readonly UnreadFormat[] = [
  { name: 'a database of rocprof', found: has(/^SQLite format 3/, /KERN|HSA|HIP|COPY/) },
  { name: 'an SQLite database', found: has(/^SQLite format 3/) },
  { name: 'a speedscope profile', found: has(/"\$schema"\s*:\s*"https:\/\/www\.speedscope\.app/) },
  { name: 'an nn-Meter graph', found: has(/"inbounds"\s*:/, /"output_shape"\s*:/) },
  { name: 'a Chrome trace that is not of PyTorch', found: has(/^\[\s*\{/, /"ph"\s*:\s*"/, /"ts"\s*:/) },
  { name: 'MLIR text', found: has(/^(\/\/[^\n]*\n|\s)*(module|func\.func|#map|#\w+ = |vm\.)/) },
  { name: 'an ONNX model', found: (_, whole) => isOnnx(whole) },
  { name: 'a TensorFlow Lite model', found: (_, whole) => whole.slice(4, 8) === 'TFL3' },
  { name: 'a description of a GPU', found: has(/^\{/, /"(hbm_bandwidth|mem_per_GPU)_in_GB\w*"\s*:/) },
  {
    name: 'a configuration of a language model',
    found: has(/^\{/, /"(num_layers|num_hidden_layers|n_layer)"\s*:/, /"(hidden_dim|hidden_size|n_embd|d_model)"\s*:/),
  },
  { name: 'a safetensors file', found: (_, whole) => /^[\s\S]{8}\{"/.test(whole) && whole.includes('"data_offsets"') },
];

/** What a file is that no reader takes, e.g. `an ONNX Runtime profile`; undefined where that is not known either. */
export function unreadFormat(head: Uint8Array): string | undefined {
  const text = headText(head),
    whole = Buffer.from(head).toString('latin1');
  return UNREAD.find((f) => f.found(text, whole))?.name;
}
