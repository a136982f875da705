/** `hwcast/fpga`: HLS designs, their resources and cycles by rules and learned models, families of FPGAs, exploration of settings. */

export { type FpgaPart, fpgaPartNamed } from './device/fpgaParts.js';
export { readYosysFpga } from './fpga/data/yosysFpga.js';
export { hlsNetwork } from './fpga/design/designBuilder.js';
export { type HlsDesign, type HlsLayer, parseHlsDesign } from './fpga/design/hlsDesign.js';
export { parseBudget } from './fpga/explore/budget.js';
export { type Exploration, explore } from './fpga/explore/explore.js';
export {
  type FamilyDesign,
  FamilyModel,
  type FamilyPrediction,
  type FamilyRow,
  type FamilySupport,
} from './fpga/families/familyModel.js';
export {
  type FamilyModelInfo,
  type FpgaFamilies,
  loadFamilyModel,
  saveFamilyModel,
} from './fpga/families/familyModelFolder.js';
export { type FamilyDesignPrediction, type FamilyPredictor, trainedFamily } from './fpga/families/familyPredictor.js';
export {
  type FamilySupportFile,
  type FamilySupportRow,
  familySupportLine,
  parseFamilySupport,
} from './fpga/families/familySupport.js';
export { type FpgaSampleOptions, sampleFpgaDesigns } from './fpga/families/sampleFpgaDesigns.js';
export type { SeededDesign } from './fpga/families/seededDesign.js';
export { trainFamilyModel } from './fpga/families/trainFamilyModel.js';
export { type Fit, fits } from './fpga/fits.js';
export {
  type AdaptedFpga,
  type AdaptedFpgaFamily,
  type AdaptedFpgaStage,
  adaptFpgaFamily,
  adaptFpgaStage,
  type FamilyAdapter,
  loadFpgaAdapter,
  type StageAdapter,
} from './fpga/fpgaAdapter.js';
export { type DesignPrediction, type DesignPredictor, utilisation } from './fpga/fpgaPredictor.js';
export { readHlsDesign, readHlsDesigns } from './fpga/readers/readHlsDesign.js';
export { readFpgaReport } from './fpga/reports/readFpgaReport.js';
export { fpgaModel } from './fpga/residual/bundledFpgaModel.js';
export { analyseDesign, type DesignAnalysis } from './fpga/rules/analyseDesign.js';
export {
  type FinnLayer,
  finnBram18,
  finnCycles,
  finnDepth,
  finnDsp,
  finnFolding,
  finnFoldingValid,
  finnLut,
  finnUram,
} from './fpga/rules/finn.js';
export { reportedPredictor } from './fpga/stages/reportedPredictor.js';
export type { StageCounts, StagePair } from './fpga/stages/stageModel.js';
export { parseStageSupport, type StageSupportFile } from './fpga/stages/stageSupport.js';
export { designsCsv, designsJson, designsText, type PredictedDesigns } from './present/fpga/designView.js';
export { explorationJson, explorationText, settingsCsv } from './present/fpga/explorationView.js';
export { familyCsv, familyJson, familyText, type PredictedOnFamily } from './present/fpga/familyView.js';
export { partsCsv, partsText } from './present/fpga/partView.js';
export { type ReadReport, reportsJson, reportsText } from './present/fpga/reportView.js';
export { synthesisCsv, synthesisJson, synthesisText } from './present/fpga/synthesisView.js';
