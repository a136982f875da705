import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

/** The font of figures; its files come with hwcast. */
export const FONT = 'DejaVu Sans, Verdana, sans-serif';

/** What is needed of a drawn plot; the project compiles without the types of browsers. */
export interface Svg {
  setAttribute(name: string, value: string): void;
  readonly outerHTML: string;
}

/** One SVG document on white from parts, in the font of figures. */
export function svgDocument(width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** A drawn plot at height `y` of a document: coordinates to a hundredth, ids that do not count the plots drawn before. */
export function placed(svg: Svg, y: number): string {
  svg.setAttribute('y', String(y));
  return svg.outerHTML
    .replace(/plot-clip-\d+/g, `plot-clip-${y}`)
    .replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
}

/** Text between tags; characters that XML does not have become U+FFFD. */
export const escapeText = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, (c) => ('\n\t'.includes(c) ? c : '\uFFFD'))
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');

/** PNG at twice the size, in the font that comes with hwcast: the same on every machine. */
export function renderPng(svg: string): Buffer {
  const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  const font = {
    loadSystemFonts: false,
    fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((f) => join(fonts, f)),
    defaultFontFamily: 'DejaVu Sans',
  };
  return Buffer.from(new Resvg(svg, { font, fitTo: { mode: 'zoom', value: 2 } }).render().asPng());
}
