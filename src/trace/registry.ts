import { HwcastError } from '../core/errors.js';
import { autotvmReader } from './formats/autotvm/autotvmReader.js';
import { chakraReader } from './formats/chakra/chakraReader.js';
import { executionTraceReader } from './formats/executionTrace/executionTraceReader.js';
import { kinetoReader } from './formats/kineto/kinetoReader.js';
import { nnmeterDatasetReader } from './formats/nnmeter/nnmeterDatasetReader.js';
import { nsysReader } from './formats/nsys/nsysReader.js';
import { onnxruntimeReader } from './formats/onnxruntime/onnxruntimeReader.js';
import { protonReader } from './formats/proton/protonReader.js';
import { rocpdReader } from './formats/rocpd/rocpdReader.js';
import { rocprofReader } from './formats/rocprof/rocprofReader.js';
import { rocprofv3Reader } from './formats/rocprof/rocprofv3Reader.js';
import { tableReader } from './formats/table/tableReader.js';
import { tensorrtReader } from './formats/tensorrt/tensorrtReader.js';
import { tfliteBenchmarkReader } from './formats/tflite/tfliteBenchmarkReader.js';
import { tpugraphsReader } from './formats/tpugraphs/tpugraphsReader.js';
import { xplaneReader } from './formats/xplane/xplaneReader.js';
import { xprofReader } from './formats/xprof/xprofReader.js';
import { guardedReader } from './guardedReader.js';
import type { TraceReader, TraceSource } from './traceReader.js';
import { unreadFormat } from './unreadFormats.js';

/** All readers, tried in this order: tables, which are told by the least, come last. A new format is one line here. */
export const READERS: readonly TraceReader[] = [
  kinetoReader,
  executionTraceReader,
  onnxruntimeReader,
  nsysReader,
  rocprofReader,
  rocpdReader,
  rocprofv3Reader,
  tensorrtReader,
  autotvmReader,
  tfliteBenchmarkReader,
  protonReader,
  xprofReader,
  chakraReader,
  xplaneReader,
  tpugraphsReader,
  nnmeterDatasetReader,
  tableReader,
].map(guardedReader);

const listed = () => READERS.map((r) => r.format).join(', ');

/**
 * The reader for a source: the named one, or the first that recognises its content.
 * @throws HwcastError `unsupported` that names the format where it is known, listing those that are read; `corrupt` for an empty file.
 */
export function readerFor(source: Pick<TraceSource, 'name' | 'head'>, format?: string): TraceReader {
  if (format !== undefined) {
    const reader = READERS.find((r) => r.format === format);
    if (!reader) throw new HwcastError('unsupported', `no reader for format '${format}'`, { hint: `formats: ${listed()}` });
    return reader;
  }
  if (!source.head.length) throw new HwcastError('corrupt', 'the file is empty', { where: source.name });
  const reader = READERS.find((r) => r.detect(source.head, source.name));
  if (!reader) {
    const known = unreadFormat(source.head);
    throw new HwcastError(
      'unsupported',
      known ? `this is ${known}, which hwcast does not read` : 'this is no format hwcast reads',
      {
        where: source.name,
        hint: `formats: ${listed()}; --format chooses by hand`,
      },
    );
  }
  return reader;
}
