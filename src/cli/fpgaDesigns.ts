import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { HwcastError } from '../errors.js';
import { readTextChecked } from '../files.js';
import type { HlsDesign } from '../graph/hls/hlsDesign.js';
import { readHlsDesigns } from '../graph/readers/hls/readHlsDesign.js';
import { readText } from './options.js';
import { note } from './progress.js';

/**
 * Designs of a file (gzip too, `-` for standard input); what the file refers to is looked for beside it. `keras` is the network of an hls4ml YAML file.
 * Of many, those that cannot be read are named on stderr and left out; if none can, the first error is thrown.
 */
export function designsOf(path: string, keras?: string): HlsDesign[] {
  const { text, where } = readText(path, 'design');
  const issues: HwcastError[] = [];
  const designs = readHlsDesigns(text, where, {
    onIssue: (error) => issues.push(error),
    other: keras === undefined ? undefined : readTextChecked(keras, 'network'),
    find: (file) => {
      const beside = resolve(dirname(path), file);
      return existsSync(beside) ? readFileSync(beside, 'utf8') : undefined;
    },
  });
  if (issues.length && !designs.length) throw issues[0];
  for (const issue of issues) note(`left out: ${issue.describe()}`);
  return designs;
}
