/**
 * What the commands print. Results go to standard output, everything about them (counts, times, errors) to
 * standard error, so that a pipe gets data only.
 */

/** Rows are written in pieces of about this size: a write for each row would cost more than the row. */
export const PIECE_CHARACTERS = 65_536;

/**
 * Prints part of a result. Resolves when the reader has taken enough of it: a slow reader slows the statement down
 * instead of filling the memory.
 */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

/** Prints a note: a count, a time, an error. */
export function note(text: string): void {
  process.stderr.write(text);
}

/** A reader that leaves early (`| head`) ends the command quietly, as it does for other tools. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

/** A duration in milliseconds for people: `0.8 ms`, `12 ms`, `3.4 s`. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  const seconds = ms / 1_000;
  return seconds < 1 ? `${ms.toFixed(0)} ms` : `${seconds.toFixed(1)} s`;
}

/** `1 row`, `3 rows`. */
export const rowCount = (count: number): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`;
