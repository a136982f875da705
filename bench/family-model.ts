/**
 * How long the model of FPGA families takes to be read and asked: `npx tsx bench/family-model.ts [FOLDER ...]`, each a checkout with its build in dist/; this one
 * unless told. Prints medians of CPU seconds (user and system), each round in a process of its own. Goals: reading 0.3 s, `trainedFamily` 0.5 s, nothing
 * the second time.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from '../src/core/statistics.js';

const ROUNDS = 7;
const STEPS = ['loadFamilyModel()', 'again', "trainedFamily(.., 'ecp5')", 'again', 'predict 60 designs'];
const checkouts = (process.argv.length > 2 ? process.argv.slice(2) : ['.']).map((folder) => resolve(folder));

const program = (checkout: string): string => `
  const { loadFamilyModel, trainedFamily } = await import('${pathToFileURL(join(checkout, 'dist/fpga.js')).href}');
  const times = [];
  const timed = async (task) => {
    const begin = process.cpuUsage(), result = await task(), { user, system } = process.cpuUsage(begin);
    times.push((user + system) / 1e6);
    return result;
  };
  const families = await timed(() => loadFamilyModel());
  await timed(() => loadFamilyModel());
  const ecp5 = await timed(() => trainedFamily(families, 'ecp5'));
  await timed(() => trainedFamily(families, 'ecp5'));
  await timed(() => ecp5.predict([...families.designs.values()].slice(0, 60).map((d) => d.design)));
  console.log(JSON.stringify(times));`;

const times = checkouts.map((): number[][] => []);
for (let round = 0; round < ROUNDS; round++)
  checkouts.forEach((checkout, i) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program(checkout)], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    times[i].push(JSON.parse(stdout) as number[]);
  });
checkouts.forEach((checkout, i) => {
  console.log(checkout);
  STEPS.forEach((step, s) => {
    console.log(`  ${step.padEnd(28)} ${median(times[i].map((t) => t[s])).toFixed(3)} s`);
  });
});
