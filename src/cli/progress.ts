/** How far long work is, on standard error: one line that changes at a terminal, a line now and then elsewhere. */
import { monotonicMs } from '../base/index.ts';
import { note } from './output.ts';

/** Often enough to be seen moving. */
const TERMINAL_MS = 200;
/** In a log, where each line stays. */
const OTHERWISE_MS = 10_000;

export class Progress {
  readonly #what: string;
  readonly #everyMs = process.stderr.isTTY ? TERMINAL_MS : OTHERWISE_MS;
  #shownMs = monotonicMs();
  #width = 0;

  /** @param what of the line: `verified` */
  constructor(what: string) {
    this.#what = what;
  }

  /** Shown if it is time to. */
  show(text: string): void {
    const nowMs = monotonicMs();
    if (nowMs - this.#shownMs < this.#everyMs) return;
    this.#shownMs = nowMs;
    const line = `${this.#what} ${text}`;
    if (process.stderr.isTTY) {
      note(`\r${line.padEnd(this.#width)}`);
      this.#width = line.length;
    } else note(`${line}\n`);
  }

  /** Before anything else is printed. */
  end(): void {
    if (this.#width > 0) note(`\r${' '.repeat(this.#width)}\r`);
    this.#width = 0;
  }
}
