/**
 * Attention as a cascade of Einsums (FuseMax, Nayak et al., MICRO 2024, arXiv 2406.10491; the one-pass cascade as in its authors' accelerator-zoo,
 * fusemax.ipynb, the others by the same rules). How often the keys of a query have to be visited follows from what an Einsum reads: one that goes over
 * all keys and needs what another has reduced over all of them begins a new pass. What lies between two passes has to be kept or computed again, so that
 * only a cascade of one pass needs no more than a block of keys on the chip, whatever the length.
 */
export const CASCADES = ['three-pass', 'two-pass', 'one-pass'] as const;
export type Cascade = (typeof CASCADES)[number];

/** Ranks: queries p, keys m, blocks of keys b, width of queries and keys e, of values f. */
type Rank = 'p' | 'm' | 'b' | 'e' | 'f';
/** What an Einsum does at each point of its ranks; `product`: multiplies and adds. */
export type PointOperation = 'product' | 'max' | 'exp' | 'add' | 'multiply' | 'divide';

interface Einsum {
  out: string;
  /** of the output; ranks of `over` that are not among them are reduced. A block `b` holds its keys `m`: reducing `m` to `b` is no pass */
  ranks: readonly Rank[];
  /** the points that are visited */
  over: readonly Rank[];
  reads: readonly string[];
  does: readonly PointOperation[];
}

const einsum = (out: string, ranks: string, over: string, reads: string, does: readonly PointOperation[]): Einsum => ({
  out,
  ranks: [...ranks] as Rank[],
  over: [...over] as Rank[],
  reads: reads.split(' '),
  does,
});

/** Scores of queries and keys. */
const SCORES = einsum('QK', 'pm', 'pme', 'Q K', ['product']);
const EINSUMS: Readonly<Record<Cascade, readonly Einsum[]>> = {
  // as written: the largest score, the sum, then what is divided by it (PyTorch unfused, FLAT)
  'three-pass': [
    SCORES,
    einsum('GM', 'p', 'pm', 'QK', ['max']),
    einsum('SN', 'pm', 'pm', 'QK GM', ['add', 'exp']),
    einsum('SD', 'p', 'pm', 'SN', ['add']),
    einsum('A', 'pm', 'pm', 'SN SD', ['divide']),
    einsum('AV', 'pf', 'pmf', 'A V', ['product']),
  ],
  // each block has a largest score of its own, which is set right once all are known
  'two-pass': [
    SCORES,
    einsum('LM', 'pb', 'pm', 'QK', ['max']),
    einsum('SLN', 'pm', 'pm', 'QK LM', ['add', 'exp']),
    einsum('SLD', 'pb', 'pm', 'SLN', ['add']),
    einsum('GM', 'p', 'pb', 'LM', ['max']),
    einsum('PRM', 'pb', 'pb', 'LM GM', ['add', 'exp']),
    einsum('SD', 'p', 'pb', 'SLD PRM', ['multiply', 'add']),
    einsum('PA', 'pb', 'pb', 'PRM SD', ['divide']),
    einsum('A', 'pm', 'pm', 'SLN PA', ['multiply']),
    einsum('AV', 'pf', 'pmf', 'A V', ['product']),
  ],
  // running maximum, denominator and output, rescaled block by block (FlashAttention-2, FuseMax)
  'one-pass': [
    SCORES,
    einsum('LM', 'pb', 'pm', 'QK', ['max']),
    einsum('RM', 'pb', 'pb', 'LM', ['max']),
    einsum('SLN', 'pm', 'pm', 'QK RM', ['add', 'exp']),
    einsum('PRM', 'pb', 'pb', 'RM', ['add', 'exp']),
    einsum('SLD', 'pb', 'pm', 'SLN', ['add']),
    einsum('RD', 'pb', 'pb', 'SLD PRM', ['multiply', 'add']),
    einsum('SLNV', 'pbf', 'pmf', 'SLN V', ['product']),
    einsum('RNV', 'pbf', 'pbf', 'SLNV PRM', ['multiply', 'add']),
    einsum('AV', 'pf', 'pf', 'RNV RD', ['divide']),
  ],
};
/** What a block hands to the next: one of it lives at a time. */
const RUNNING = new Set(['RM', 'RD', 'RNV']);

/** Attention of one head. */
export interface CascadeSizes {
  queries: number;
  keys: number;
  /** of queries and keys */
  width: number;
  /** of values; `width` unless told */
  valueWidth?: number;
  /** keys that are worked on together */
  block: number;
}

export interface CascadeCost {
  /** visits to all keys of a query */
  passes: number;
  /** elements that live at most, for each query: what a later pass reads, what one block hands to the next, and a block of scores */
  livePerQuery: number;
  /** those of them that wait for a later pass, whatever the block */
  waitingPerQuery: number;
  /** how often each operation is done, for all queries; a product is a multiplication and an addition */
  operations: Readonly<Record<PointOperation, number>>;
}

