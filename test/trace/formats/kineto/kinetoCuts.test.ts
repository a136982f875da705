import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { jsonEvents } from '../../../../src/trace/formats/kineto/jsonEvents.js';
import { kinetoAnalysis } from '../../../../src/trace/formats/kineto/kinetoAnalysis.js';
import { hasShared, SHARED } from '../../../shared.js';
import { bytes, collect } from './tinyTrace.js';

const FILE = join(SHARED, 'data/traces/kineto-chrome/hta_mi250_minitoy_train_rocm62.json.gz');

describe.skipIf(!hasShared)(
  `a real trace cut at every 1 %${hasShared ? '' : ' (skipped: no shared data beside the project)'}`,
  () => {
    const text = () => gunzipSync(readFileSync(FILE));
    const analyse = (whole: Uint8Array, cut: number) =>
      kinetoAnalysis({ name: 'a.json', head: whole.subarray(0, 1000), chunks: bytes(whole.subarray(0, cut)), named: true });

    it('keeps every event before the cut', async () => {
      const whole = text(),
        all = (await collect(jsonEvents(bytes(whole), new Set(), 'a.json'))).flat();
      const before = (cut: number) => all.filter((i) => i.kind === 'event' && i.offset + Buffer.byteLength(i.text) <= cut).length;
      const kept: [number, number][] = [],
        empty: number[] = [];
      for (let percent = 1; percent < 100; percent++) {
        const cut = Math.floor((whole.length * percent) / 100),
          found = collect(jsonEvents(bytes(whole.subarray(0, cut)), new Set(), 'a.json'));
        if (before(cut)) {
          const items = (await found).flat();
          expect(items.at(-1)).toMatchObject({ kind: 'cut', offset: cut });
          kept.push([items.length - 1, before(cut)]);
        } else {
          await expect(found).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining(`at byte ${cut}`) });
          empty.push(percent);
        }
      }
      expect(kept.map(([found]) => found)).toEqual(kept.map(([, expected]) => expected));
      // the header alone
      expect(empty.length).toBeLessThan(10);
      expect(kept.length + empty.length).toBe(99);
    });

    it('is analysed up to there; its step counts once all its kernels are there, and more of it tells of more', async () => {
      const whole = text();
      const seen: { operators: number; kernels: number; steps: number }[] = [];
      for (let percent = 20; percent < 100; percent++) {
        const { operators, kernels, steps, lost } = await analyse(whole, Math.floor((whole.length * percent) / 100));
        expect(lost.at(-1) ?? lost[0]).toBeDefined();
        seen.push({ operators: operators!, kernels: kernels!, steps: steps! });
      }
      expect(seen).toHaveLength(80);
      expect(seen.map((s) => s.operators)).toEqual(seen.map((s) => s.operators).sort((a, b) => a - b));
      expect(seen.map((s) => s.kernels)).toEqual(seen.map((s) => s.kernels).sort((a, b) => a - b));
      // the step ends with the fourteenth kernel
      expect(seen.filter((s) => s.steps > 0).map((s) => s.kernels)).toEqual(seen.filter((s) => s.kernels === 14).map(() => 14));
      expect(seen.at(-1)).toMatchObject({ operators: 70 });
    });
  },
);
