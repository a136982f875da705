/**
 * Parses the text of one trace event. Whole numbers of 16 digits and more (epoch timestamps, 64-bit ids) stay text, since a double would
 * round them. What profilers are known to write wrong is mended: bare `nan`/`inf` (kineto 105) become null, comma decimals (pytorch 191032)
 * get a point, raw control characters (kineto 80) and single backslashes of Windows paths (kineto 336) are escaped.
 * @returns undefined where the text is no JSON even so
 */
export function parseEvent(text: string): Record<string, unknown> | undefined {
  return tryParse(text) ?? tryParse(mend(text));
}

const LONG_NUMBER = /"(ts|correlation|External id|external id|id)"\s*:\s*(-?\d{16,}(?:\.\d+)?)/g;

function tryParse(text: string): Record<string, unknown> | undefined {
  try {
    const event = JSON.parse(text);
    return isRounded(event, text) ? JSON.parse(text.replace(LONG_NUMBER, '"$1":"$2"')) : event;
  } catch {
    return undefined;
  }
}

/** Times of 16 digits and a fraction, and ids above 2^53. */
function isRounded({ ts, id, args }: Record<string, unknown>, text: string): boolean {
  const isLong = (value: unknown) => typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;
  const { correlation, 'External id': external, 'external id': older } = (args ?? {}) as Record<string, unknown>;
  if (isLong(ts) || isLong(id) || isLong(correlation) || isLong(external) || isLong(older)) return true;
  return typeof ts === 'number' && Math.abs(ts) >= 1e15 && /"ts"\s*:\s*-?\d+\./.test(text);
}

function mend(text: string): string {
  return text
    .replace(/"(?:[^"\\]|\\.)*"/g, (string) =>
      string
        .replace(/\\(?!["\\/bfnrt]|u[0-9a-f]{4})/gi, '\\\\')
        .replace(/[^ -\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    )
    .replace(/:\s*(-?\d+),(\d+)(?=\s*[,}\]])/g, ': $1.$2')
    .replace(/([:[,]\s*)-?(?:nan|inf(?:inity)?)\b/gi, '$1null');
}
