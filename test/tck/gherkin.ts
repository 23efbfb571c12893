/**
 * Reads Gherkin, as far as the TCK uses it: a feature with an optional background, scenarios and outlines with any
 * number of examples, tags, doc strings, tables and comments. What it does not know, it refuses by line; expanding
 * outlines is the work of outlines.ts.
 */

export type Table = readonly (readonly string[])[];

export interface Step {
  /** Without its keyword, without blanks around it. */
  readonly text: string;
  /** Counted from one. */
  readonly line: number;
  readonly docString: string | undefined;
  readonly table: Table | undefined;
}

export interface ExamplesRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface Examples {
  readonly tags: readonly string[];
  readonly header: readonly string[];
  readonly rows: readonly ExamplesRow[];
}

/** A `Scenario` or a `Scenario Outline`: the latter has examples. */
export interface Block {
  readonly name: string;
  readonly line: number;
  readonly tags: readonly string[];
  readonly steps: readonly Step[];
  readonly examples: readonly Examples[];
}

export interface Feature {
  readonly name: string;
  readonly tags: readonly string[];
  readonly background: readonly Step[];
  readonly blocks: readonly Block[];
}

export class GherkinError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

const LINE_BREAK = /\r?\n/;
const SECTION =
  /^(Feature|Background|Rule|Scenario Outline|Scenario Template|Scenario|Example|Examples|Scenarios):(.*)$/;
const STEP = /^(?:(?:Given|When|Then|And|But)\s|\*\s)(.*)$/;
const DOC_STRING = /^("""|```)/;
const SCENARIO_WORDS = new Set(['Scenario', 'Scenario Outline', 'Scenario Template', 'Example']);
const EXAMPLES_WORDS = new Set(['Examples', 'Scenarios']);

export function parseFeature(text: string): Feature {
  return new FeatureReader(text).feature();
}

class FeatureReader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#lines = text.replace(/^\uFEFF/, '').split(LINE_BREAK);
  }

  feature(): Feature {
    const tags = this.#tags();
    const name = this.#section('Feature');
    this.#description();
    const background: Step[] = [];
    const blocks: Block[] = [];
    for (;;) {
      const blockTags = this.#tags();
      if (this.#at >= this.#lines.length) {
        if (blockTags.length > 0) throw this.#error('tags that belong to nothing');
        return { name, tags, background, blocks };
      }
      const word = SECTION.exec(this.#line())?.[1];
      if (word === 'Background' && blockTags.length === 0 && background.length === 0 && blocks.length === 0) {
        this.#at++;
        this.#description();
        background.push(...this.#steps());
      } else if (word !== undefined && SCENARIO_WORDS.has(word)) {
        blocks.push(this.#block(blockTags));
      } else {
        throw this.#error(`'${this.#line()}' where a scenario should begin`);
      }
    }
  }

  #block(tags: readonly string[]): Block {
    const line = this.#at + 1;
    const name = (SECTION.exec(this.#line())?.[2] ?? '').trim();
    this.#at++;
    this.#description();
    const steps = this.#steps();
    const examples: Examples[] = [];
    for (;;) {
      const start = this.#at;
      const examplesTags = this.#tags();
      const word = this.#at < this.#lines.length ? SECTION.exec(this.#line())?.[1] : undefined;
      if (word === undefined || !EXAMPLES_WORDS.has(word)) {
        // The tags, if any, are those of the next scenario.
        this.#at = start;
        return { name, line, tags, steps, examples };
      }
      this.#at++;
      this.#description();
      examples.push(this.#examples(examplesTags));
    }
  }

  #examples(tags: readonly string[]): Examples {
    const [header, ...rows] = this.#tableRows();
    return { tags, header: header?.cells ?? [], rows };
  }

  #steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      this.#skipBlank();
      const text = this.#at < this.#lines.length ? STEP.exec(this.#line())?.[1] : undefined;
      if (text === undefined) return steps;
      const line = ++this.#at;
      this.#skipBlank();
      const next = this.#line();
      steps.push({
        text: text.trim(),
        line,
        docString: DOC_STRING.test(next) ? this.#docString() : undefined,
        table: next.startsWith('|') ? this.#tableRows().map((row) => row.cells) : undefined,
      });
    }
  }

  /**
   * What stands between the marks, each line without as many blanks as stand before the opening mark. A line with
   * fewer loses those it has.
   */
  #docString(): string {
    const opening = this.#lines[this.#at] ?? '';
    const openedAt = this.#at;
    const mark = DOC_STRING.exec(opening.trimStart())?.[1] ?? '"""';
    const indent = opening.length - opening.trimStart().length;
    const content: string[] = [];
    for (this.#at++; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? '';
      const bare = line.trimStart();
      if (bare.startsWith(mark)) {
        this.#at++;
        return content.join('\n');
      }
      const stripped = line.length - bare.length < indent ? bare : line.slice(indent);
      content.push(mark === '"""' ? stripped.replace('\\"\\"\\"', mark) : stripped);
    }
    this.#at = openedAt;
    throw this.#error('a doc string without an end');
  }

  #tableRows(): ExamplesRow[] {
    const rows: ExamplesRow[] = [];
    for (;;) {
      this.#skipBlank();
      if (!this.#line().startsWith('|')) return rows;
      const cells = tableCells(this.#line());
      if (rows[0] !== undefined && rows[0].cells.length !== cells.length) {
        throw this.#error(`${cells.length} cells in a table of ${rows[0].cells.length} columns`);
      }
      rows.push({ line: this.#at + 1, cells });
      this.#at++;
    }
  }

  #tags(): string[] {
    const tags: string[] = [];
    for (;;) {
      this.#skipBlank();
      const line = this.#line();
      if (!line.startsWith('@')) return tags;
      const words = line
        .replace(/\s#.*$/, '')
        .trim()
        .split(/\s+/);
      if (!words.every((word) => /^@[^@]+$/.test(word))) throw this.#error(`'${line}' is no list of tags`);
      tags.push(...words);
      this.#at++;
    }
  }

  #section(word: string): string {
    const match = SECTION.exec(this.#line());
    if (match?.[1] !== word) throw this.#error(`'${this.#line()}' where '${word}:' should stand`);
    this.#at++;
    return (match[2] ?? '').trim();
  }

  /** Free text under a heading, which says nothing to a machine. */
  #description(): void {
    while (this.#at < this.#lines.length) {
      const line = this.#line();
      if (SECTION.test(line) || STEP.test(line) || /^[@|]/.test(line)) return;
      this.#at++;
    }
  }

  #skipBlank(): void {
    while (this.#at < this.#lines.length && /^(?:$|#)/.test(this.#line())) this.#at++;
  }

  /** The line without the blanks before it; empty behind the last one. */
  #line(): string {
    return (this.#lines[this.#at] ?? '').trimStart();
  }

  #error(message: string): GherkinError {
    return new GherkinError(Math.min(this.#at + 1, this.#lines.length), message);
  }
}

/** Cells between the bars, trimmed. `\|`, `\\` and `\n` are a bar, a backslash and a line break, and stay in place. */
export function tableCells(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  for (let at = 1; at < line.length; at++) {
    const char = line[at] ?? '';
    const next = line[at + 1];
    if (char === '|') {
      cells.push(cell.replace(/^[ \t]+|[ \t]+$/g, ''));
      cell = '';
    } else if (char === '\\' && (next === '|' || next === '\\' || next === 'n')) {
      cell += next === 'n' ? '\n' : next;
      at++;
    } else {
      cell += char;
    }
  }
  return cells;
}
