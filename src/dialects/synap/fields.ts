/**
 * Reads the members of a payload: a member that is missing, or has a wrong type or range, is an error that names it.
 * Both spellings of a member are asked for by naming both; the first one that is there counts. `null` is as good as
 * absent. Members that nobody asks for are not looked at.
 */
import { ExactNumber, FacetError, type Json, stringifyExactJson } from '../../base/index.ts';

type Members = { readonly [name: string]: Json | undefined };

const NO_TEXTS: ReadonlySet<string> = new Set();

export class Fields {
  readonly #members: Members;
  /** Members that came from a path or a query string, where numbers and booleans are text. */
  readonly #texts: ReadonlySet<string>;
  readonly #where: string;

  constructor(
    members: Members,
    given: { readonly texts?: ReadonlySet<string>; readonly where?: string } = {},
  ) {
    this.#members = members;
    this.#texts = given.texts ?? NO_TEXTS;
    this.#where = given.where ?? '';
  }

  /** The members of a JSON value that must be an object. @throws INVALID_PARAMETER */
  static of(value: Json | undefined, where = 'The payload'): Fields {
    if (!isObject(value)) throw new FacetError('INVALID_PARAMETER', `${where} must be an object`);
    return new Fields(value);
  }

  /** As `of`, where numbers and booleans of some members are text. */
  static ofTexts(value: Json, texts: ReadonlySet<string>): Fields {
    if (!isObject(value)) throw new FacetError('INVALID_PARAMETER', 'The payload must be an object');
    return new Fields(value, { texts });
  }

  has(...names: string[]): boolean {
    return this.#find(names) !== undefined;
  }

  /** The value as it came; undefined when absent or null. */
  optional(...names: string[]): Json | undefined {
    return this.#find(names)?.value;
  }

  optionalString(...names: string[]): string | undefined {
    const found = this.#find(names);
    if (found === undefined) return undefined;
    if (typeof found.value === 'string') return found.value;
    throw this.#wrong(found.name, 'must be a string');
  }

  string(...names: string[]): string {
    return this.optionalString(...names) ?? this.#missing(names);
  }