interface Made {
  pass: number;
  /** known for all keys only, so that a reader that goes over the keys has to begin anew */
  isWhole: boolean;
  ranks: readonly Rank[];
}

/** In which pass each tensor is made, and what is read in a later one. */
function passesOf(cascade: Cascade): { made: Map<string, Made>; waiting: { pass: number; ranks: readonly Rank[] }[] } {
  const made = new Map<string, Made>(),
    lastRead = new Map<string, number>();
  for (const { out, ranks, over, reads } of EINSUMS[cascade]) {
    const inputs = reads.flatMap((name) => made.get(name) ?? []),
      visitsKeys = over.includes('m');
    const pass = Math.max(1, ...inputs.map((t) => t.pass + (visitsKeys && t.isWhole ? 1 : 0)));
    for (const name of reads) lastRead.set(name, Math.max(lastRead.get(name) ?? 0, pass));
    const endsKeys = (visitsKeys || over.includes('b')) && !ranks.includes('m') && !ranks.includes('b');
    made.set(out, { pass, isWhole: endsKeys || (!visitsKeys && inputs.some((t) => t.isWhole)), ranks });
  }
  const waiting = [...made].flatMap(([name, { pass, ranks }]) =>
    Array.from({ length: Math.max(0, (lastRead.get(name) ?? 0) - pass) }, (_, i) => ({ pass: pass + i, ranks })),
  );
  return { made, waiting };
}

/** Passes, live footprint and operations of a cascade; every query sees every key. */
export function attentionCascade(cascade: Cascade, sizes: CascadeSizes): CascadeCost {
  const { queries, keys, width, valueWidth = width, block } = sizes,
    length: Record<Rank, number> = { p: 1, m: keys, b: Math.ceil(keys / block), e: width, f: valueWidth };
  const elements = (ranks: readonly Rank[]) => ranks.reduce((product, rank) => product * length[rank], 1);
  const { made, waiting } = passesOf(cascade),
    passes = Math.max(...[...made.values()].map((t) => t.pass));
  const waitingPerQuery = Math.max(
    0,
    ...Array.from({ length: passes }, (_, i) => waiting.reduce((sum, w) => sum + (w.pass === i + 1 ? elements(w.ranks) : 0), 0)),
  );
  const handed = [...made].reduce(
    (sum, [name, { ranks }]) => sum + (RUNNING.has(name) ? elements(ranks.filter((r) => r !== 'b')) : 0),
    0,
  );
  const operations: Record<PointOperation, number> = { product: 0, max: 0, exp: 0, add: 0, multiply: 0, divide: 0 };
  for (const { over, does } of EINSUMS[cascade]) for (const kind of does) operations[kind] += queries * elements(over);
  return { passes, livePerQuery: waitingPerQuery + handed + Math.min(block, keys), waitingPerQuery, operations };
}

export interface CascadeTraffic {
  /** elements to and from memory */
  elements: number;
  /** queries whose state is on the chip together: keys and values are read once for each such group */
  together: number;
  /** what waits for a later pass goes to memory and back */
  spills: boolean;
}

/**
 * Elements that a cascade moves over a chip that holds `onChip` of them: queries and outputs once, keys and values for each group of queries whose state
 * fits beside a block of them; what waits for a later pass stays on the chip, or is written and read for each pass that it waits, whichever moves less.
 * @returns undefined where not even one query and a block of keys fit
 */
export function cascadeTraffic(cascade: Cascade, sizes: CascadeSizes, onChip: number): CascadeTraffic | undefined {
  const { queries, keys, width, valueWidth = width, block } = sizes,
    { livePerQuery, waitingPerQuery } = attentionCascade(cascade, sizes),
    blocks = Math.ceil(keys / block),
    room = onChip - Math.min(block, keys) * (width + valueWidth);
  const traffic = (live: number, spilled: number): CascadeTraffic | undefined => {
    const together = Math.min(queries, Math.floor(room / (width + live)));
    if (together < 1) return undefined;
    const once = queries * (width + valueWidth),
      read = Math.ceil(queries / together) * keys * (width + valueWidth);
    return { elements: once + read + queries * spilled, together, spills: spilled > 0 };
  };
  const moved = passesOf(cascade).waiting.reduce(
    (sum, { ranks }) => sum + 2 * (ranks.includes('m') ? keys : ranks.includes('b') ? blocks : 1),
    0,
  );
  const [kept, spilled] = [
    traffic(livePerQuery, 0),
    waitingPerQuery ? traffic(livePerQuery - waitingPerQuery, moved) : undefined,
  ];
  if (!kept || !spilled) return kept ?? spilled;
  return kept.elements <= spilled.elements ? kept : spilled;
}
