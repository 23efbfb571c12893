/**
 * Keeps a long computation polite: from time to time it lets the server do something else and looks whether anybody
 * still waits for the result. Algorithms tell what they have done and rest when told to.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface Pace {
  /** Tells that so many nodes and relationships were looked at. True when it is time to rest. */
  due(steps: number): boolean;
  /** @throws when the computation should end */
  rest(): Promise<void>;
}

/** Steps between rests: some ten milliseconds. */
const STEPS_PER_TURN = 1_000_000;

/** @param checkpoint throws when the computation should end */
export function paceOf(checkpoint: () => void): Pace {
  let left = STEPS_PER_TURN;
  return {
    due: (steps) => {
      left -= steps;
      return left <= 0;
    },
    rest: async () => {
      left = STEPS_PER_TURN;
      await nextTurn();
      checkpoint();
    },
  };
}
