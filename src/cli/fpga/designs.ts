import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { readUnpacked } from '../../core/files.js';
import type { HlsDesign } from '../../fpga/design/hlsDesign.js';
import { readHlsDesigns } from '../../fpga/readers/readHlsDesign.js';
import { note } from '../progress.js';

/**
 * Designs of a file (gzipped where the name ends in `.gz`, `-` for standard input) or of an hls4ml project, a folder or an archive of one; what the file refers to is looked for
 * beside it. `network` is the Keras or ONNX file that an hls4ml YAML file configures.
 * Of many, those that cannot be read are named on stderr and left out; if none can, the first error is thrown.
 */
export async function designsOf(path: string, network?: string): Promise<HlsDesign[]> {
  const other = network === undefined ? undefined : contentOf(network, 'network');
  if (isProject(path)) return [await projectOf(path, other, network)];
  const issues: HwcastError[] = [];
  const designs = readHlsDesigns(contentOf(path, 'design file'), path === '-' ? 'standard input' : path, {
    onIssue: (error) => issues.push(error),
    other,
    otherName: network,
    find: (file) => {
      // paths in a configuration are from where hls4ml ran: the file itself may lie beside it
      const beside = [file, basename(file)].map((name) => resolve(dirname(path), name)).find((name) => existsSync(name));
      return beside === undefined ? undefined : readUnpacked(beside);
    },
  });
  if (issues.length && !designs.length) throw issues[0];
  for (const issue of issues) note(`left out: ${issue.describe()}`);
  return designs;
}

/** Bytes of a file: ONNX is told from text by its content. */
function contentOf(path: string, what: string): Uint8Array {
  if (path === '-') return readFileSync(0);
  if (isProject(path))
    throw new HwcastError('unsupported', `a folder or archive is no ${what}`, {
      where: path,
      hint: 'name the file of the network in it',
    });
  return readUnpacked(path, what);
}

/** Whether a path is a folder or an archive of a project; a `.keras` file is a zip archive too, but one file of a network. */
const isProject = (path: string): boolean =>
  path !== '-' && (/\.(tgz|tar\.gz|tar|zip)$/i.test(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true);

/** What a project unpacks to at most, in bytes: networks of FPGAs are small. */
const PROJECT_BYTES = 2 ** 30;

async function projectOf(path: string, other: Uint8Array | undefined, otherName: string | undefined): Promise<HlsDesign> {
  const { isProjectFile, projectDesign } = await import('../../fpga/readers/project/projectDesign.js');
  const { walkSources } = await import('../../trace/source/walkSources.js');
  const files = new Map<string, Uint8Array>();
  for await (const source of walkSources([path], { bytes: PROJECT_BYTES, whole: /\.keras$/i })) {
    if ('reason' in source) {
      if (source.where === path) throw new HwcastError('corrupt', source.reason, { where: path });
      note(`left out: ${source.where}: ${source.reason}`);
      continue;
    }
    const name = nameWithin(path, source.name);
    if (!isProjectFile(name)) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of source.chunks) chunks.push(chunk);
    files.set(name, Buffer.concat(chunks));
  }
  return projectDesign(files, path, { other, otherName });
}

/** Path of a file below a folder, or within an archive. */
const nameWithin = (path: string, name: string): string =>
  (name.startsWith(`${path}!`) ? name.slice(path.length + 1) : relative(path, name)).replace(/^\.\//, '');
