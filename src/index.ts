/** hwcast as a library: what a script needs, with its types. Everything is SI inside (seconds, joules, bytes). Heavy packages are loaded when they are used. */

export { type Roofline, roofline } from './analytical/roofline.js';
export {
  attentionCascade,
  CASCADES,
  type Cascade,
  type CascadeCost,
  type CascadeSizes,
  type CascadeTraffic,
  cascadeTraffic,
} from './analytical/rules/attentionCascade.js';
export { binaryProduct, type LowBitCost, type LowBitSizes, ternaryProduct } from './analytical/rules/lowBit.js';
export { DATAFLOWS, type Dataflow } from './analytical/rules/systolic.js';
export { type ArrayDtype, type SystolicChip, systolicArea, systolicCost } from './analytical/rules/systolicCost.js';
export { type SystolicNetwork, systolicNetwork } from './analytical/systolicNetwork.js';
export { type ErrorCode, HwcastError } from './core/errors.js';
export { createRandom, type Random } from './core/random.js';
export { kendall, median, quantile, spearman } from './core/statistics.js';
export { VERSION } from './core/version.js';
export type { Condition, Dataset, DatasetCard, Measurement, Task, TaskData } from './dataset/dataset.js';
export { taskId } from './dataset/dataset.js';
export { fromDataFrame, toDataFrame } from './dataset/frames.js';
export { ingest } from './dataset/ingest/ingest.js';
export type { IngestOptions } from './dataset/ingest/ingestOptions.js';
export type { IngestReport } from './dataset/ingest/ingestReport.js';
export { inspectDataset } from './dataset/inspect.js';
export { mergeDatasets } from './dataset/merge.js';
export { readDataset, writeDataset } from './dataset/store.js';
export { toTable } from './dataset/tables.js';
export { CATALOGUE } from './device/catalogue.js';
export { deviceNamed } from './device/deviceNamed.js';
export type { DeviceSpec } from './device/deviceSpec.js';
export { GraphBuilder } from './graph/graphBuilder.js';
export { GraphTensor, graph } from './graph/graphTensor.js';
export { liveNodes } from './graph/liveNodes.js';
export { graphCosts, type OperatorCost } from './graph/operatorCost.js';
export { operatorNamed, operatorNames, registerOperator } from './graph/operators/index.js';
export { type Operator, type OperatorSpec, operator } from './graph/operators/operator.js';
export { type OpGraph, type OpNode, parseOpGraph } from './graph/opGraph.js';
export { SPACES } from './graph/spaces/index.js';
export type { Arch, Space } from './graph/spaces/space.js';
export type { Target } from './graph/targets.js';
export { parseWorkload, spaceWorkload, type Workload, workloadGraph } from './graph/workload.js';
export {
  type MeasuredRow,
  type MeasureOptions,
  type MeasureResult,
  measureWorkloads,
} from './measure/measureWorkloads.js';
export { type OnnxRuntimeOptions, onnxRuntime } from './measure/onnxRuntime.js';
export type { PreparedNetwork, Runtime } from './measure/runtime.js';
export { tfjsRuntime } from './measure/tfjsRuntime.js';
export { type Adapted, type Adapter, type AdaptOptions, adapt, loadAdapter } from './networks/adapter.js';
export { METHODS } from './networks/methods.js';
export type { Model, ModelInfo, ModelMetrics } from './networks/model.js';
export { loadModel, saveModel } from './networks/modelFolder.js';
export { type Judged, type Picked, type PickOptions, pick, type Verdict } from './networks/pick.js';
export { type Merit, pickFront } from './networks/pickFront.js';
export { type PredictOptions, predict, predictorFor } from './networks/predict.js';
export { rooflineOfDevice } from './networks/rooflinePredictor.js';
export { type SampleOptions, sample } from './networks/sample.js';
export { parseSupport, readSupport } from './networks/supportFile.js';
export type { ToldSetting } from './networks/toldSetting.js';
export { type TrainOptions, train } from './networks/train.js';
export { operatorKind } from './operators/operatorKind.js';
export { type Kind, registerKind } from './surrogate/kind.js';
export {
  type Estimate,
  estimateOf,
  type FewShot,
  intervalsOf,
  type Learner,
  type Prediction,
  type Predictor,
  type Provenance,
  type SupportRow,
} from './surrogate/predictor.js';
