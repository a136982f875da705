import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { readUnpacked } from '../../core/files.js';
import type { HlsDesign } from '../../fpga/design/hlsDesign.js';
import { readHlsDesigns } from '../../fpga/readers/readHlsDesign.js';
import { note } from '../progress.js';

/**
 * Designs of a file (gzipped where the name ends in `.gz`, `-` for standard input); what the file refers to is looked for beside it. `network` is the Keras JSON or ONNX file that
 * an hls4ml YAML file configures.
 * Of many, those that cannot be read are named on stderr and left out; if none can, the first error is thrown.
 */
export function designsOf(path: string, network?: string): HlsDesign[] {
  const issues: HwcastError[] = [];
  const designs = readHlsDesigns(contentOf(path, 'design file'), path === '-' ? 'standard input' : path, {
    onIssue: (error) => issues.push(error),
    other: network === undefined ? undefined : contentOf(network, 'network'),
    otherName: network,
    find: (file) => {
      const beside = resolve(dirname(path), file);
      return existsSync(beside) ? readUnpacked(beside) : undefined;
    },
  });
  if (issues.length && !designs.length) throw issues[0];
  for (const issue of issues) note(`left out: ${issue.describe()}`);
  return designs;
}

/** Bytes of a file: ONNX is told from text by its content. */
function contentOf(path: string, what: string): Uint8Array {
  if (path === '-') return readFileSync(0);
  const project = statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? 'a folder'
    : /\.(tgz|tar\.gz|tar)$/i.test(path)
      ? 'an archive'
      : undefined;
  if (project)
    throw new HwcastError('unsupported', `${project} is no ${what}: hwcast reads the files of an hls4ml project, not the whole`, {
      where: path,
      hint:
        project === 'a folder'
          ? 'give its hls4ml_config.yml and, with --keras, its network'
          : `unpack it: tar xf ${path}; then give its hls4ml_config.yml`,
    });
  return readUnpacked(path, what);
}
