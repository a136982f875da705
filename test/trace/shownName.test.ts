import { describe, expect, it } from 'vitest';
import { shownName } from '../../src/trace/shownName.js';

describe('shownName', () => {
  it.each([
    'void at::native::vectorized_elementwise_kernel<4, at::native::GeluCUDAKernelImpl(at::TensorIteratorBase&)::{lambda()#1}>',
    'Memcpy HtoD (Pageable -> Device)',
    'model/conv1/Conv2D',
    'model.layers.0.self_attn',
    'fusion.12.remat',
    'triton_poi_fused_add_relu_0',
  ])('leaves %s', (name) => expect(shownName(name)).toBe(name));

  it.each([
    ['k at /home/someone/model.py:3', 'k at ..'],
    ['load C:\\Users\\someone\\x', 'load ..'],
    ['mail someone@example.org now', 'mail .. now'],
    ['rank of node17.example.org and 10.1.2.3', 'rank of .. and ..'],
    ['hf_abcdefghijklmnopqrstuvwx', '..'],
    ['run HF_TOKEN=abc --x', 'run .. --x'],
  ])('strikes what is private out of %s', (name, shown) => expect(shownName(name)).toBe(shown));

  it('cuts long names', () => expect(shownName('k'.repeat(1000))).toHaveLength(160));
});
