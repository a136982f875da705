/** The integers from `start` to `end`, end excluded. */
export const indexRange = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

/** HELP's index pools: the first networks train and adapt, the next 1,000 are predicted (Lee et al., NeurIPS 2021, released settings). */
export const HELP_POOLS: Readonly<Record<string, { train: readonly [number, number]; query: readonly [number, number] }>> = {
  nasbench201: { train: [0, 900], query: [900, 1900] },
  fbnet: { train: [0, 4000], query: [4000, 5000] },
  ofa: { train: [0, 4000], query: [4000, 5000] },
};

const HELP_NB201_TRAIN = [
  '1080ti_1',
  '1080ti_32',
  '1080ti_256',
  'silver_4114',
  'silver_4210r',
  'samsung_a50',
  'pixel3',
  'essential_ph_1',
  'samsung_s7',
];
/** HELP's devices: nine to meta-train, some to choose the checkpoint, the others to test (its README, tables 2 to 4). */
export const HELP_DEVICES: Readonly<
  Record<string, { train: readonly string[]; valid: readonly string[]; test: readonly string[] }>
> = {
  nasbench201: {
    train: HELP_NB201_TRAIN,
    valid: ['titanx_1', 'titanx_32', 'titanx_256', 'gold_6240'],
    test: ['titan_rtx_256', 'gold_6226', 'fpga', 'pixel2', 'raspi4', 'eyeriss'],
  },
  fbnet: {
    train: HELP_NB201_TRAIN.map((d) => (d === '1080ti_256' ? '1080ti_64' : d)),
    valid: ['titanx_1', 'titanx_32', 'titanx_64', 'gold_6240'],
    test: ['fpga', 'raspi4', 'eyeriss'],
  },
  ofa: {
    train: ['2080ti_1', '2080ti_32', '2080ti_64', 'titan_xp_1', 'titan_xp_32', 'titan_xp_64', 'v100_1', 'v100_32', 'v100_64'],
    valid: ['titan_rtx_1', 'titan_rtx_32'],
    test: ['titan_rtx_64'],
  },
};
