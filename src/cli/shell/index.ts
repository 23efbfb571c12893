/** Front door of the shell: what `facet shell` runs, at a terminal, from a pipe or for one text. */
import { createInterface } from 'node:readline';
import type { ServerClient } from '../client.ts';
import { interact } from './interactive.ts';
import type { Mode } from './modes.ts';
import { type Outcome, Runner } from './runner.ts';

export { MODES, type Mode } from './modes.ts';

export interface ShellOptions {
  readonly mode: Mode;
  readonly timing: boolean;
  /** Statements to run instead of reading any. */
  readonly command: string | undefined;
}

/** @returns the exit code: that of the first failure, when nobody sits at a terminal */
export async function runShell(client: ServerClient, options: ShellOptions): Promise<0 | 1 | 2> {
  const { command, mode, timing } = options;
  const isTerminal = command === undefined && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const widthMax = (): number | undefined =>
    process.stdout.isTTY ? process.stdout.columns || undefined : undefined;
  const runner = new Runner({ client, mode, timing, widthMax });
  if (isTerminal) {
    await interact(runner, client);
    return 0;
  }
  const lines = command === undefined ? createInterface({ input: process.stdin }) : command.split('\n');
  const onInterrupt = (): void => {
    if (!runner.cancel()) process.exit(EXIT_INTERRUPTED);
  };
  process.on('SIGINT', onInterrupt);
  try {
    return exitCodeOf(await runLines(runner, lines));
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** As shells have it for a program that SIGINT ended. */
const EXIT_INTERRUPTED = 130;

async function runLines(runner: Runner, lines: AsyncIterable<string> | Iterable<string>): Promise<Outcome> {
  for await (const line of lines) {
    const outcome = await runner.line(line);
    if (outcome !== 'done') return outcome;
  }
  return await runner.end();
}

const exitCodeOf = (outcome: Outcome): 0 | 1 | 2 => (typeof outcome === 'object' ? outcome.exitCode : 0);
