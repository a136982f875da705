/** Published Spearman correlations to stand beside ours, with their source. */
export interface PublishedRow {
  protocol: string;
  space: string;
  device: string;
  method: string;
  /** measurements of the device, reference networks counted */
  k: number;
  spearman: number;
  source: string;
}

const NB201 = 'HELP, README table 3 of its repository; 10 support + 10 reference networks';
const FBNET = 'HELP, README table 2 of its repository; 10 support + 10 reference networks';
const rows = (space: string, method: string, k: number, source: string, values: Record<string, number>): PublishedRow[] =>
  Object.entries(values).map(([device, spearman]) => ({ protocol: 'help', space, device, method, k, spearman, source }));

export const PUBLISHED: readonly PublishedRow[] = [
  ...rows('nasbench201', 'HELP', 20, NB201, {
    titan_rtx_256: 0.987,
    gold_6226: 0.989,
    pixel2: 0.802,
    raspi4: 0.89,
    eyeriss: 0.94,
    fpga: 0.985,
  }),
  ...rows('nasbench201', 'BRP-NAS', 900, 'HELP, README table 3', {
    titan_rtx_256: 0.814,
    gold_6226: 0.796,
    pixel2: 0.666,
    raspi4: 0.847,
    eyeriss: 0.811,
    fpga: 0.801,
  }),
  ...rows('nasbench201', 'HELP re-run, tuned', 20, 'logs of the NASFLAT authors (16 test steps, modified loader)', {
    titan_rtx_256: 0.997,
    gold_6226: 0.985,
    pixel2: 0.874,
    raspi4: 0.909,
    eyeriss: 0.977,
    fpga: 0.989,
  }),
  ...rows('fbnet', 'HELP', 20, FBNET, { raspi4: 0.887, eyeriss: 0.943, fpga: 0.892 }),
  ...rows('fbnet', 'HELP re-run, tuned', 20, 'logs of the NASFLAT authors', { raspi4: 0.95, eyeriss: 0.97, fpga: 0.943 }),
];
