import type { YosysFamily } from './yosysFamilies.js';

/** Bits of adders that stand in cells of their own, in the place of LUTs. */
export const addersOutsideLuts = (family: YosysFamily, carry: number): number => carry * CELL_TABLES[family].adderBits;

/** What a cell is counted as; `other` keeps its name. */
export type CellClass = 'lut' | 'ff' | 'carry' | 'dsp' | 'bram' | 'lutram' | 'other';

/** Units of a family's counts, and the cells that make them up: cell type to how many units one cell is. */
export interface CellTable {
  /** what one of each is, in words; null where the family has none, or its Yosys script makes none */
  units: Record<Exclude<CellClass, 'other'>, string | null>;
  /** bits of an adder that one unit of `carry` holds in the place of LUTs; 0 where it stands beside them, or there is none */
  adderBits: number;
  /** capacity of one unit of `bram` */
  bramBits: number;
  cells: Record<CellClass, Readonly<Record<string, number>>>;
  /** bits of memories too large for the unit of `bram`, which are counted by name in `other` */
  largeMemoryBits?: Readonly<Record<string, number>>;
}

/** Cell names, space-separated, each counted `each` times. */
const each = (names: string, units = 1): Record<string, number> => Object.fromEntries(names.split(' ').map((n) => [n, units]));

const XILINX = {
  cells: {
    lut: each('LUT1 LUT2 LUT3 LUT4 LUT5 LUT6'),
    ff: each('FDCE FDPE FDRE FDSE FDCE_1 FDPE_1 FDRE_1 FDSE_1 LDCE LDPE'),
    carry: { CARRY4: 1, CARRY8: 2 },
    dsp: each('DSP48E1 DSP48E2'),
    bram: { RAMB18E1: 1, RAMB36E1: 2, RAMB18E2: 1, RAMB36E2: 2 },
    lutram: {
      ...each('SRL16E SRLC16E SRLC32E RAM32X1S RAM64X1S'),
      ...each('RAM32X1D RAM64X1D RAM128X1S', 2),
      ...each('RAM32M RAM64M RAM128X1D RAM256X1S', 4),
      ...each('RAM32M16 RAM64M8 RAM256X1D RAM512X1S RAM64X8SW RAM32X16DR8', 8),
    },
    other: each('MUXF5 MUXF6 MUXF7 MUXF8 MUXF9 INV BUF BUFG BUFGCTRL IBUF OBUF OBUFT GND VCC URAM288'),
  },
  adderBits: 0,
  bramBits: 18432,
  largeMemoryBits: { URAM288: 294912 },
};
const xilinxUnits = (dsp: string) => ({
  lut: 'LUT1 to LUT6 cells; pairs that could share a LUT6 are not merged',
  ff: 'flip-flop or latch',
  carry: 'CARRY4 (four bits, beside the LUTs)',
  dsp,
  bram: 'RAMB18 (a RAMB36 is two)',
  lutram: 'LUT used as memory or shift register',
});

/**
 * Cells that Yosys writes, by family. `lut` is logic only: LUTs used as memory are `lutram`, and adders that fill a LUT's place of their own (all families
 * but Xilinx and iCE40) are `carry`. `dsp` is multiplier cells before any packing into physical blocks.
 */
