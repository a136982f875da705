/** Bytes that JSON is told apart by. */
export const QUOTE = 34,
  BACKSLASH = 92,
  OPEN_BRACE = 123,
  CLOSE_BRACE = 125,
  OPEN_BRACKET = 91,
  CLOSE_BRACKET = 93,
  COMMA = 44,
  COLON = 58;
export const isSpace = (c: number): boolean => c === 32 || c === 9 || c === 10 || c === 13;

/** 1 at each of the characters. */
function bytesOf(characters: string): Uint8Array {
  const marked = new Uint8Array(256);
  for (const c of characters) marked[c.charCodeAt(0)] = 1;
  return marked;
}

/** What may stand after a string: anything else means that a quote inside it was not escaped. */
export const AFTER_STRING = bytesOf(' \t\r\n,:}]');
/** Bytes at which the inside of a string, and what stands between strings, may end. */
export const ENDS_TEXT = bytesOf('"\\'),
  ENDS_PLAIN = bytesOf('"{[}]');
