/** A place in a text that is being read, for the parsers of dates, times and durations. Nothing here allocates. */

/** What a message shows of a text: the longest datetime fits. */
const SHOWN_CHARACTERS = 80;

/** The beginning of a text, for messages: the whole may be megabytes. */
export const clipped = (text: string): string =>
  text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;

const ZERO = 48;
const NINE = 57;
const LOWER_BIT = 0x20;

export class TextCursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get ended(): boolean {
    return this.at === this.text.length;
  }

  /** How many digits stand here. */
  digitsHere(): number {
    let end = this.at;
    while (isDigit(this.text.charCodeAt(end))) end += 1;
    return end - this.at;
  }

  /** The number of the next digits; the caller knows that there are so many. */
  take(digits: number): number {
    let number = 0;
    for (let i = 0; i < digits; i++) number = number * 10 + this.text.charCodeAt(this.at + i) - ZERO;
    this.at += digits;
    return number;
  }

  /** Passes one character if it stands here; letters in either case. */
  skip(character: string): boolean {
    const here = this.text.charCodeAt(this.at);
    const wanted = character.charCodeAt(0);
    if (here === wanted || (wanted >= 0x41 && wanted <= 0x5a && here === (wanted | LOWER_BIT))) {
      this.at += 1;
      return true;
    }
    return false;
  }

  /** Whether that character stands here. */
  sees(character: string): boolean {
    const found = this.skip(character);
    if (found) this.at -= 1;
    return found;
  }

  /** 1, -1, or 0 if no sign stands here. */
  sign(): number {
    if (this.skip('+')) return 1;
    return this.skip('-') ? -1 : 0;
  }
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;
