import { strFromU8, unzipSync } from 'fflate';
import { HwcastError } from '../../../core/errors.js';

/** The program of an archive, as its JSON. */
export interface ArchivedProgram {
  name: string;
  text: string;
}

const PROGRAM = /(^|\/)models\/[^/]+\.json$|(^|\/)serialized_exported_program\.json$/;
const EXPORT_HINT = 'write it with torch.export.save(torch.export.export(model, (example,)), "model.pt2")';

export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * Programs of an archive that `torch.export.save` wrote; weights stay packed.
 * @throws HwcastError `corrupt` for a cut or damaged archive, `unsupported` for one without a program
 */
export function archivedPrograms(bytes: Uint8Array, where: string): ArchivedProgram[] {
  const names: string[] = [];
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter({ name }) {
        names.push(name);
        return PROGRAM.test(name);
      },
    });
  } catch (cause) {
    throw new HwcastError('corrupt', `the archive is cut or damaged: ${(cause as Error).message}`, {
      where,
      hint: 'copy or save the file again: the list of a zip archive stands at its end',
      cause,
    });
  }
  const programs = Object.entries(files).map(([name, content]) => ({ name, text: strFromU8(content) }));
  if (!programs.length) throw withoutProgram(names, where);
  return programs;
}

/** What an archive is that holds no program. */
function withoutProgram(names: readonly string[], where: string): HwcastError {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  const what = has(/(^|\/)code\/.*\.py$/)
    ? 'a TorchScript archive, whose operators stand in code'
    : has(/(^|\/)data\.pkl$/)
      ? 'a pickle of PyTorch (torch.save): weights or Python objects, not what runs'
      : has(/\.(so|cpp|cubin)$/)
        ? 'a compiled package of AOTInductor without its program'
        : 'an archive without models/*.json';
  return new HwcastError('unsupported', `no exported program inside: it is ${what}`, { where, hint: EXPORT_HINT });
}

/** The error for a pickle outside an archive (PyTorch before 1.6). */
export const barePickle = (where: string): HwcastError =>
  new HwcastError('unsupported', 'a pickle of PyTorch (torch.save): weights or Python objects, not what runs', {
    where,
    hint: EXPORT_HINT,
  });
