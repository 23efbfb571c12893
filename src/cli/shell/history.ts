/**
 * The lines that were typed, kept in a file that only its owner can read. A history that cannot be kept is no reason not
 * to work: then it lasts as long as the shell.
 */
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { LIMITS } from '../../base/index.ts';

/** What is typed there is secret. Comments may stand wherever blanks may. */
const SECRET = /^(?:\s|\/\*(?:(?!\*\/).)*\*\/)*VAULT(?:\s|\/\*(?:(?!\*\/).)*\*\/)+(?:SET|ROTATE)\b/i;

export class History {
  readonly #path: string;
  #isKept = true;
  /** The newest first, as readline wants them. */
  readonly lines: string[];

  constructor(path = join(homedir(), '.local', 'state', 'facet', 'shell-history')) {
    this.#path = path;
    const all = this.#read();
    const kept = all.slice(-LIMITS.shellHistoryLinesMax);
    if (kept.length < all.length) this.#write(() => writeFileSync(path, `${kept.join('\n')}\n`));
    this.lines = kept.reverse();
  }

  /** Whether a line may be seen again. */
  static keeps(line: string): boolean {
    return line.trim() !== '' && !SECRET.test(line);
  }

  add(line: string): void {
    if (History.keeps(line)) this.#write(() => appendFileSync(this.#path, `${line}\n`, { mode: 0o600 }));
  }

  #read(): string[] {
    try {
      const lines = readFileSync(this.#path, 'utf8').split('\n');
      chmodSync(this.#path, 0o600);
      return lines.filter((line) => line !== '');
    } catch {
      return [];
    }
  }

  #write(write: () => void): void {
    if (!this.#isKept) return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      write();
    } catch {
      this.#isKept = false;
    }
  }
}
