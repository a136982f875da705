/** Where the demonstration starts: raw passes, and the dataset whose card describes the devices in them. */
export interface DemoSource {
  passes: string;
  dataset: string;
  /** columns of the passes */
  map: Record<string, string>;
  /** tasks whose passes agree less are dropped */
  minAgreement: number;
  /** rounds over the networks when this machine is measured, with and without --quick */
  rounds: { full: number; quick: number };
  /** a table of real models, and the device and condition that are left out of it; the part is skipped where it is absent */
  real?: { dataset: string; device: string; condition: string };
}
