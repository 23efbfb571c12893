/** What the engine adds to a transaction: id, owner, deadline, cap, tombstone. */
import type { Round, Scenario } from '../scenario.ts';
import { POINT_ROWS, TRANSACTION_STEPS } from '../tables.ts';
import { openSides } from './sides.ts';

/** Half of the pool: nobody waits for a connection. */
const CALLERS = 8;

export const interactiveTransaction: Scenario = {
  name: 'interactive-transaction',
  question: `begin, three statements and commit, ${CALLERS} at once, against the same on pooled pg clients`,
  unit: 'transactions/s',
  target: 0.85,
  async prepare(surroundings) {
    const { engine, bare } = await openSides(surroundings);
    const request = { do: 'transactions', sqls: TRANSACTION_STEPS, idMax: POINT_ROWS, callers: CALLERS };
    return {
      ours: { name: 'engine', round: (ms) => engine.ask<Round>({ ...request, ms }) },
      peer: { name: 'pg pool', round: (ms) => bare.ask<Round>({ ...request, ms }) },
    };
  },
};