export const CELL_TABLES: Readonly<Record<YosysFamily, CellTable>> = {
  xc7: { ...XILINX, units: xilinxUnits('DSP48E1 (25 x 18)') },
  xcup: { ...XILINX, units: xilinxUnits('DSP48E2 (27 x 18)') },
  ecp5: {
    units: {
      lut: 'LUT4 cell; a function of five inputs is two and a PFUMX',
      ff: 'TRELLIS_FF',
      carry: 'CCU2C (two bits, in the place of two LUT4)',
      dsp: 'MULT18X18D (18 x 18)',
      bram: 'EBR of 18 Kbit (DP16KD)',
      lutram: 'LUT4 used as memory of 16 bits (a DPR16X4 is four, its write port not counted)',
    },
    adderBits: 2,
    bramBits: 18432,
    cells: {
      lut: each('LUT4'),
      ff: each('TRELLIS_FF'),
      carry: each('CCU2C'),
      dsp: each('MULT18X18D'),
      bram: each('DP16KD PDPW16KD'),
      lutram: each('TRELLIS_DPR16X4', 4),
      other: each('PFUMX L6MUX21 INV GSR VHI VLO TRELLIS_IO DCCA'),
    },
  },
  ice40: {
    units: {
      lut: 'SB_LUT4 cell',
      ff: 'SB_DFF cell of any kind',
      carry: 'SB_CARRY (one bit, beside a LUT)',
      dsp: 'SB_MAC16 (16 x 16)',
      bram: 'EBR of 4 Kbit (SB_RAM40_4K)',
      lutram: null,
    },
    adderBits: 0,
    bramBits: 4096,
    cells: {
      lut: each('SB_LUT4'),
      ff: each(
        ['', 'N']
          .flatMap((n) => ['', 'E', 'SR', 'R', 'SS', 'S', 'ESR', 'ER', 'ESS', 'ES'].map((kind) => `SB_DFF${n}${kind}`))
          .join(' '),
      ),
      carry: each('SB_CARRY'),
      dsp: each('SB_MAC16'),
      bram: each('SB_RAM40_4K SB_RAM40_4KNR SB_RAM40_4KNW SB_RAM40_4KNRNW'),
      lutram: {},
      other: each('SB_GB SB_IO SB_GB_IO SB_SPRAM256KA'),
    },
    largeMemoryBits: { SB_SPRAM256KA: 262144 },
  },
  gowin: {
    units: {
      lut: 'LUT1 to LUT4 cells',
      ff: 'DFF cell of any kind',
      carry: 'ALU (one bit, in the place of a LUT4)',
      dsp: 'multiplier cell; Yosys 0.23 makes none and builds multipliers of LUTs',
      bram: 'BSRAM of 18 Kbit',
      lutram: 'LUT4 used as memory of 16 bits',
    },
    adderBits: 1,
    bramBits: 18432,
    cells: {
      lut: each('LUT1 LUT2 LUT3 LUT4'),
      ff: each(
        ['', 'N'].flatMap((n) => ['', 'E', 'S', 'SE', 'R', 'RE', 'P', 'PE', 'C', 'CE'].map((kind) => `DFF${n}${kind}`)).join(' '),
      ),
      carry: each('ALU'),
      dsp: each('MULT9X9 MULT18X18 MULT36X36 MULT12X12 MULT27X36 MULTALU36X18 MULTADDALU18X18'),
      bram: each('SP SPX9 DP DPX9 SDP SDPX9 SDPB SDPX9B DPB DPX9B pROM pROMX9'),
      lutram: { RAM16S1: 1, RAM16S2: 2, RAM16S4: 4, RAM16SDP1: 1, RAM16SDP2: 2, RAM16SDP4: 4 },
      other: each('MUX2_LUT5 MUX2_LUT6 MUX2_LUT7 MUX2_LUT8 INV GND VCC IBUF OBUF GSR'),
    },
  },
  cyclonev: {
    units: {
      lut: 'MISTRAL_ALUT2 to ALUT6 cells; an ALM holds two smaller ones or one of six inputs',
      ff: 'MISTRAL_FF',
      carry: 'MISTRAL_ALUT_ARITH (one bit, in the place of an ALUT)',
      dsp: 'multiplier of 9 x 9, 18 x 18 or 27 x 27; a DSP block holds three, two or one',
      bram: 'M10K (10 Kbit); Yosys puts no initialised memory into it',
      lutram: 'MISTRAL_MLAB, a memory of 32 x 1 (an MLAB holds 20)',
    },
    adderBits: 1,
    bramBits: 10240,
    cells: {
      lut: each('MISTRAL_ALUT2 MISTRAL_ALUT3 MISTRAL_ALUT4 MISTRAL_ALUT5 MISTRAL_ALUT6'),
      ff: each('MISTRAL_FF'),
      carry: each('MISTRAL_ALUT_ARITH'),
      dsp: each('MISTRAL_MUL9X9 MISTRAL_MUL18X18 MISTRAL_MUL27X27'),
      bram: each('MISTRAL_M10K'),
      lutram: each('MISTRAL_MLAB'),
      other: each('MISTRAL_NOT MISTRAL_CLKBUF MISTRAL_IB MISTRAL_OB MISTRAL_IO'),
    },
  },
  nexus: {
    units: {
      lut: 'LUT4; a WIDEFN9, a function of up to nine inputs, is two',
      ff: 'FD1P3 cell of any kind',
      carry: 'CCU2 (two bits, in the place of two LUT4)',
      dsp: 'multiplier of 9 x 9, 18 x 18, 18 x 36 or 36 x 36; a DSP slice holds two 18 x 18 or four 9 x 9',
      bram: 'EBR of 18 Kbit (DP16K, PDP16K, PDPSC16K)',
      lutram: 'LUT4 used as memory of 16 bits (a DPR16X4 is four, its write port not counted)',
    },
    adderBits: 2,
    bramBits: 18432,
    cells: {
      lut: { LUT4: 1, WIDEFN9: 2 },
      ff: each('FD1P3BX FD1P3DX FD1P3IX FD1P3JX'),
      carry: each('CCU2'),
      dsp: each('MULT9X9 MULT18X18 MULT18X36 MULT36X36'),
      bram: each('DP16K PDP16K PDPSC16K'),
      lutram: each('DPR16X4', 4),
      other: each('INV VHI VLO IB OB DCC DPSC512K PDPSC512K'),
    },
    largeMemoryBits: { DPSC512K: 524288, PDPSC512K: 524288 },
  },
  efinix: {
    units: {
      lut: 'EFX_LUT4 cell',
      ff: 'EFX_FF',
      carry: 'EFX_ADD (one bit, in the place of a LUT)',
      dsp: null,
      bram: 'block of 5 Kbit (EFX_RAM_5K)',
      lutram: null,
    },
    adderBits: 1,
    bramBits: 5120,
    cells: {
      lut: each('EFX_LUT4'),
      ff: each('EFX_FF'),
      carry: each('EFX_ADD'),
      dsp: {},
      bram: each('EFX_RAM_5K EFX_DPRAM_5K'),
      lutram: {},
      other: each('EFX_GBUFCE EFX_IBUF EFX_OBUF'),
    },
  },
  gatemate: {
    units: {
      lut: 'CC_LUT1 to CC_LUT4, CC_L2T4 and CC_L2T5 cells',
      ff: 'CC_DFF or CC_DLT',
      carry: 'CC_ADDF (one bit, in the place of a LUT)',
      dsp: 'CC_MULT, a multiplier of any widths that is later built of logic: the family has no DSP blocks',
      bram: 'half block of 20 Kbit (a CC_BRAM_40K is two)',
      lutram: null,
    },
    adderBits: 1,
    bramBits: 20480,
    cells: {
      lut: each('CC_LUT1 CC_LUT2 CC_LUT3 CC_LUT4 CC_L2T4 CC_L2T5'),
      ff: each('CC_DFF CC_DLT'),
      carry: each('CC_ADDF'),
      dsp: each('CC_MULT'),
      bram: { CC_BRAM_20K: 1, CC_BRAM_40K: 2 },
      lutram: {},
      other: each('CC_MX2 CC_MX4 CC_MX8 CC_BUFG CC_IBUF CC_OBUF'),
    },
  },
  machxo2: {
    units: {
      lut: 'LUT4 cell; Yosys uses no carry chain',
      ff: 'FACADE_FF',
      carry: null,
      dsp: null,
      bram: 'EBR of 9 Kbit (DP8KC)',
      lutram: 'LUT4 used as memory of 16 bits (a DPR16X4C is four, its write port not counted)',
    },
    adderBits: 0,
    bramBits: 9216,
    cells: {
      lut: each('LUT4'),
      ff: each('FACADE_FF'),
      carry: {},
      dsp: {},
      bram: each('DP8KC'),
      lutram: each('DPR16X4C', 4),
      other: each('PFUMX L6MUX21 FACADE_IO'),
    },
  },
  anlogic: {
    units: {
      lut: 'AL_MAP_LUT1 to LUT6 cells',
      ff: 'AL_MAP_SEQ',
      carry: 'AL_MAP_ADDER (one bit, in the place of a LUT)',
      dsp: null,
      bram: 'block of 9 Kbit (EG_PHY_BRAM)',
      lutram: 'LUT4 used as memory of 16 bits (an EG_LOGIC_DRAM16X4 is four)',
    },
    adderBits: 1,
    bramBits: 9216,
    cells: {
      lut: each('AL_MAP_LUT1 AL_MAP_LUT2 AL_MAP_LUT3 AL_MAP_LUT4 AL_MAP_LUT5 AL_MAP_LUT6'),
      ff: each('AL_MAP_SEQ'),
      carry: each('AL_MAP_ADDER'),
      dsp: {},
      bram: each('EG_PHY_BRAM'),
      lutram: each('EG_LOGIC_DRAM16X4', 4),
      other: each('AL_MAP_ALU2B EG_PHY_BRAM32K'),
    },
    largeMemoryBits: { EG_PHY_BRAM32K: 32768 },
  },
};
