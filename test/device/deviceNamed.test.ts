import { describe, expect, it } from 'vitest';
import { HwcastError } from '../../src/core/errors.js';
import { deviceNamed, findDevice } from '../../src/device/deviceNamed.js';

describe('deviceNamed', () => {
  it('ignores case and separators, and knows aliases', () => {
    for (const name of ['Titan-RTX', 'titan rtx', 'TITAN_RTX', 'titanrtx']) expect(deviceNamed(name).name).toBe('Titan-RTX');
    expect(deviceNamed('h100').name).toBe('H100-SXM5-80GB');
    expect(deviceNamed('b200').name).toBe('B200-SXM');
    expect(deviceNamed('NVIDIA H100 80GB HBM3').name).toBe('H100-SXM5-80GB');
    expect(deviceNamed('xeon platinum 8480+').name).toBe('Xeon-Platinum-8480+');
  });

  it('knows laptop parts apart from the cards of the name', () => {
    expect(deviceNamed('NVIDIA GeForce RTX 4090 Laptop GPU').name).toBe('RTX-4090-Laptop');
    expect(deviceNamed('rtx 4090').name).toBe('RTX-4090');
    const [laptop, card] = ['RTX-4090-Laptop', 'RTX-4090'].map(deviceNamed);
    expect(laptop.peak.fp16! / card.peak.fp16!).toBeLessThan(0.5);
  });

  it('names close matches for an unknown device', () => {
    const error = (() => {
      try {
        deviceNamed('titn-rtx');
      } catch (e) {
        return e as HwcastError;
      }
    })()!;
    expect(error).toBeInstanceOf(HwcastError);
    expect(error.code).toBe('not-found');
    expect(error.describe()).toMatchInlineSnapshot(`
      "no device 'titn-rtx' in the catalogue
        did you mean Titan-RTX, Titan-Xp?"
    `);
    expect(() => deviceNamed('')).toThrow("no device ''");
    expect(findDevice('no such thing')).toBeUndefined();
  });

  it('offers the devices that a longer name contains, the one with most of it first', () => {
    expect(() => deviceNamed('NVIDIA H200-SXM-141GB')).toThrow(
      expect.objectContaining({ hint: 'did you mean H200-SXM, H20-SXM?' }),
    );
  });

  it('offers the devices that contain a short name', () => {
    expect(() => deviceNamed('v100')).toThrow(expect.objectContaining({ hint: 'did you mean V100-SXM2-32GB, V100-PCIe-32GB?' }));
  });
});
