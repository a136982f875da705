import type { Target } from '../graph/targets.js';
import type { Ceiling } from './ceiling.js';
import type { ResultRow, RowPlace, Selection } from './resultRow.js';
import type { Answer, Scoring } from './scoring.js';

/** Answers to a query, by target, in its order. */
export type Answers = Partial<Record<Target, readonly Answer[]>>;

/** A method under evaluation, trained: predicts `query` from the measured `support`. `W` is what the protocol measures: a design, a position in a table. */
export interface CaseMethod<W> {
  readonly name: string;
  /** part of every support and counted in k; chosen supports are then left out */
  readonly references?: readonly W[];
  /** fewest measurements it can do with; 0 unless told */
  readonly least?: number;
  /** most that it takes; any number unless told */
  readonly most?: number;
  /** the same lists are handed to all methods of a draw */
  answer(support: readonly W[], query: readonly W[]): Answers | Promise<Answers>;
}

/** What a draw offers: one part, or several that are trained apart and scored together, such as the folds of a split. */
export interface Part<W> {
  readonly methods: readonly CaseMethod<W>[];
  /** what may be measured beside `references`, in the order in which a random support takes it; undefined where it is too little for k in all */
  candidates(k: number, references: readonly W[]): readonly W[] | undefined;
  /** `count` of the candidates, most informative first */
  choose?(candidates: readonly W[], count: number): readonly W[];
  /** what is predicted where `support` was measured */
  query(support: readonly W[]): readonly W[];
}

/** Those of the answered that make rows of their own. */
export interface Slice<W> {
  readonly place: Partial<Pick<RowPlace, 'space' | 'task' | 'device'>>;
  readonly members: readonly W[];
}

/** One left-out task or split: its methods are adapted to a support set for every k, selection and draw, and scored on what they did not see. */
export interface EvaluationCase<W = unknown> {
  readonly place: Pick<RowPlace, 'protocol' | 'space' | 'task' | 'device'>;
  readonly targets: readonly Target[];
  /** numbers of measurements */
  readonly sizes: readonly number[];
  /** how supports are taken; without measurements there is nothing to choose */
  readonly selections: readonly Selection[];
  draws(k: number): number;
  parts(draw: number, k: number): Iterable<Part<W>>;
  /** measured value; undefined where it is not known and nothing can be scored */
  truth(workload: W, target: Target): number | undefined;
  readonly scoring: Scoring;
  /** all that was asked unless given */
  readonly slices?: readonly Slice<W>[];
  /** score that is told while it runs */
  readonly headline?: 'spearman';
  /** what the same features reach with many measurements of the very device */
  readonly ceiling?: Ceiling;
}

/** Cases whose rows belong together; results are written after each group. */
export interface CaseGroup {
  /** made one by one, as each may train */
  readonly cases: Iterable<EvaluationCase>;
  /** mean: a row `all` over the devices of each task, with `median of all` where asked; pooled: only one row, of the draws of all devices, named by how many there are */
  readonly across?: 'mean' | 'mean and median' | { pooled(devices: number): ResultRow['device'] };
}
