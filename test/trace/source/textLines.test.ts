import { expect, it } from 'vitest';
import { textLines } from '../../../src/trace/source/textLines.js';
import { bytes, collect } from '../formats/kineto/tinyTrace.js';

it('lines are the same wherever their bytes are cut, and one without end is refused', async () => {
  const text = 'a\r\n\nü b\nlast',
    lines = (size: number) => collect(textLines({ name: 'a', chunks: bytes(Buffer.from(text), size) }));
  expect(await lines(1)).toEqual(['a', '', 'ü b', 'last']);
  expect(await lines(100)).toEqual(['a', '', 'ü b', 'last']);
  const endless = { name: 'a', chunks: bytes(Buffer.alloc((1 << 26) + 1, 97), 1 << 20) };
  await expect(collect(textLines(endless))).rejects.toMatchObject({ code: 'corrupt', where: 'a' });
});
