/**
 * Logic families synthesised with Yosys; `synth` is the Yosys command without `-top`, `models` the Verilog of the family's cells in the data folder of Yosys, where it has
 * behaviour for all of them: elsewhere multipliers (ecp5, xcup) or memories (gowin: a netlist with block RAM never ends its simulation) are empty or doubtful.
 */
export const YOSYS_FAMILIES = {
  xc7: { name: 'Xilinx 7 series', synth: 'synth_xilinx -family xc7 -flatten -noiopad', models: 'xilinx/cells_sim.v' },
  xcup: { name: 'Xilinx UltraScale+', synth: 'synth_xilinx -family xcup -flatten -noiopad' },
  ecp5: { name: 'Lattice ECP5', synth: 'synth_ecp5' },
  ice40: { name: 'Lattice iCE40 UltraPlus', synth: 'synth_ice40 -device u -dsp', models: 'ice40/cells_sim.v' },
  gowin: { name: 'Gowin GW1N/GW2A', synth: 'synth_gowin -noiopads -nowidelut' },
  cyclonev: { name: 'Intel Cyclone V', synth: 'synth_intel_alm -family cyclonev -noiopad' },
  nexus: { name: 'Lattice Nexus', synth: 'synth_nexus -family lifcl -noiopad' },
  efinix: { name: 'Efinix Trion', synth: 'synth_efinix' },
  gatemate: { name: 'Cologne Chip GateMate', synth: 'synth_gatemate -noiopad' },
  machxo2: { name: 'Lattice MachXO2', synth: 'synth_machxo2 -noiopad' },
  anlogic: { name: 'Anlogic EG4', synth: 'synth_anlogic' },
} as const satisfies Record<string, { name: string; synth: string; models?: string }>;
export type YosysFamily = keyof typeof YOSYS_FAMILIES;

export const isYosysFamily = (name: string | undefined): name is YosysFamily =>
  name !== undefined && Object.hasOwn(YOSYS_FAMILIES, name);
