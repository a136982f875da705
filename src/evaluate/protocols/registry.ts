import { HwcastError } from '../../core/errors.js';
import { fpgaFamily } from './fpgaFamily.js';
import { fpgaResidual } from './fpgaResidual.js';
import { fpgaStage } from './fpgaStage.js';
import { help } from './help.js';
import { kernels } from './kernels.js';
import { leaveOneOutProtocol } from './leaveOneOut.js';
import { llm } from './llm.js';
import { nasflat } from './nasflat.js';
import { operators } from './operators.js';
import { power } from './power.js';
import type { Protocol } from './protocol.js';
import { tables, zooKnown, zooKnownConfigurations, zooNew } from './tables.js';

/** All protocols; those of one name are its parts, run in this order. */
export const PROTOCOLS: readonly Protocol[] = [
  help,
  nasflat,
  leaveOneOutProtocol,
  fpgaResidual,
  fpgaFamily,
  fpgaStage,
  kernels,
  power,
  llm,
  tables,
  zooKnown,
  zooKnownConfigurations,
  zooNew,
  operators,
];

/** What `--protocol` takes. */
export const PROTOCOL_NAMES: readonly string[] = [...new Set(PROTOCOLS.map((p) => p.name))];
/** What `--tasks` takes, for a protocol with several parts. */
export const partsOf = (name: string): string[] => PROTOCOLS.flatMap((p) => (p.name === name && p.part ? [p.part] : []));

/** The protocol, or the wanted of its parts. @throws HwcastError `usage` for an unknown name */
export function protocolsNamed(name: string, tasks?: readonly string[]): Protocol[] {
  const named = PROTOCOLS.filter((p) => p.name === name),
    parts = partsOf(name);
  if (!named.length) throw new HwcastError('usage', `no protocol '${name}'; one of ${PROTOCOL_NAMES.join(', ')}`);
  if (!parts.length || !tasks) return named;
  return tasks.map((task) => {
    const protocol = named.find((p) => p.part === task);
    if (!protocol)
      throw new HwcastError('usage', `no task '${task}' of the protocol ${name}`, { hint: `one of ${parts.join(', ')}` });
    return protocol;
  });
}
