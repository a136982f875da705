import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { type FpgaSourceRow, readFpgaSources } from '../../fpga/data/fpgaSources.js';
import { type LabelStage, strategyOf } from '../../fpga/design/hlsDesign.js';
import { COUNTS } from '../../fpga/designTargets.js';
import { FpgaModel } from '../../fpga/residual/fpgaModel.js';
import { type PreparedRow, prepareRows, type ResidualRow } from '../../fpga/residual/residualRow.js';
import { type ResidualOptions, trainPrepared } from '../../fpga/residual/trainResidual.js';
import { RESIDUAL_GRID, tuneResidual } from '../../fpga/residual/tuneResidual.js';
import type { Target } from '../../graph/targets.js';
import { initBackend } from '../../tensor/backend.js';
import { RESIDUAL_BASELINES } from '../baselines/residualBaselines.js';
import type { Answers, CaseGroup, CaseMethod, EvaluationCase, Part, Slice } from '../evaluationCase.js';
import { COUNT_SCORING } from '../scoring.js';
import { fpgaFolder, type Protocol } from './protocol.js';

type BaselineName = keyof typeof RESIDUAL_BASELINES;
type Encoder = 'mlp' | 'gnn';
export type ResidualMethod = BaselineName | Encoder;
/** analytical: the rules; unscaled: the rules' csynth value as it is, whatever the stage; siblings: `siblingReference` */
export const RESIDUAL_METHODS: readonly ResidualMethod[] = [...(Object.keys(RESIDUAL_BASELINES) as BaselineName[]), 'mlp', 'gnn'];
const isResidualMethod = (name: string): name is ResidualMethod => (RESIDUAL_METHODS as readonly string[]).includes(name);
/** Targets that are scored, in the order of RESIDUAL_TARGETS, and their names in labelled rows. */
const TARGETS = [...COUNTS, 'cycles', 'ii'] as const satisfies readonly Target[];
type ScoredTarget = (typeof TARGETS)[number];
const STAGES: readonly LabelStage[] = ['csynth', 'vsynth'];
const LEFT_OUT = 'models-left-out',
  SOURCE_LEFT_OUT = 'source-left-out';
const isProject = (source: string): boolean => source.includes('/');
const isNetwork = (source: string): boolean => isProject(source) || source === 'wa_hls4ml_dense3';

export interface ResidualCaseOptions {
  methods?: readonly ResidualMethod[];
  /** folds of the split by model; 5 unless told, 0 for none */
  folds?: number;
  /** splits; [0, 1] unless told */
  seeds?: readonly number[];
  /** sources to leave out whole; those of whole hls4ml projects unless told */
  leaveOut?: readonly string[];
  /** of the trainings */
  training?: ResidualOptions;
  /** settings tried inside the training models; none of them where it has one entry */
  grid?: typeof RESIDUAL_GRID;
  onProgress?: (done: number, total: number, what: string) => void;
}

/** A labelled design and where it comes from. */
export interface SourcedRow extends ResidualRow {
  source: string;
}
type Row = PreparedRow & SourcedRow;

/** Rows that a residual may learn from and be judged by, and how many are left out because reuse factor or kernel are not recorded. */
export function residualRows(rows: readonly FpgaSourceRow[]): {
  rows: SourcedRow[];
  unknownReuse: number;
  unknownKernel: number;
} {
  const labelled = rows.filter((r) => r.success && r.labels.lut !== undefined);
  const reuse = labelled.filter((r) => !r.unknown.includes('reuseFactor')),
    known = reuse.filter((r) => !r.unknown.includes('kernel'));
  return {
    rows: known.map(({ design, stage, labels, modelId, source }) => ({
      design,
      stage,
      labels,
      group: modelId,
      source,
      topLevel: source !== 'hls4ml_modules',
    })),
    unknownReuse: labelled.length - reuse.length,
    unknownKernel: reuse.length - known.length,
  };
}

/**
 * The rules, baselines and learned residuals on designs that were not trained on. models-left-out: folds over models of all sources, each design
 * predicted once a seed. source-left-out: no design of any model of that source is trained on, modules included. Settings are chosen inside the training
 * models, by the MLP for both encoders. Running it needs a ready backend.
 * @throws HwcastError `bad-input` without rows.
 */
export function residualGroup(source: readonly FpgaSourceRow[], options: ResidualCaseOptions = {}): CaseGroup {
  const { folds = 5, seeds = [0, 1] } = options;
  const rows = prepareRows(residualRows(source).rows) as Row[];
  if (!rows.length) throw new HwcastError('bad-input', 'no labelled designs with a known reuse factor');
  const left = options.leaveOut ?? [...new Set(rows.map((r) => r.source))].filter(isNetwork);
  const total = seeds.length * (folds + left.length);
  let done = 0;
  const onePart = (train: readonly Row[], test: readonly Row[], seed: number, split: number | string): Part<Row> => {
    options.onProgress?.(done++, total, `seed ${seed}, ${typeof split === 'number' ? `fold ${split}` : `without ${split}`}`);
    return { methods: residualMethods(train, `${seed}/${split}`, options), candidates: () => [], query: () => test };
  };
  const byModel = residualCase(seeds, leftOutSlices(rows), function* (seed) {
    const models = createRandom(`${seed}/split`).shuffle([...new Set(rows.map((r) => r.group))].sort());
    const foldOf = new Map(models.map((m, i) => [m, i % folds]));
    for (let fold = 0; fold < folds; fold++)
      yield onePart(
        rows.filter((r) => foldOf.get(r.group) !== fold),
        rows.filter((r) => foldOf.get(r.group) === fold),
        seed,
        fold,
      );
  });
  const bySource = left.map((name) => {
    const test = rows.filter((r) => r.source === name),
      models = new Set(test.map((r) => r.group)),
      train = rows.filter((r) => !models.has(r.group));
    return residualCase(seeds, sourceSlices(name, test), function* (seed) {
      yield onePart(train, test, seed, name);
    });
  });
  return { cases: folds > 0 ? [byModel, ...bySource] : bySource };
}

