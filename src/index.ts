/** hwcast as a library: what a script needs, with its types. Everything is SI inside (seconds, joules, bytes). */

export { analyseDesign, type DesignAnalysis } from './analytical/fpga/analyseDesign.js';
export { type Roofline, roofline } from './analytical/roofline.js';
export type { Condition, Dataset, DatasetCard, Measurement, Target, TaskData } from './dataset/dataset.js';
export { taskId } from './dataset/dataset.js';
export { type IngestOptions, ingest } from './dataset/ingest.js';
export type { IngestReport } from './dataset/ingestReport.js';
export { inspectDataset } from './dataset/inspect.js';
export { mergeDatasets } from './dataset/merge.js';
export { readDataset, writeDataset } from './dataset/store.js';
export { toTable } from './dataset/tables.js';
export { readYosysFpga } from './dataset/yosysFpga.js';
export { CATALOGUE } from './device/catalogue.js';
export { deviceNamed } from './device/deviceNamed.js';
export type { DeviceSpec } from './device/deviceSpec.js';
export { type FpgaPart, fpgaPartNamed } from './device/fpgaParts.js';
export { type ErrorCode, HwcastError } from './errors.js';
export { checkAdapted } from './evaluate/checkAdapted.js';
export { type EvaluateOptions, evaluate } from './evaluate/evaluate.js';
export { renderFigure } from './evaluate/figure.js';
export { renderScatter } from './evaluate/figureScatter.js';
export { renderPng } from './evaluate/figureStyle.js';
export { renderExploration } from './evaluate/fpga/explorationFigure.js';
export type { ResultRow } from './evaluate/resultRow.js';
export { type Scores, scores } from './evaluate/scores.js';
export { hlsNetwork } from './graph/hls/designBuilder.js';
export { type HlsDesign, type HlsLayer, parseHlsDesign } from './graph/hls/hlsDesign.js';
export { liveNodes } from './graph/liveNodes.js';
export { graphCosts } from './graph/operatorCost.js';
export { type OpGraph, type OpNode, parseOpGraph } from './graph/opGraph.js';
export { readHlsDesign, readHlsDesigns } from './graph/readers/hls/readHlsDesign.js';
export { SPACES } from './graph/spaces/index.js';
export type { Arch, Space } from './graph/spaces/space.js';
export { parseWorkload, spaceWorkload, type Workload, workloadGraph } from './graph/workload.js';
export { kendall, median, quantile, spearman } from './statistics.js';
export { type Adapted, type Adapter, type AdaptOptions, adapt, loadAdapter } from './surrogate/adapter.js';
export { parseBudget } from './surrogate/fpga/budget.js';
export { fpgaModel } from './surrogate/fpga/bundledFpgaModel.js';
export { type Exploration, explore } from './surrogate/fpga/explore.js';
export {
  type FamilyDesign,
  FamilyModel,
  type FamilyPrediction,
  type FamilyRow,
  type FamilySupport,
  trainFamilyModel,
} from './surrogate/fpga/familyModel.js';
export {
  type FamilyModelInfo,
  type FpgaFamilies,
  loadFamilyModel,
  saveFamilyModel,
} from './surrogate/fpga/familyModelFolder.js';
export { type FamilyDesignPrediction, type FamilyPredictor, trainedFamily } from './surrogate/fpga/familyPredictor.js';
export {
  type FamilySupportFile,
  type FamilySupportRow,
  familySupportLine,
  parseFamilySupport,
} from './surrogate/fpga/familySupport.js';
export {
  type AdaptedFpga,
  type AdaptedFpgaFamily,
  type AdaptedFpgaStage,
  adaptFpgaFamily,
  adaptFpgaStage,
  type FamilyAdapter,
  loadFpgaAdapter,
  type StageAdapter,
} from './surrogate/fpga/fpgaAdapter.js';
export { type FpgaPrediction, type FpgaPredictor, utilisation } from './surrogate/fpga/fpgaPredictor.js';
export { reportedPredictor } from './surrogate/fpga/reportedPredictor.js';
export { type FpgaSampleOptions, sampleFpgaDesigns } from './surrogate/fpga/sampleFpgaDesigns.js';
export type { SeededDesign } from './surrogate/fpga/seededDesign.js';
export type { StageCounts, StagePair } from './surrogate/fpga/stageModel.js';
export { parseStageSupport, type StageSupportFile } from './surrogate/fpga/stageSupport.js';
export { METHODS } from './surrogate/methods.js';
export type { Model, ModelInfo, ModelMetrics } from './surrogate/model.js';
export { loadModel, saveModel } from './surrogate/modelFolder.js';
export { type PredictOptions, predict } from './surrogate/predict.js';
export type {
  FewShotPredictor,
  Prediction,
  Predictor,
  Provenance,
  SupportRow,
  SupportTask,
} from './surrogate/predictor.js';
export { rooflineOfDevice } from './surrogate/rooflinePredictor.js';
export { type SampleOptions, sample } from './surrogate/sample.js';
export { parseSupport } from './surrogate/supportFile.js';
export { type TrainOptions, train } from './surrogate/train.js';
export { createRandom, type Random } from './tensor/random.js';
export { readFpgaReport } from './trace/fpgaReports/readFpgaReport.js';
export {
  type MeasuredRow,
  type MeasureOptions,
  type MeasureResult,
  measureWorkloads,
} from './trace/measure/measureWorkloads.js';
export type { PreparedNetwork, Runtime } from './trace/measure/runtime.js';
export { tfjsRuntime } from './trace/measure/tfjsRuntime.js';
export { VERSION } from './version.js';
