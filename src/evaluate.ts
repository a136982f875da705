/** `hwcast/evaluate`: protocols, scores, how well an adapted predictor does. */

export { checkAdapted } from './evaluate/checkAdapted.js';
export { type EvaluateOptions, evaluate } from './evaluate/evaluate.js';
export type { ResultRow } from './evaluate/resultRow.js';
export { type Scores, scores } from './evaluate/scores.js';
