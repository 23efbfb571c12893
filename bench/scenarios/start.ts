/** From the start of the process to the ready line: on an empty directory, and on one that was used before. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startFacet } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';

async function timeStart(directory: string): Promise<Round> {
  const facet = await startFacet(pathToFileURL(directory).href);
  await facet.stop();
  return { rate: facet.startMs };
}

export const coldStart: Scenario = {
  name: 'cold-start',
  question: 'start of the server on an empty directory, against a limit',
  unit: 'ms',
  target: 3_000,
  async prepare({ scratch }) {
    return {
      ours: {
        name: 'facet',
        async round() {
          const directory = mkdtempSync(join(scratch, 'cold-'));
          const round = await timeStart(join(directory, 'data'));
          rmSync(directory, { recursive: true, force: true });
          return round;
        },
      },
    };
  },
};

export const warmStart: Scenario = {
  name: 'warm-start',
  question: 'start of the server on a directory that it stopped cleanly on before, against a limit',
  unit: 'ms',
  target: 1_000,
  async prepare({ scratch }) {
    const directory = join(mkdtempSync(join(scratch, 'warm-')), 'data');
    await timeStart(directory);
    return { ours: { name: 'facet', round: () => timeStart(directory) } };
  },
};
