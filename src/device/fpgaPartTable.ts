/** The multiplier block of a family, by the name of its primitive; `none` where there is none. */
export type DspGeneration =
  | 'DSP48E1'
  | 'DSP48E2'
  | 'DSP58'
  | 'MULT18X18D'
  | 'SB_MAC16'
  | 'GOWIN_MULT18'
  | 'GOWIN_MULT27'
  | 'INTEL_MULT18'
  | 'CYCLONE_V_DSP'
  | 'ARRIA_10_DSP'
  | 'AGILEX_DSP'
  | 'POLARFIRE_MATH'
  | 'none';

/** 18 Kb, the block RAM in which capacities are compared. */
export const BITS_OF_BRAM18 = 18 * 1024;

/** name, aliases (comma between), LUT, FF, DSP, block RAMs, URAM, most user I/O of any package where known */
type PartRow = readonly [string, string, number, number, number, number, number?, number?];

/** The parts of a family and what they have in common. */
export interface FpgaFamily {
  family: string;
  dsp: DspGeneration;
  lutInputs: number;
  /** bits of one block RAM */
  block: number;
  source: string;
  parts: readonly PartRow[];
}

const DS190 = 'Zynq-7000 data sheet overview (DS190)',
  DS180 = '7 series data sheet overview (DS180)',
  DS890 = 'UltraScale architecture overview (DS890)',
  DS891 = 'Zynq UltraScale+ overview (DS891)';

// Xilinx block RAMs are counted in halves of 18 Kb here: a 36 Kb tile is two.
const SERIES_7 = { dsp: 'DSP48E1', lutInputs: 6, block: BITS_OF_BRAM18 } as const;
const ULTRASCALE = { dsp: 'DSP48E2', lutInputs: 6, block: BITS_OF_BRAM18 } as const;