  optionalBoolean(...names: string[]): boolean | undefined {
    const found = this.#find(names);
    if (found === undefined) return undefined;
    const { name, value } = found;
    if (typeof value === 'boolean') return value;
    if (this.#texts.has(name) && (value === 'true' || value === 'false')) return value === 'true';
    throw this.#wrong(name, 'must be true or false');
  }

  flag(...names: string[]): boolean {
    return this.optionalBoolean(...names) ?? false;
  }

  optionalNumber(...names: string[]): number | undefined {
    const found = this.#find(names);
    if (found === undefined) return undefined;
    const number = this.#number(found.name, found.value);
    if (number === undefined || !Number.isFinite(number))
      throw this.#wrong(found.name, 'must be a finite number');
    return number;
  }

  number(...names: string[]): number {
    return this.optionalNumber(...names) ?? this.#missing(names);
  }

  optionalInteger(...names: string[]): number | undefined {
    const found = this.#find(names);
    if (found === undefined) return undefined;
    const number = this.#number(found.name, found.value);
    if (number === undefined || !Number.isSafeInteger(number))
      throw this.#wrong(found.name, 'must be an integer');
    return number;
  }

  integer(...names: string[]): number {
    return this.optionalInteger(...names) ?? this.#missing(names);
  }

  /** The decimal digits of a number, which may be longer than a double holds. The operation says whether it fits. */
  optionalDigits(...names: string[]): string | undefined {
    const found = this.#find(names);
    if (found === undefined) return undefined;
    const { name, value } = found;
    if (typeof value === 'number' || value instanceof ExactNumber) return String(value);
    if (this.#texts.has(name) && typeof value === 'string') return value;
    throw this.#wrong(name, 'must be a number');
  }

  /** Whole seconds on the wire, as milliseconds. @throws INVALID_PARAMETER for 0 and less, unless `zero` is allowed */
  optionalSecondsAsMs(names: readonly string[], zero: 'zero' | 'positive'): number | undefined {
    const seconds = this.optionalInteger(...names);
    if (seconds === undefined) return undefined;
    const least = zero === 'zero' ? 0 : 1;
    if (seconds < least) throw this.#wrong(names.join(' or '), `must be at least ${least} (seconds)`);
    const ms = seconds * 1_000;
    if (!Number.isSafeInteger(ms)) throw this.#wrong(names.join(' or '), 'is too large');
    return ms;
  }

  /** The JSON text of any value, null among them. */
  json(...names: string[]): string {
    const name = names.find((each) => this.#members[each] !== undefined);
    const value = name === undefined ? undefined : this.#members[name];
    if (value === undefined) return this.#missing(names);
    return jsonText(value);
  }

  optionalJson(...names: string[]): string | undefined {
    return names.some((each) => this.#members[each] !== undefined) ? this.json(...names) : undefined;
  }

  optionalArray(...names: string[]): readonly Json[] | undefined {
    const found = this.#find(names);
    if (found === undefined) return undefined;
    if (Array.isArray(found.value)) return found.value;
    throw this.#wrong(found.name, 'must be an array');
  }

  array(...names: string[]): readonly Json[] {
    return this.optionalArray(...names) ?? this.#missing(names);
  }

  optionalStrings(...names: string[]): string[] | undefined {
    const array = this.optionalArray(...names);
    return array?.map((item, at) => {
      if (typeof item === 'string') return item;
      throw this.#wrong(`${names[0]}[${at}]`, 'must be a string');
    });
  }

  strings(...names: string[]): string[] {
    return this.optionalStrings(...names) ?? this.#missing(names);
  }

  /** The JSON texts of the items of an array. */
  jsons(...names: string[]): string[] {
    return this.array(...names).map(jsonText);
  }

  optionalObject(...names: string[]): Fields | undefined {
    const found = this.#find(names);
    if (found === undefined) return undefined;
    if (!isObject(found.value)) throw this.#wrong(found.name, 'must be an object');
    return new Fields(found.value, { where: `${this.#where}${found.name}.` });
  }

  object(...names: string[]): Fields {
    return this.optionalObject(...names) ?? this.#missing(names);
  }

  /** The items of an array, each of which must be an object. */
  objects(...names: string[]): Fields[] {
    return this.array(...names).map((item, at) => {
      const where = `${this.#where}${names[0]}[${at}]`;
      if (!isObject(item)) throw new FacetError('INVALID_PARAMETER', `'${where}' must be an object`);
      return new Fields(item, { where: `${where}.` });
    });
  }

  /** One of a closed list of words, in any case. */
  optionalWord<Word extends string>(words: readonly Word[], ...names: string[]): Word | undefined {
    const text = this.optionalString(...names);
    if (text === undefined) return undefined;
    const word = words.find((each) => each.toLowerCase() === text.toLowerCase());
    if (word !== undefined) return word;
    throw this.#wrong(names[0] ?? '', `must be one of ${words.join(', ')}`);
  }

  /** All members with their JSON texts, in their order. */
  entries(): (readonly [string, Json])[] {
    return Object.entries(this.#members) as (readonly [string, Json])[];
  }

  #find(names: readonly string[]): { readonly name: string; readonly value: Json } | undefined {
    for (const name of names) {
      const value = this.#members[name];
      if (value !== undefined && value !== null) return { name, value };
    }
    return undefined;
  }

  #number(name: string, value: Json): number | undefined {
    if (typeof value === 'number') return value;
    if (value instanceof ExactNumber) return Number(value.text);
    return this.#texts.has(name) &&
      typeof value === 'string' &&
      /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)
      ? Number(value)
      : undefined;
  }

  #missing(names: readonly string[]): never {
    const [first, ...others] = names.map((name) => `'${this.#where}${name}'`);
    const also = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
    throw new FacetError('MISSING_PARAMETER', `${first}${also} is required`);
  }

  #wrong(name: string, why: string): FacetError {
    return new FacetError('INVALID_PARAMETER', `'${this.#where}${name}' ${why}`);
  }
}

export const isObject = (value: Json | undefined): value is Members & Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof ExactNumber);

/** The text that a model keeps. Strings, the most frequent values, take the short way. */
export const jsonText = (value: Json): string =>
  typeof value === 'string' ? JSON.stringify(value) : stringifyExactJson(value);
