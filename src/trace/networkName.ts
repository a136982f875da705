import { fileName } from './fileName.js';

/**
 * File name without folder and endings. `*.pt.trace.json` is named by the profiler after host, process and time: no name, so that none of it
 * enters a dataset.
 */
export function networkName(source: string): string | null {
  const file = fileName(source);
  if (/\.pt\.trace\.json/.test(file)) return null;
  return (
    file
      .replace(/(\.(gz|zst|json|trace|sqlite))+$/i, '')
      .replace(/[^\w.+-]+/g, '_')
      .slice(0, 80) || null
  );
}
