import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../../src/trace/formats/kineto/parseEvent.js';

describe('parseEvent', () => {
  it('keeps integers beyond 2^53 and epoch timestamps as text', () => {
    expect(parseEvent('{"ts": 1695835535123456.789, "args": {"correlation": 10159970886766084423, "External id": 7}}')).toEqual({
      ts: '1695835535123456.789',
      args: { correlation: '10159970886766084423', 'External id': 7 },
    });
    expect(parseEvent('{"Concrete Inputs": ["[0, 9223372036854775807]"]}')).toEqual({
      'Concrete Inputs': ['[0, 9223372036854775807]'],
    });
  });

  it('mends what profilers write wrong', () => {
    expect(parseEvent('{"a": nan, "b": [-inf, 1], "c": Infinity}')).toEqual({ a: null, b: [null, 1], c: null });
    expect(parseEvent('{"blocks per SM": 7,757576, "n": 1}')).toEqual({ 'blocks per SM': 7.757576, n: 1 });
    expect(parseEvent('{"file": "C:\\Users\\me"}')).toEqual({ file: 'C:\\Users\\me' });
    expect(parseEvent('{"name": "a\u0001b\nc"}')).toEqual({ name: 'a\u0001b\nc' });
  });

  it('gives up on anything else', () => {
    expect(parseEvent('{"a": }')).toBeUndefined();
    expect(parseEvent('{"name": "say "hi", "b": 1}')).toBeUndefined();
  });
});
