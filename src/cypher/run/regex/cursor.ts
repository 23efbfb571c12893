/** The text of a regular expression and the place where reading it has come to. */
import { LIMITS } from '../../../base/index.ts';
import { badRegex } from './tree.ts';

export class Cursor {
  readonly text: string;
  at = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next UTF-16 unit, empty at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  refuse(why: string): never {
    throw badRegex(this.text, why);
  }

  /** Moves behind `wanted` if that comes next. */
  take(wanted: string): boolean {
    if (!this.text.startsWith(wanted, this.at)) return false;
    this.at += wanted.length;
    return true;
  }

  /** Moves behind what `pattern`, which is sticky, finds here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.at = pattern.lastIndex;
    return found;
  }

  /** One code point, which must be there. */
  character(): number {
    const code = this.text.codePointAt(this.at);
    if (code === undefined) this.refuse('ends too early');
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  /** Reads something that can hold itself. */
  deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > LIMITS.cypherDepthMax) this.refuse(`nests deeper than ${LIMITS.cypherDepthMax} levels`);
    const result = read();
    this.#depth -= 1;
    return result;
  }
}