/** Parts by family, from the data sheets named. */
export const FPGA_FAMILIES: readonly FpgaFamily[] = [
  {
    family: 'zynq-7000',
    ...SERIES_7,
    source: DS190,
    parts: [
      ['xc7z007s', 'minized', 14400, 28800, 66, 100, 0, 100],
      ['xc7z012s', '', 34400, 68800, 120, 144, 0, 150],
      ['xc7z014s', '', 40600, 81200, 170, 214, 0, 200],
      ['xc7z010', 'zybo,zybo-z7-10,cora-z7-10', 17600, 35200, 80, 120, 0, 100],
      ['xc7z015', '', 46200, 92400, 160, 190, 0, 150],
      ['xc7z020', 'pynq-z1,pynq-z2,zedboard,zc702,zybo-z7-20,arty-z7-20', 53200, 106400, 220, 280, 0, 200],
      ['xc7z030', '', 78600, 157200, 400, 530, 0, 250],
      ['xc7z035', '', 171900, 343800, 900, 1000, 0, 362],
      ['xc7z045', 'zc706', 218600, 437200, 900, 1090, 0, 362],
      ['xc7z100', '', 277400, 554800, 2020, 1510, 0, 400],
    ],
  },
  {
    family: 'artix-7',
    ...SERIES_7,
    source: DS180,
    parts: [
      ['xc7a12t', '', 8000, 16000, 40, 40, 0, 150],
      ['xc7a15t', '', 10400, 20800, 45, 50, 0, 250],
      ['xc7a25t', '', 14600, 29200, 80, 90, 0, 150],
      ['xc7a35t', 'arty-a7-35t,basys3,basys-3,cmod-a7-35t', 20800, 41600, 90, 100, 0, 250],
      ['xc7a50t', '', 32600, 65200, 120, 150, 0, 250],
      ['xc7a75t', '', 47200, 94400, 180, 210, 0, 300],
      ['xc7a100t', 'arty-a7-100t,arty,nexys-a7-100t', 63400, 126800, 240, 270, 0, 300],
      ['xc7a200t', 'nexys-video', 134600, 269200, 740, 730, 0, 500],
    ],
  },
  {
    family: 'spartan-7',
    ...SERIES_7,
    source: DS180,
    parts: [
      ['xc7s6', '', 3750, 7500, 10, 10, 0, 100],
      ['xc7s15', '', 8000, 16000, 20, 20, 0, 100],
      ['xc7s25', '', 14600, 29200, 80, 90, 0, 150],
      ['xc7s50', 'arty-s7-50', 32600, 65200, 120, 150, 0, 250],
      ['xc7s75', '', 48000, 96000, 140, 180, 0, 400],
      ['xc7s100', '', 64000, 128000, 160, 240, 0, 400],
    ],
  },
  {
    family: 'kintex-7',
    ...SERIES_7,
    source: DS180,
    parts: [
      ['xc7k70t', '', 41000, 82000, 240, 270, 0, 300],
      ['xc7k160t', '', 101400, 202800, 600, 650, 0, 400],
      ['xc7k325t', 'kc705,genesys-2', 203800, 407600, 840, 890, 0, 500],
      ['xc7k355t', '', 222600, 445200, 1440, 1430, 0, 300],
      ['xc7k410t', '', 254200, 508400, 1540, 1590, 0, 500],
      ['xc7k420t', '', 260600, 521200, 1680, 1670, 0, 400],
      ['xc7k480t', '', 298600, 597200, 1920, 1910, 0, 400],
    ],
  },
  {
    family: 'virtex-7',
    ...SERIES_7,
    source: DS180,
    parts: [
      ['xc7vx330t', '', 204000, 408000, 1120, 1500, 0, 700],
      ['xc7vx485t', 'vc707', 303600, 607200, 2800, 2060, 0, 700],
      ['xc7vx690t', 'vc709', 433200, 866400, 3600, 2940, 0, 1000],
      ['xc7vx980t', '', 612000, 1224000, 3600, 3000, 0, 900],
      ['xc7v2000t', '', 1221600, 2443200, 2160, 2584, 0, 1200],
    ],
  },
  {
    family: 'kintex-ultrascale',
    ...ULTRASCALE,
    source: DS890,
    parts: [
      ['xcku035', '', 203128, 406256, 1700, 1080, 0, 520],
      ['xcku040', 'kcu105', 242400, 484800, 1920, 1200, 0, 520],
      ['xcku060', '', 331680, 663360, 2760, 2160, 0, 624],
      ['xcku115', '', 663360, 1326720, 5520, 4320, 0, 832],
    ],
  },
  {
    family: 'virtex-ultrascale',
    ...ULTRASCALE,
    source: DS890,
    parts: [
      ['xcvu095', 'vcu108', 537600, 1075200, 768, 3456, 0, 832],
      ['xcvu190', '', 1074240, 2148480, 1800, 7560, 0, 702],
    ],
  },
  {
    family: 'artix-ultrascale+',
    ...ULTRASCALE,
    source: DS890,
    parts: [
      ['xcau7p', '', 37440, 74880, 216, 216],
      ['xcau10p', '', 44000, 88000, 400, 200, 0, 228],
      ['xcau15p', '', 77760, 155520, 576, 288, 0, 228],
      ['xcau20p', '', 109000, 218000, 900, 400, 0, 228],
      ['xcau25p', '', 141000, 282000, 1200, 600, 0, 304],
    ],
  },
  {
    family: 'kintex-ultrascale+',
    ...ULTRASCALE,
    source: DS890,
    parts: [
      ['xcku3p', '', 162720, 325440, 1368, 720, 48, 304],
      ['xcku5p', 'kcu116', 216960, 433920, 1824, 960, 64, 304],
      ['xcku9p', '', 274080, 548160, 2520, 1824, 0, 304],
      ['xcku11p', '', 298560, 597120, 2928, 1200, 80, 512],
      ['xcku13p', '', 341280, 682560, 3528, 1488, 112, 304],
      ['xcku15p', '', 522720, 1045440, 1968, 1968, 128, 668],
      ['xcku19p', '', 842400, 1684800, 1080, 3456, 288],
    ],
  },
  {
    family: 'virtex-ultrascale+',
    ...ULTRASCALE,
    source: DS890,
    parts: [
      ['xcvu3p', '', 394080, 788160, 2280, 1440, 320, 520],
      ['xcvu5p', '', 600577, 1201154, 3474, 2048, 470, 832],
      ['xcvu7p', '', 788160, 1576320, 4560, 2880, 640, 832],
      ['xcvu9p', 'vcu118,vcu1525,aws-f1', 1182240, 2364480, 6840, 4320, 960, 832],
      ['xcvu11p', '', 1296000, 2592000, 9216, 4032, 960, 624],
      ['xcvu13p', 'vcu129,vu13p', 1728000, 3456000, 12288, 5376, 1280, 832],
      ['xcvu19p', '', 4085760, 8171520, 3840, 4320, 320, 1976],
      ['xcvu27p', '', 1296000, 2592000, 9216, 4032, 960],
      ['xcvu29p', '', 1728000, 3456000, 12288, 5376, 1280],
      ['xcvu31p', '', 439680, 879360, 2880, 1344, 320, 208],
      ['xcvu33p', '', 439680, 879360, 2880, 1344, 320, 208],
      ['xcvu35p', '', 871680, 1743360, 5952, 2688, 640, 416],
      ['xcvu45p', '', 871680, 1743360, 5952, 2688, 640],
      ['xcvu47p', '', 1303680, 2607360, 9024, 4032, 960],
      ['xcvu57p', '', 1303680, 2607360, 9024, 4032, 960],
      ['xcvu37p', 'vcu128', 1303680, 2607360, 9024, 4032, 960, 624],
    ],
  },
  {
    family: 'alveo',
    ...ULTRASCALE,
    source: 'csynth reports and rule4ml boards (device_capacity); U280 and U55C as xcvu37p',
    parts: [
      ['xcu50', 'alveo-u50,u50', 871680, 1743360, 5952, 2688, 640],
      ['xcu55c', 'alveo-u55c,u55c', 1303680, 2607360, 9024, 4032, 960],
      ['xcu200', 'alveo-u200,u200', 1182240, 2364480, 6840, 4320, 960],
      ['xcu250', 'alveo-u250,u250', 1728000, 3456000, 12288, 5376, 1280],
      ['xcu280', 'alveo-u280,u280', 1303680, 2607360, 9024, 4032, 960],
    ],
  },
  {
    family: 'zynq-ultrascale+',
    ...ULTRASCALE,
    source: DS891,
    parts: [
      ['xczu1eg', 'xczu1cg', 37440, 74880, 216, 216],
      ['xczu2eg', 'xczu2cg', 47232, 94464, 240, 300, 0, 252],
      ['xczu3eg', 'xczu3cg,ultra96,ultra96-v2', 70560, 141120, 360, 432, 0, 252],
      ['xczu4ev', 'xczu4eg,xczu4cg', 87840, 175680, 728, 256, 48, 252],
      ['xczu5ev', 'xczu5eg,xczu5cg', 117120, 234240, 1248, 288, 64, 252],
      ['xck24', 'kd240,kria-k24', 70560, 141120, 360, 432],
      ['xck26', 'kv260,kr260,kria-k26', 117120, 234240, 1248, 288, 64],
      ['xczu6eg', 'xczu6cg', 214604, 429208, 1973, 1428, 0, 328],
      ['xczu7ev', 'xczu7eg,xczu7cg,zcu104,zcu106', 230400, 460800, 1728, 624, 96, 464],
      ['xczu9eg', 'xczu9cg,zcu102', 274080, 548160, 2520, 1824, 0, 328],
      ['xczu11eg', '', 298560, 597120, 2928, 1200, 80, 512],
      ['xczu15eg', '', 341280, 682560, 3528, 1488, 112, 328],
      ['xczu17eg', '', 423403, 846806, 1590, 1592, 102, 668],
      ['xczu19eg', '', 522720, 1045440, 1968, 1968, 128, 668],
      ['xczu28dr', 'zcu111', 425280, 850560, 4272, 2160, 80],
      ['xczu48dr', 'zcu208,rfsoc4x2', 425280, 850560, 4272, 2160, 80],
    ],
  },
  {
    family: 'versal',
    dsp: 'DSP58',
    lutInputs: 6,
    block: BITS_OF_BRAM18,
    source: 'Versal architecture overview (DS950)',
    parts: [
      ['xcvc1902', 'vck190,vck5000', 899840, 1799680, 1968, 1934, 463],
      ['xcve2302', '', 150272, 300544, 464, 310, 155],
      ['xcve2802', 'vek280', 520704, 1041408, 1312, 1200, 264],
      ['xcvp1202', 'vpk120', 900224, 1800448, 3984, 2682, 677],
      ['xcvm1802', 'vmk180', 899840, 1799680, 1968, 1934, 463],
    ],
  },
  {
    family: 'ecp5',
    dsp: 'MULT18X18D',
    lutInputs: 4,
    block: BITS_OF_BRAM18,
    source: 'ECP5 data sheet (FPGA-DS-02012); LUT and FF as nextpnr-ecp5 counts them',
    parts: [
      ['lfe5u-25f', 'lfe5um-25f,lfe5um5g-25f,ecp5-25k,colorlight-i5', 24288, 24288, 28, 56, 0, 197],
      ['lfe5u-45f', 'lfe5um-45f,lfe5um5g-45f,ecp5-45k', 43848, 43848, 72, 108, 0, 245],
      ['lfe5u-85f', 'lfe5um-85f,lfe5um5g-85f,ecp5-85k,ulx3s-85f,ecp5-evn', 83640, 83640, 156, 208, 0, 365],
    ],
  },
  {
    family: 'ice40',
    dsp: 'none',
    lutInputs: 4,
    block: 4096,
    source: 'iCE40 LP/HX family data sheet (FPGA-DS-02029)',
    parts: [
      ['ice40lp384', 'lp384', 384, 384, 0, 0, 0, 63],
      ['ice40hx1k', 'hx1k,ice40lp1k,lp1k,icestick', 1280, 1280, 0, 16, 0, 95],
      ['ice40hx8k', 'hx8k,ice40lp8k,lp8k', 7680, 7680, 0, 32, 0, 206],
    ],
  },
  {
    family: 'ice40-ultraplus',
    dsp: 'SB_MAC16',
    lutInputs: 4,
    block: 4096,
    source: 'iCE40 UltraPlus family data sheet (FPGA-DS-02008); 1 Mb of single-port RAM not counted',
    parts: [['ice40up5k', 'up5k,icebreaker,upduino', 5280, 5280, 8, 30, 0, 39]],
  },
  {
    family: 'gowin',
    dsp: 'GOWIN_MULT18',
    lutInputs: 4,
    block: BITS_OF_BRAM18,
    source: 'Gowin GW1N (DS100) and GW2A (DS102) data sheets; DSP: 18x18 multipliers',
    parts: [
      ['gw1n-1', 'gw1nz-1,tangnano,tang-nano-1k', 1152, 864, 0, 4],
      ['gw1n-4', 'gw1nsr-4,gw1ns-4,gw1nr-4,tang-nano-4k', 4608, 3456, 16, 10],
      ['gw1n-9', 'gw1nr-9,gw1n-9c,gw1nr-9c,tang-nano-9k', 8640, 6480, 20, 26],
      ['gw2a-18', 'gw2ar-18,gw2a-18c,gw2ar-18c,tang-nano-20k,tang-primer-20k', 20736, 15552, 48, 46],
      ['gw2a-55', '', 54720, 41040, 40, 140],
    ],
  },
  {
    family: 'cyclone-v',
    dsp: 'CYCLONE_V_DSP',
    lutInputs: 6,
    block: 10 * 1024,
    source: 'Cyclone V device overview (CV-51001); LUT = 2 x ALM, FF = 4 x ALM',
    parts: [
      ['5cseba6', 'de10-nano,5csema6', 83820, 167640, 112, 553, 0, 288],
      ['5csema5', 'de1-soc,5cseba5', 64140, 128280, 87, 397, 0, 288],
      ['5ceba4', 'de0-cv', 36960, 73920, 66, 308],
      ['5cgxfc5', '', 58160, 116320, 150, 446],
      ['5cgxfc9', '5ceba9,5cgtfd9', 227120, 454240, 342, 1220],
    ],
  },
  {
    family: 'cyclone-iv',
    dsp: 'INTEL_MULT18',
    lutInputs: 4,
    block: 9 * 1024,
    source: 'Cyclone IV device overview (CYIV-51001); LUT = FF = logic elements',
    parts: [
      ['ep4ce6', '', 6272, 6272, 15, 30, 0, 179],
      ['ep4ce22', 'de0-nano', 22320, 22320, 66, 66, 0, 153],
      ['ep4ce115', 'de2-115', 114480, 114480, 266, 432, 0, 528],
    ],
  },
  {
    family: 'max-10',
    dsp: 'INTEL_MULT18',
    lutInputs: 4,
    block: 9 * 1024,
    source: 'MAX 10 device overview (M10-OVERVIEW); LUT = FF = logic elements',
    parts: [
      ['10m08', '', 8064, 8064, 24, 42, 0, 250],
      ['10m50', 'de10-lite', 49760, 49760, 144, 182, 0, 500],
    ],
  },
  {
    family: 'agilex-7',
    dsp: 'AGILEX_DSP',
    lutInputs: 6,
    block: 20 * 1024,
    source: 'Agilex 7 FPGAs and SoCs device overview (683458), F-series; LUT = 2 x ALM, FF = 4 x ALM',
    parts: [
      ['agf006', 'agfa006,agfb006', 388800, 777600, 1640, 2844],
      ['agf008', 'agfa008,agfb008', 518400, 1036800, 2296, 3792],
      ['agf012', 'agfa012,agfb012', 799000, 1598000, 3743, 5900],
      ['agf014', 'agfa014,agfb014,de10-agilex', 974400, 1948800, 4510, 7110],
      ['agf022', 'agfa022,agfb022', 1497000, 2994000, 6250, 10900],
      ['agf027', 'agfa027,agfb027', 1825600, 3651200, 8528, 13272],
    ],
  },
  {
    family: 'polarfire',
    dsp: 'POLARFIRE_MATH',
    lutInputs: 4,
    block: 20 * 1024,
    source: 'PolarFire FPGA product overview (PO0137) and fabric user guide (LSRAM, math blocks); micro SRAM not counted',
    parts: [
      ['mpf100t', 'mpf100', 108600, 108600, 336, 352],
      ['mpf200t', 'mpf200', 192408, 192408, 588, 616],
      ['mpf300t', 'mpf300', 299544, 299544, 924, 952, 0, 512],
      ['mpf500t', 'mpf500', 481272, 481272, 1480, 1520, 0, 584],
      ['mpfs250t', 'mpfs250,icicle-kit', 254196, 254196, 784, 812],
    ],
  },
  {
    family: 'arria-10',
    dsp: 'ARRIA_10_DSP',
    lutInputs: 6,
    block: 20 * 1024,
    source: 'Arria 10 device overview (A10-OVERVIEW); LUT = 2 x ALM, FF = 4 x ALM',
    parts: [['10ax115', '', 854400, 1708800, 1518, 2713, 0, 768]],
  },
];

