/** Takes lines, runs what they say, prints what comes of it. Knows neither keys nor pipes. */
import { monotonicMs } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { failureOf } from '../error-text.ts';
import { note, print } from '../output.ts';
import { isCommand, runCommand, type Shell } from './commands.ts';
import { type Mode, SYNTAX } from './modes.ts';
import { StatementBuffer } from './statement-buffer.ts';
import { runStatement } from './statement-run.ts';

export interface RunnerOptions {
  readonly client: ServerClient;
  readonly mode: Mode;
  readonly timing: boolean;
  /** Columns of the terminal at this moment; undefined where there is none. */
  readonly widthMax: () => number | undefined;
}

export type Outcome = 'done' | 'quit' | { readonly exitCode: 1 | 2 };

export class Runner {
  readonly shell: Shell;
  readonly #options: RunnerOptions;
  #buffer: StatementBuffer;
  #running: AbortController | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.shell = { mode: options.mode, timing: options.timing };
    this.#buffer = new StatementBuffer(SYNTAX[options.mode]);
  }

  /** A statement has begun and waits for its end. */
  get isWaiting(): boolean {
    return !this.#buffer.isEmpty;
  }

  /** Forgets what has been typed of a statement. */
  forget(): void {
    this.#buffer.clear();
  }

  /** Cancels what is running. @returns false when nothing is */
  cancel(): boolean {
    this.#running?.abort();
    return this.#running !== undefined;
  }

  /** Runs all that a line completes, up to the first failure. Never rejects for what a server says. */
  async line(line: string): Promise<Outcome> {
    if (this.#buffer.isEmpty && isCommand(line)) return await this.#command(line);
    return await this.#runAll(this.#buffer.add(line));
  }

  /** The input has ended: what has begun is complete. */
  async end(): Promise<Outcome> {
    return await this.#runAll(this.#buffer.rest());
  }

  async #command(line: string): Promise<Outcome> {
    const done = await runCommand(line, this.shell);
    if (done === 'quit') return 'quit';
    this.#buffer = new StatementBuffer(SYNTAX[this.shell.mode]);
    if (done.isError === true) {
      note(done.text);
      return { exitCode: 1 };
    }
    await print(done.text);
    return 'done';
  }

  async #runAll(statements: readonly string[]): Promise<Outcome> {
    for (const statement of statements) {
      const outcome = await this.#run(statement);
      if (outcome !== 'done') return outcome;
    }
    return 'done';
  }

  async #run(statement: string): Promise<Outcome> {
    const running = new AbortController();
    this.#running = running;
    const startedMs = monotonicMs();
    try {
      const { client, widthMax } = this.#options;
      const options = { signal: running.signal, widthMax: widthMax() };
      const ran = await runStatement(client, this.shell.mode, statement, options);
      await print(ran.text);
      const timing = this.shell.timing ? ` (${ran.timing})` : '';
      if (ran.note !== '' || timing !== '') note(`${ran.note}${timing}`.trimStart().concat('\n'));
      return 'done';
    } catch (error) {
      if (running.signal.aborted) {
        note(`cancelled after ${((monotonicMs() - startedMs) / 1_000).toFixed(1)} s\n`);
        return { exitCode: 1 };
      }
      const failure = failureOf(error, statement);
      note(failure.text);
      return { exitCode: failure.exitCode };
    } finally {
      this.#running = undefined;
    }
  }
}
