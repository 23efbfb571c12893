/**
 * CSV (RFC 4180) as it comes, piece by piece: records with their cells, and where each began. Line breaks are LF, CR LF or
 * CR; within quotes they belong to the cell. For files of COPY, whose options say what stands between and around cells.
 */
import { LIMITS } from '../../../base/index.ts';
import { tableError } from '../declared/index.ts';

export interface CsvRecord {
  readonly cells: readonly string[];
  /** By cell: it stood in quotes, so that it is a text even when it is empty. */
  readonly quoted: readonly boolean[];
  /** Of the file, from 1, where the record begins. */
  readonly line: number;
}

export interface CsvForm {
  readonly delimiter: string;
  readonly quote: string;
  /** Stands before a quote within quotes; undefined: a quote is doubled. */
  readonly escape: string | undefined;
}

const LF = '\n';
const CR = '\r';

export class CsvReader {
  readonly #form: CsvForm;
  readonly #file: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** Runs of characters that mean nothing are passed over at once. */
  readonly #special: RegExp;
  #cells: string[] = [];
  #quoted: boolean[] = [];
  #cell = '';
  #state: 'start' | 'plain' | 'quotes' | 'escaped' | 'behind' = 'start';
  #isQuoted = false;
  #line = 1;
  #recordLine = 1;
  #characters = 0;
  #afterCr = false;

  constructor(form: CsvForm, file: string) {
    this.#form = form;
    this.#file = file;
    const inQuotes = [form.quote, form.escape ?? '', LF, CR].map(escaped).join('');
    this.#special = new RegExp(`[${escaped(form.delimiter)}${inQuotes}]`, 'g');
  }

  /** Records that are complete now. @throws INVALID_VALUE for bytes that are no UTF-8, and cells that are no cells */
  push(bytes: Uint8Array): CsvRecord[] {
    return this.#read(this.#decode(bytes, true));
  }

  /** The last record, when no line break is behind it. */
  end(): CsvRecord[] {
    const records = this.#read(this.#decode(new Uint8Array(0), false));
    if (this.#state === 'quotes' || this.#state === 'escaped') {
      throw this.#fault(`The quote that opens here is not closed`, this.#recordLine);
    }
    if (this.#state !== 'start' || this.#cells.length > 0) records.push(this.#record());
    return records;
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch {
      throw this.#fault('The file is not UTF-8', this.#line);
    }
  }

  #read(text: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    let at = 0;
    while (at < text.length) {
      const character = text.charAt(at);
      if (character === LF && this.#afterCr) {
        // The second half of a line break.
        this.#afterCr = false;
        at++;
        if (this.#state === 'quotes') this.#cell += LF;
        continue;
      }
      this.#afterCr = false;
      const special = this.#isSpecial(character);
      if (!special && this.#state !== 'escaped') {
        at = this.#run(text, at);
        continue;
      }
      at++;
      this.#take(character, records);
    }
    return records;
  }

  #isSpecial(character: string): boolean {
    const { delimiter, quote, escape: mark } = this.#form;
    return (
      character === delimiter ||
      character === quote ||
      character === LF ||
      character === CR ||
      character === mark
    );
  }

  /** Characters up to the next one that means something. */
  #run(text: string, from: number): number {
    this.#special.lastIndex = from;
    const end = this.#special.test(text) ? this.#special.lastIndex - 1 : text.length;
    if (this.#state === 'behind') {
      // Blanks behind a closing quote are let through.
      if (text.slice(from, end).trim() !== '') {
        throw this.#fault('Something stands behind a closing quote', this.#line);
      }
      return end;
    }
    if (this.#state === 'start') this.#state = 'plain';
    this.#add(text.slice(from, end));
    return end;
  }

  #add(text: string): void {
    this.#cell += text;
    this.#characters += text.length;
    if (this.#characters <= LIMITS.graphCopyLineBytesMax) return;
    throw this.#fault(
      `A record has more than ${LIMITS.graphCopyLineBytesMax} characters (graphCopyLineBytesMax)`,
      this.#recordLine,
    );
  }

  #take(character: string, records: CsvRecord[]): void {
    const { delimiter, quote, escape: mark } = this.#form;
    const isBreak = character === LF || character === CR;
    if (isBreak) {
      this.#line++;
      this.#afterCr = character === CR;
    }
    switch (this.#state) {
      case 'escaped':
        this.#add(character);
        this.#state = 'quotes';
        return;
      case 'quotes':
        if (mark !== undefined && character === mark && mark !== quote) this.#state = 'escaped';
        else if (character === quote) this.#state = 'behind';
        else this.#add(character);
        return;
      case 'behind':
        // A doubled quote is one.
        if (character === quote) {
          this.#add(quote);
          this.#state = 'quotes';
          return;
        }
        break;
      case 'start':
        if (character === quote) {
          this.#isQuoted = true;
          this.#state = 'quotes';
          return;
        }
        break;
      case 'plain':
        break;
    }
    if (character === delimiter) this.#endCell();
    else if (isBreak) records.push(this.#record());
    else if (this.#state === 'behind') {
      throw this.#fault('Something stands behind a closing quote', this.#line);
    } else {
      this.#state = 'plain';
      this.#add(character);
    }
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#quoted.push(this.#isQuoted);
    this.#cell = '';
    this.#isQuoted = false;
    this.#state = 'start';
    this.#characters++;
  }

  #record(): CsvRecord {
    this.#endCell();
    const record = { cells: this.#cells, quoted: this.#quoted, line: this.#recordLine };
    this.#cells = [];
    this.#quoted = [];
    this.#recordLine = this.#line;
    this.#characters = 0;
    return record;
  }

  #fault(message: string, line: number): Error {
    return tableError('INVALID_VALUE', 'Copy', `Error in file ${this.#file} on line ${line}: ${message}.`);
  }
}

/** As a member of a class of characters. */
const escaped = (text: string): string => text.replace(/[\\\]^-]/g, '\\$&');

/** A record of an empty line. */
export const isBlank = ({ cells, quoted }: CsvRecord): boolean =>
  cells.length === 1 && cells[0] === '' && quoted[0] === false;