/** A draw a seed; nothing is measured of what is asked. */
const residualCase = (
  seeds: readonly number[],
  slices: readonly Slice<Row>[],
  parts: (seed: number) => Iterable<Part<Row>>,
): EvaluationCase<Row> => ({
  place: { protocol: 'fpga', space: '', task: '', device: '' },
  targets: TARGETS,
  sizes: [0],
  selections: ['random'],
  draws: () => seeds.length,
  parts: (draw) => parts(seeds[draw]),
  truth: (row, target) => row.labels[target as ScoredTarget],
  scoring: COUNT_SCORING,
  slices,
});

/** The wanted methods, trained on `train` when they are asked. */
function residualMethods(train: readonly Row[], seed: string, options: ResidualCaseOptions): CaseMethod<Row>[] {
  const { methods = RESIDUAL_METHODS, grid = RESIDUAL_GRID } = options,
    training = { ...options.training, seed };
  let tuned: Promise<(typeof RESIDUAL_GRID)[number]> | undefined;
  const settings = () => {
    tuned ??= grid.length > 1 ? tuneResidual(train, training, grid).then((found) => found.settings) : Promise.resolve(grid[0]);
    return tuned;
  };
  return methods.map((name) => ({
    name,
    async answer(_, query) {
      if (name !== 'mlp' && name !== 'gnn') return answersByTarget(RESIDUAL_BASELINES[name](train, query));
      const model = new FpgaModel(await trainPrepared(train, { ...training, ...(await settings()), encoder: name }));
      const predictions = query.map(
        (row) => model.predict([row.design], { stage: row.stage, topLevel: row.topLevel })[0].targets,
      );
      return Object.fromEntries(TARGETS.map((target) => [target, predictions.map((p) => p[target])]));
    },
  }));
}

/** Values [designs][targets] of a baseline; those that it does not give are left out. */
const answersByTarget = (values: readonly (readonly number[])[]): Answers =>
  Object.fromEntries(
    TARGETS.flatMap((target, t) =>
      values.length && values[0].length > t ? [[target, values.map((design) => ({ value: design[t] }))]] : [],
    ),
  );

/** What is scored together: each source and stage; dense layers by strategy; all whole projects. */
function leftOutSlices(rows: readonly Row[]): Slice<Row>[] {
  const slices: Slice<Row>[] = [];
  const add = (space: string, device: LabelStage, members: readonly Row[], of = '') => {
    if (members.length) slices.push({ place: { space, device, task: `${LEFT_OUT}${of}` }, members });
  };
  const strategy = ({ design }: Row) => strategyOf(design, design.layers[0]);
  for (const source of [...new Set(rows.map((r) => r.source))])
    for (const stage of STAGES) {
      const members = rows.filter((r) => r.source === source && r.stage === stage);
      add(source, stage, members);
      if (source === 'wa_hls4ml_dense1')
        for (const wanted of [...new Set(members.map(strategy))].sort())
          add(
            source,
            stage,
            members.filter((r) => strategy(r) === wanted),
            `, ${wanted}`,
          );
    }
  for (const stage of STAGES) {
    const networks = rows.filter((r) => isNetwork(r.source) && r.stage === stage),
      projects = networks.filter((r) => isProject(r.source));
    add('all hls4ml projects', stage, projects);
    if (networks.length > projects.length) add('all whole networks', stage, networks);
  }
  return slices;
}

const sourceSlices = (space: string, rows: readonly Row[]): Slice<Row>[] =>
  [...new Set(rows.map((r) => r.stage))].map((device) => ({
    place: { space, device, task: SOURCE_LEFT_OUT },
    members: rows.filter((r) => r.stage === device),
  }));

/** Rows of scores on designs of models left out, without those of one strategy or source. */
export const ofModelsLeftOut = (row: { task: string }): boolean => row.task === LEFT_OUT;

/** Designs of models or sources not trained on. */
export const fpgaResidual: Protocol = {
  name: 'fpga',
  part: 'residual',
  report: 'counts',
  async *groups(options) {
    const { methods, seed, onProgress } = options,
      rows = readFpgaSources(fpgaFolder(options), { onIssue: () => {} });
    await initBackend(process.env.HWCAST_BACKEND);
    yield residualGroup(rows, {
      methods: methods.length ? methods.filter(isResidualMethod) : RESIDUAL_METHODS,
      seeds: [seed, seed + 1],
      onProgress: (done, total, what) => onProgress?.(`  ${done + 1} of ${total}: ${what}`),
    });
  },
};
