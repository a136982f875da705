/** Writes docs/anchors.md: headline figures of systems that estimate costs, and what hwcast says. `npx tsx scripts/anchors.ts` */
import { writeFileAtomic } from '../src/core/files.js';
import { anchorsPage } from './anchorsPage.js';

writeFileAtomic('docs/anchors.md', anchorsPage());
