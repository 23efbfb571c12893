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
    const done = loaded >= total;
    if (this.#output.isTTY === true) {
      this.#output.write(`\r\u001b[K${barLine(table, loaded, total)}${done ? '\n' : ''}`);
      this.#open = !done;
    } else if (done) {
      this.#output.write(`loaded ${table}: ${count(total)} rows\n`);
    }
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
