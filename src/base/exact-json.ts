/**
 * JSON in which numbers keep their digits. `JSON.parse` rounds 64-bit integers and decimals to doubles; here a
 * number literal that a double cannot print back letter for letter becomes an `ExactNumber`, all others stay
 * JavaScript numbers. Bodies without such a literal cost one scan and one `JSON.parse`.
 *
 * Not a validator of types: that is the business of the operation's schema.
 */
import { randomHex } from './clock.ts';
import { FacetError } from './errors.ts';
import { jsonFaultAt } from './json-fault.ts';
import { LIMITS } from './limits.ts';

/** A JSON number literal, kept as the text that the client sent. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

export type Json =
  | null
  | boolean
  | number
  | ExactNumber
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Unguessable, so that no string of a client is taken for a number. */
const MARK = `number:${randomHex(12)}:`;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * The value of a JSON text.
 * @throws FacetError INVALID_JSON, with the place where parsing stopped, or naming the nesting bound.
 */
export function parseExactJson(text: string): Json {
  const marked = markInexactNumbers(text);
  let value: Json;
  try {
    value = JSON.parse(marked ?? text) as Json;
  } catch {
    throw new FacetError('INVALID_JSON', `The body is not valid JSON: ${describe(text)}`);
  }
  return marked === undefined ? value : (revive(value, text) as Json);
}

/** Text of a JSON value; an `ExactNumber` is written with its own digits. */
export function stringifyExactJson(value: Json): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(stringifyExactJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(
      ([key, member]) => `${JSON.stringify(key)}:${stringifyExactJson(member)}`,
    );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The text with every inexact number turned into a marked string, or undefined if there was none. */
function markInexactNumbers(text: string): string | undefined {
  const pieces: string[] = [];
  let copiedTo = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      at = endOfString(text, at);
    } else if (char === 0x5b || char === 0x7b) {
      if (++depth > LIMITS.jsonDepthMax) {
        throw new FacetError(
          'INVALID_JSON',
          `The body nests deeper than ${LIMITS.jsonDepthMax} levels (jsonDepthMax)`,
        );
      }
    } else if (char === 0x5d || char === 0x7d) {
      depth--;
    } else if (char === 0x2d || (char >= 0x30 && char <= 0x39)) {
      NUMBER.lastIndex = at;
      const literal = NUMBER.exec(text)?.[0];
      if (literal === undefined) continue;
      if (String(Number(literal)) !== literal && isJsonNumber(literal)) {
        pieces.push(text.slice(copiedTo, at), `"${MARK}${literal}"`);
        copiedTo = at + literal.length;
      }
      at += literal.length - 1;
    }
  }
  if (copiedTo === 0) return undefined;
  pieces.push(text.slice(copiedTo));
  return pieces.join('');
}

/** Leading zeros are not JSON: such a literal stays in the text for `JSON.parse` to refuse. */
const isJsonNumber = (literal: string): boolean => !/^-?0\d/.test(literal);

/** Index of the closing quote of the string that opens at `start`, or the last index of the text. */
function endOfString(text: string, start: number): number {
  let at = start;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

function revive(value: unknown, text: string): unknown {
  if (typeof value === 'string')
    return value.startsWith(MARK) ? new ExactNumber(value.slice(MARK.length)) : value;
  if (Array.isArray(value)) return value.map((item) => revive(item, text));
  if (value !== null && typeof value === 'object') {
    const copy: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      // A number where a key belongs became a string by its mark, so JSON.parse could not refuse it.
      if (key.startsWith(MARK)) {
        throw new FacetError('INVALID_JSON', `The body is not valid JSON: ${describe(text)}`);
      }
      // defineProperty, because a plain assignment to "__proto__" would be swallowed.
      Object.defineProperty(copy, key, {
        value: revive(member, text),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return copy;
  }
  return value;
}

function describe(text: string): string {
  if (text.trim() === '') return 'it is empty';
  const at = jsonFaultAt(text) ?? text.length;
  return at >= text.length ? 'it ends too early' : `unexpected character at position ${at + 1}`;
}
