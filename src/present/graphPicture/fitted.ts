/** Widths of characters of DejaVu Sans, in parts of the font size: narrow, wide, and a generous one for all others. */
const WIDTHS: readonly [RegExp, number][] = [
  [/[ijl.,:;|' ]/, 0.34],
  [/[()[\]/frt-]/, 0.42],
  [/[ckszvxy]/, 0.59],
  [/[mwMW%@]/, 0.98],
  [/[A-Z]/, 0.74],
];
const OTHER = 0.64;
/** How much wider bold characters are. */
const BOLD = 1.1;

/** Width of a text in pixels, rather too large than too small. */
export function textWidth(text: string, fontSize: number, isBold = false): number {
  let width = 0;
  for (const character of text) width += WIDTHS.find(([of]) => of.test(character))?.[1] ?? OTHER;
  return width * fontSize * (isBold ? BOLD : 1);
}

/** A text that is not wider than `room` pixels: its beginning and `..` where it is. */
export function fitted(text: string, room: number, fontSize: number, isBold = false): string {
  if (textWidth(text, fontSize, isBold) <= room) return text;
  let end = text.length;
  while (end > 1 && textWidth(`${text.slice(0, end)}..`, fontSize, isBold) > room) end--;
  return `${text.slice(0, end).trimEnd()}..`;
}
