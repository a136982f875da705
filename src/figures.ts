/** `hwcast/figures`: pictures as SVG text, and as PNG. */

export { renderExploration } from './evaluate/report/explorationFigure.js';
export { renderFigure } from './evaluate/report/figure.js';
export { renderScatter } from './evaluate/report/figureScatter.js';
export { renderPng } from './evaluate/report/figureStyle.js';
export { renderPick } from './evaluate/report/pickFigure.js';
