import { opaqueWarnings } from '../../opaqueOperators.js';
import type { ModelReader, ReadModel, ReadModelOptions } from '../modelReader.js';
import { archivedPrograms, barePickle, isZip } from './pt2Archive.js';
import { readProgram } from './readProgram.js';

const latin = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const ARCHIVE = /\/data\/weights\/|models\/[^/]+\.json|serialized_exported_program|archive_format|data\.pkl|\.data\/|torch/;
/** Protocol 2 pickles, as PyTorch before 1.6 wrote them. */
const isPickle = (bytes: Uint8Array): boolean => bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5;

/** Programs that torch.export wrote: `.pt2` archives and the JSON inside them. Weights are not read, no code runs. */
export const pytorchReader: ModelReader = {
  format: 'pytorch',
  about: 'torch.export: .pt2 archives and their program JSON',
  detect(head, name) {
    const isTorchName = /\.(pt2?|pth|ckpt)$/i.test(name);
    if (isZip(head)) return ARCHIVE.test(latin(head)) ? 'certain' : isTorchName ? 'likely' : undefined;
    if (isPickle(head)) return isTorchName ? 'certain' : 'likely';
    const text = latin(head);
    return /^\s*\{/.test(text) && /"graph_module"\s*:|"as_tensor"\s*:/.test(text) ? 'certain' : undefined;
  },
  async read({ bytes, name }, options) {
    if (isPickle(bytes)) throw barePickle(name);
    if (!isZip(bytes)) return [model(Buffer.from(bytes).toString('utf8'), baseOf(name), options, name)];
    const programs = archivedPrograms(bytes, name);
    return programs.map((p) =>
      model(p.text, programs.length > 1 ? `${baseOf(name)}/${baseOf(p.name)}` : baseOf(name), options, `${name}: ${p.name}`),
    );
  },
};

function model(text: string, name: string, options: ReadModelOptions, where: string): ReadModel {
  const { graph, warnings } = readProgram(text, options, where);
  return { name, graph, warnings: [...opaqueWarnings(graph), ...warnings] };
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.(pt2?|json)$/i, '');
