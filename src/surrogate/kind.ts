import { HwcastError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import type { Workload } from '../graph/workload.js';
import type { Link } from './head/link.js';

/** Features of workloads, one row each: `data` is [rows, names.length] row-major; `group[j]` is the position of column j's group in FEATURE_GROUPS. */
export interface Columns {
  names: string[];
  group: Uint8Array;
  data: Float64Array;
  rows: number;
}

/** A kind of workload: how its workloads are read, described by numbers and drawn. One file, one `registerKind`. */
export interface Kind<W = Workload> {
  readonly name: string;
  /** how values meet the linear model: `linear` where costs add up, `log` where workloads are of all sizes */
  readonly link: Link;
  /** whether a workload is of this kind */
  holds(workload: Workload): boolean;
  /** the workload of its id. @throws HwcastError `bad-input` */
  parse(id: string): W;
  /** unscaled features, a row a workload */
  columns(workloads: readonly W[]): Columns;
  /** a random workload, where the kind is a space of them */
  draw?(random: Random): W;
}

const kinds = new Map<string, Kind>();
let newestFirst: readonly Kind[] = [];

/** Makes a kind known by its name, which datasets and models call their domain. */
export function registerKind(kind: Kind): void {
  kinds.set(kind.name, kind);
  newestFirst = [kind, ...newestFirst.filter((k) => k.name !== kind.name)];
}

/** The kind of this name. @throws HwcastError `not-found` naming those there are */
export function kindNamed(name: string): Kind {
  const kind = kinds.get(name);
  if (!kind)
    throw new HwcastError('not-found', `no kind of workload '${name}'`, { hint: `one of ${[...kinds.keys()].join(', ')}` });
  return kind;
}

/**
 * Name of the kind that a workload is of: of several that hold it, the one made known last.
 * @throws HwcastError `unsupported` for a workload of none
 */
export function domainOf(workload: Workload): string {
  const held = newestFirst.find((kind) => kind.holds(workload));
  if (!held)
    throw new HwcastError('unsupported', `'${workload.id}' is of no kind that is known here`, {
      hint: `there are ${[...kinds.keys()].join(', ')}`,
    });
  return held.name;
}
