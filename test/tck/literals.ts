/**
 * The literals of the TCK's tables: what a result must be, told without identities. A small grammar of its own and not
 * Cypher's, so that a mistake of our Cypher parser cannot hide here.
 */
import type { Value } from '../../src/cypher/values/value.ts';

/** A value by its looks: entities by labels, type and properties. A temporal value is a string, as `toString` gives it. */
export type Expected =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'list'; readonly items: readonly Expected[] }
  | { readonly kind: 'map'; readonly entries: ExpectedMap }
  | ExpectedNode
  | ExpectedRelationship
  | ExpectedPath;

export type ExpectedMap = ReadonlyMap<string, Expected>;

export interface ExpectedNode {
  readonly kind: 'node';
  /** Sorted, without repetition. */
  readonly labels: readonly string[];
  readonly properties: ExpectedMap;
}

export interface ExpectedRelationship {
  readonly kind: 'relationship';
  readonly type: string;
  readonly properties: ExpectedMap;
}

export interface ExpectedPath {
  readonly kind: 'path';
  readonly start: ExpectedNode;
  readonly steps: readonly ExpectedPathStep[];
}

export interface ExpectedPathStep {
  readonly relationship: ExpectedRelationship;
  /** True for `-[…]->`: the relationship leads on to `node`. */
  readonly forward: boolean;
  readonly node: ExpectedNode;
}

export class LiteralError extends Error {}

const BLANK = /\s*/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const QUOTED_NAME = /`(?:[^`]|``)*`/y;
const NUMBER = /-?(?:\d+\.\d+(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)/y;
const WORD = /-?[A-Za-z]+/y;
/** `[:T]` is a relationship; a list of one is `[[:T]]`. */
const RELATIONSHIP = /\[\s*:/y;
const WORDS: ReadonlyMap<string, Expected> = new Map<string, Expected>([
  ['null', { kind: 'null' }],
  ['true', { kind: 'boolean', value: true }],
  ['false', { kind: 'boolean', value: false }],
  ['NaN', { kind: 'float', value: Number.NaN }],
  ['Inf', { kind: 'float', value: Number.POSITIVE_INFINITY }],
  ['-Inf', { kind: 'float', value: Number.NEGATIVE_INFINITY }],
]);

/** Reads one literal that is all of the text. Throws a LiteralError. */
export function parseLiteral(text: string): Expected {
  const reader = new LiteralReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Expected {
    this.#take(BLANK);
    switch (this.#text[this.#at]) {
      case "'":
        return { kind: 'string', value: this.#string() };
      case '{':
        return { kind: 'map', entries: this.#map() };
      case '(':
        return this.#node();
      case '<':
        return this.#path();
      case '[':
        return this.#looksLike(RELATIONSHIP) ? this.#relationship() : this.#list();
      default:
        return this.#scalar();
    }
  }

  end(): void {
    this.#take(BLANK);
    if (this.#at < this.#text.length) throw this.#error('the literal should end here');
  }

  #scalar(): Expected {
    const number = this.#take(NUMBER);
    if (number !== undefined) {
      return /^-?\d+$/.test(number)
        ? { kind: 'integer', value: BigInt(number) }
        : { kind: 'float', value: Number(number) };
    }
    const word = this.#take(WORD);
    const value = word === undefined ? undefined : WORDS.get(word);
    if (value === undefined) throw this.#error('no literal begins like this');
    return value;
  }

  /**
   * Only `\'` and `\\` are escapes, anything else behind a backslash is kept with it. A backslash before the very
   * last quote is itself: Gherkin has already made it from two.
   */
  #string(): string {
    let value = '';
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at] ?? '';
      const next = this.#text[at + 1];
      if (char === "'") {
        this.#at = at + 1;
        return value;
      }
      if (char === '\\' && (next === '\\' || (next === "'" && at + 2 < this.#text.length))) {
        value += next;
        at++;
      } else {
        value += char;
      }
    }
    throw this.#error('a string without an end');
  }

  #list(): Expected {
    this.#expect('[');
    const items: Expected[] = [];
    if (!this.#has(']')) {
      do items.push(this.value());
      while (this.#has(','));
      this.#expect(']');
    }
    return { kind: 'list', items };
  }

  #map(): ExpectedMap {
    this.#expect('{');
    const entries = new Map<string, Expected>();
    if (this.#has('}')) return entries;
    do {
      const key = this.#name();
      if (entries.has(key)) throw this.#error(`the key '${key}' is there twice`);
      this.#expect(':');
      entries.set(key, this.value());
    } while (this.#has(','));
    this.#expect('}');
    return entries;
  }

  #node(): ExpectedNode {
    this.#expect('(');
    const labels = new Set<string>();
    while (this.#has(':')) labels.add(this.#name());
    const properties = this.#properties();
    this.#expect(')');
    return { kind: 'node', labels: [...labels].sort(), properties };
  }

  #relationship(): ExpectedRelationship {
    this.#expect('[');
    this.#expect(':');
    const type = this.#name();
    const properties = this.#properties();
    this.#expect(']');
    return { kind: 'relationship', type, properties };
  }

  #properties(): ExpectedMap {
    this.#take(BLANK);
    return this.#text[this.#at] === '{' ? this.#map() : new Map();
  }

  #path(): ExpectedPath {
    this.#expect('<');
    const start = this.#node();
    const steps: ExpectedPathStep[] = [];
    while (!this.#has('>')) {
      const backward = this.#has('<-');
      if (!backward) this.#expect('-');
      const relationship = this.#relationship();
      this.#expect(backward ? '-' : '->');
      steps.push({ relationship, forward: !backward, node: this.#node() });
    }
    return { kind: 'path', start, steps };
  }

  #name(): string {
    this.#take(BLANK);
    const quoted = this.#take(QUOTED_NAME);
    if (quoted !== undefined) return quoted.slice(1, -1).replaceAll('``', '`');
    const name = this.#take(NAME);
    if (name === undefined) throw this.#error('a name is missing');
    return name;
  }

  #has(mark: string): boolean {
    this.#take(BLANK);
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#has(mark)) throw this.#error(`'${mark}' is missing`);
  }

  #looksLike(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #error(message: string): LiteralError {
    return new LiteralError(`${message}, at ${this.#at + 1} of: ${this.#text}`);
  }
}

/** The value of a parameter or of a cell of a procedure's table: a literal without entities. */
export function toValue(expected: Expected): Value {
  switch (expected.kind) {
    case 'null':
      return null;
    case 'list':
      return expected.items.map(toValue);
    case 'map':
      return new Map([...expected.entries].map(([key, value]) => [key, toValue(value)]));
    case 'node':
    case 'relationship':
    case 'path':
      throw new LiteralError(`a ${expected.kind} cannot be given to a query`);
    default:
      return expected.value;
  }
}
