import { describe, expect, it } from 'vitest';
import { hardwareOfDevice } from '../../src/device/hardwareOfDevice.js';

const named = (id: string) => {
  const hardware = hardwareOfDevice(id);
  return hardware && { name: hardware.spec.name, batch: hardware.batch, dtype: hardware.dtype };
};

describe('hardwareOfDevice', () => {
  it('reads the batch behind the hardware of HELP ids', () => {
    expect(named('titan_rtx_256')).toEqual({ name: 'Titan-RTX', batch: 256 });
    expect(named('1080ti_1')).toEqual({ name: 'GTX-1080Ti', batch: 1 });
    expect(named('titanxp_32')).toEqual({ name: 'Titan-Xp', batch: 32 });
    expect(named('titan_xp_64')).toEqual({ name: 'Titan-Xp', batch: 64 });
    expect(named('v100_64')).toEqual({ name: 'V100-PCIe-32GB', batch: 64 });
  });

  it('does not take a number of the name for a batch', () => {
    expect(named('gold_6226')).toEqual({ name: 'Xeon-Gold-6226' });
    expect(named('silver_4114')).toEqual({ name: 'Xeon-Silver-4114' });
    expect(named('essential_ph_1')).toEqual({ name: 'Essential-PH-1' });
    expect(named('raspi4')).toEqual({ name: 'Raspberry-Pi-4B' });
    expect(named('pixel3')).toEqual({ name: 'Pixel-3' });
    expect(named('RTX_2070')).toEqual({ name: 'RTX-2070' });
  });

  it('reads the element type of Eagle ids', () => {
    expect(named('embedded_gpu_jetson_nano_fp16')).toEqual({ name: 'Jetson-Nano', dtype: 'fp16' });
    expect(named('mobile_cpu_snapdragon_855_kryo_485_int8')).toEqual({ name: 'Snapdragon-855-CPU', dtype: 'int8' });
  });

  it('is undefined for hardware that is not in the catalogue', () => {
    expect(hardwareOfDevice('my_laptop')).toBeUndefined();
    expect(hardwareOfDevice('my_laptop_32')).toBeUndefined();
    expect(hardwareOfDevice('titan_rtx_0')).toBeUndefined();
  });
});
