/** Whether the time that a refusal takes says how far a guessed key was right. */
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';

/** Beyond it tests for timing leaks take two samples to differ. */
const T_MAX = 4.5;
const SMOKE_MS = 400;
const SAMPLE_MS = 20_000;

export const keyTiming: Scenario = {
  name: 'key-timing',
  question:
    "Welch's t between the times of refusing keys that are wrong at the first letter, at the last, and everywhere, of 20 keys",
  unit: 'the largest t',
  target: T_MAX,
  once: true,
  async prepare({ size, defer }) {
    const program = startProgram('key-timing');
    defer(program.stop);
    const ms = size.roundMs < 1_000 ? SMOKE_MS : SAMPLE_MS;
    return {
      ours: { name: 'the authenticator', round: () => program.ask<Round>({ do: 'compare', ms }) },
    };
  },
};
