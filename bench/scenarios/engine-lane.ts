/** What the engine adds to a pipelined connection: names, observations, cancellation, results without loss. */
import type { Round, Scenario } from '../scenario.ts';
import { POINT_ROWS, POINT_SELECT } from '../tables.ts';
import { openSides } from './sides.ts';

const CALLERS = 64;

export const engineLane: Scenario = {
  name: 'engine-lane',
  question: `point selects through Database.run, ${CALLERS} in flight, against a bare pipelined pg client`,
  unit: 'statements/s',
  target: 0.9,
  async prepare(surroundings) {
    const { engine, bare } = await openSides(surroundings);
    const request = { do: 'points', sql: POINT_SELECT, idMax: POINT_ROWS, callers: CALLERS };
    return {
      ours: { name: 'engine', round: (ms) => engine.ask<Round>({ ...request, ms }) },
      peer: { name: 'pg pipeline', round: (ms) => bare.ask<Round>({ ...request, ms }) },
    };
  },
};