/** Idle power that was seen: the smallest static power among Vivado reports of 335 designs. */
export const STATIC_POWER_W: Readonly<Record<string, number>> = { xczu9eg: 0.62 };

/** A part that stands for a family where only the family is named: the usual one of its boards. */
export const USUAL_PART: Readonly<Record<string, string>> = {
  xc7: 'xc7z020',
  xcu: 'xcku040',
  xcup: 'xczu9eg',
  zynq: 'xc7z020',
  'zynq-7000': 'xc7z020',
  'artix-7': 'xc7a100t',
  'spartan-7': 'xc7s50',
  'kintex-7': 'xc7k325t',
  'virtex-7': 'xc7vx485t',
  'kintex-ultrascale': 'xcku040',
  'virtex-ultrascale': 'xcvu095',
  'kintex-ultrascale+': 'xcku5p',
  'virtex-ultrascale+': 'xcvu9p',
  'zynq-ultrascale+': 'xczu9eg',
  'artix-ultrascale+': 'xcau15p',
  alveo: 'xcu250',
  versal: 'xcvc1902',
  ecp5: 'lfe5u-85f',
  ice40: 'ice40hx8k',
  'ice40-ultraplus': 'ice40up5k',
  gowin: 'gw2a-18',
  intel_alm: '5cseba6',
  'cyclone-v': '5cseba6',
  cyclonev: '5cseba6',
  'cyclone-iv': 'ep4ce22',
  cycloneive: 'ep4ce22',
  'agilex-7': 'agf014',
  agilex: 'agf014',
  polarfire: 'mpf300t',
  'max-10': '10m50',
  max10: '10m50',
  'arria-10': '10ax115',
};
