import { describe, expect, it } from 'vitest';
import { hwcastOutput, outputBlock } from '../../scripts/commandOutput.js';

describe('outputBlock', () => {
  it('is a block of text, cut where it is long', () => {
    expect(outputBlock('a\nb\n')).toBe('\n```text\na\nb\n```\n');
    expect(outputBlock('a\nb\nc\n', 2)).toBe('\n```text\na\nb\n...\n```\n');
  });
});

describe('hwcastOutput', () => {
  it('throws where the command fails, naming it', () => {
    expect(() => hwcastOutput(['predict'], 'ignore')).toThrow('hwcast predict ended with 2');
  });
});
