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
  { name: 'a database of rocprof', found: has(/^SQLite format 3/, /KERN|HSA|HIP|COPY/) },
  { name: 'an SQLite database', found: has(/^SQLite format 3/) },
  { name: 'a speedscope profile', found: has(/"\$schema"\s*:\s*"https:\/\/www\.speedscope\.app/) },
  { name: 'an nn-Meter graph', found: has(/"inbounds"\s*:/, /"output_shape"\s*:/) },
  { name: 'a Chrome trace that is not of PyTorch', found: has(/^\[\s*\{/, /"ph"\s*:\s*"/, /"ts"\s*:/) },
  { name: 'MLIR text', found: has(/^(\/\/[^\n]*\n|\s)*(module|func\.func|#map|#\w+ = |vm\.)/) },
  { name: 'a safetensors file', found: has(/^[\s\S]{8}\{"/, /"data_offsets"/) },
];

/** What a file is that no reader takes, e.g. `an ONNX Runtime profile`; undefined where that is not known either. */
export function unreadFormat(head: Uint8Array): string | undefined {
  const text = headText(head);
  return UNREAD.find((f) => f.found(text))?.name;
}
