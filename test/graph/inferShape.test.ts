import { describe, expect, it } from 'vitest';
import { inferShape } from '../../src/graph/inferShape.js';
import type { Attrs, OpType } from '../../src/graph/opGraph.js';

describe('inferShape', () => {
  it.each<[OpType, number[][], Attrs, number[]]>([
    ['input', [], { shape: [1, 3, 8, 8] }, [1, 3, 8, 8]],
    ['conv2d', [[1, 3, 32, 32]], { kernel: [3, 3], stride: [2, 2], padding: [1, 1], outChannels: 16 }, [1, 16, 16, 16]],
    ['conv2d', [[1, 3, 33, 31]], { kernel: [3, 3], stride: [2, 2], padding: [0, 0], outChannels: 16 }, [1, 16, 16, 15]],
    ['conv2d', [[1, 3, 8, 8]], { kernel: 3, stride: 1, padding: 1, outChannels: 4 }, [1, 4, 8, 8]],
    ['conv2d', [[2, 8, 8, 8]], { kernel: [1, 5], padding: [0, 2], groups: 4, outChannels: 12 }, [2, 12, 8, 8]],
    ['max_pool2d', [[2, 8, 9, 9]], { kernel: [2, 2], stride: [2, 2] }, [2, 8, 4, 4]],
    ['global_avg_pool', [[2, 8, 9, 9]], {}, [2, 8, 1, 1]],
    ['linear', [[2, 7, 9]], { outFeatures: 4 }, [2, 7, 4]],
    [
      'matmul',
      [
        [2, 3, 4],
        [4, 5],
      ],
      {},
      [2, 3, 5],
    ],
    [
      'matmul',
      [
        [2, 3, 4],
        [2, 5, 4],
      ],
      { transposeB: 1 },
      [2, 3, 5],
    ],
    ['embedding', [[2, 7]], { rows: 10, dim: 4 }, [2, 7, 4]],
    ['transpose', [[2, 3, 4]], { order: [2, 0, 1] }, [4, 2, 3]],
    [
      'concat',
      [
        [1, 3, 4],
        [1, 5, 4],
      ],
      { axis: 1 },
      [1, 8, 4],
    ],
    [
      'add',
      [
        [2, 1, 4],
        [3, 1],
      ],
      {},
      [2, 3, 4],
    ],
    ['mul', [[2, 3]], {}, [2, 3]],
    ['relu', [[2, 3]], {}, [2, 3]],
    ['reshape', [[2, 3]], { shape: [6] }, [6]],
  ])('%s of %j with %j', (op, inputs, attrs, shape) => {
    expect(inferShape(op, inputs, attrs)).toEqual(shape);
  });

  it.each<[OpType, number[][], Attrs, string]>([
    ['reshape', [[2, 3]], {}, 'reshape: needs attrs.shape (inputs [2,3])'],
    ['conv2d', [[3, 32, 32]], { kernel: [3, 3], outChannels: 1 }, 'needs an [N, C, H, W] input'],
    ['conv2d', [[1, 3, 2, 2]], { kernel: [5, 5], outChannels: 1 }, 'kernel 5x5 does not fit'],
    ['conv2d', [[1, 3, 8, 8]], { kernel: [3, 3] }, 'needs attrs.outChannels'],
    ['conv2d', [[1, 3, 8, 8]], { kernel: [1, 1], groups: 2, outChannels: 4 }, 'groups 2 do not divide channels 3 -> 4'],
    ['conv2d', [[1, 4, 8, 8]], { kernel: [1, 1], groups: 2, outChannels: 3 }, 'groups 2 do not divide channels 4 -> 3'],
    ['global_avg_pool', [[2, 3]], {}, 'needs an [N, C, H, W] input'],
    ['linear', [], { outFeatures: 2 }, 'needs an input with a feature axis'],
    ['matmul', [[2, 3]], {}, 'needs two matrices'],
    [
      'matmul',
      [
        [2, 3],
        [4, 5],
      ],
      {},
      'inner sizes differ (inputs [2,3] [4,5])',
    ],
    [
      'matmul',
      [
        [2, 3, 4],
        [3, 4, 5],
      ],
      {},
      'shapes do not broadcast',
    ],
    ['transpose', [[2, 3]], { order: [0] }, 'needs attrs.order'],
    [
      'add',
      [
        [2, 3],
        [2, 4],
      ],
      {},
      'add: shapes do not broadcast (inputs [2,3] [2,4])',
    ],
    ['relu', [], {}, 'relu: needs an input'],
  ])('refuses %s of %j with %j', (op, inputs, attrs, message) => {
    expect(() => inferShape(op, inputs, attrs)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(message) }),
    );
  });
});
