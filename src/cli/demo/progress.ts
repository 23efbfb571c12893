/**
 * How far the demo's load is: a bar that is drawn over itself on a terminal, one line per table elsewhere, so that
 * a log stays readable. Knows nothing of the load itself.
 */

interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

const BAR_CELLS = 30;

export class Progress {
  readonly #output: ProgressOutput;
  /** True while the cursor stands at the end of an unfinished line. */
  #open = false;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** `loaded` of `total` rows of a table are in. */
  rows(table: string, loaded: number, total: number): void {
    this.#draw(table, loaded, total, `loaded ${table}: ${count(total)} rows\n`);
  }

  /** `done` of `total` of something else are: keys stored, messages queued. */
  steps(what: string, done: number, total: number): void {
    this.#draw(what, done, total, `${what}: ${count(total)}\n`);
  }

  #draw(what: string, done: number, total: number, ended: string): void {
    const isDone = done >= total;
    if (this.#output.isTTY === true) {
      this.#output.write(`\r\u001b[K${barLine(what, done, total)}${isDone ? '\n' : ''}`);
      this.#open = !isDone;
    } else if (isDone) this.#output.write(ended);
  }

  /** Ends a bar that will not be finished, so that what follows has a line of its own. */
  breakOff(): void {
    if (this.#open) this.#output.write('\n');
    this.#open = false;
  }
}

/** `airports  [##########....................]  33%  2,566 / 7,698` */
export function barLine(table: string, loaded: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, loaded / total);
  const full = Math.floor(share * BAR_CELLS);
  const bar = '#'.repeat(full) + '.'.repeat(BAR_CELLS - full);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${table.padEnd(9)} [${bar}] ${percent}%  ${count(loaded)} / ${count(total)}`;
}

/** A count with commas, whatever the machine's language. */
export const count = (value: number): string => value.toLocaleString('en-US');
