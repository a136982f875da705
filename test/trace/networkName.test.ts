import { describe, expect, it } from 'vitest';
import { networkName } from '../../src/trace/networkName.js';

describe('networkName', () => {
  it('is the file name without folders and endings, and none where the profiler named the file after its host', () => {
    expect(networkName('a/b.tar.gz!x/resnet18-b1.json.gz')).toBe('resnet18-b1');
    expect(networkName('/tmp/my model (1).json')).toBe('my_model_1_');
    expect(networkName('alices-laptop_4711.1700000000.pt.trace.json.gz')).toBeNull();
    expect(networkName('rank-0.Apr_03.1102.pt.trace.json')).toBeNull();
  });
});
