/**
 * PostgreSQL's array text -> JSON text, without values in between. The grammar is that of the PostgreSQL manual,
 * Array Input and Output Syntax: `{1,NULL,"a \"quoted\" one"}`, nested braces, and bounds before the brace
 * (`[0:1]={…}`) when the first index is not 1. JSON has no bounds, so they are dropped.
 */
import { assert } from '../../base/index.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** `element` encodes one element that is not NULL. */
export function arrayToJson(text: string, element: (text: string) => string): string {
  let at = text.indexOf('{');
  assert(at !== -1, 'array text has a brace');
  let json = '';
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === OPEN) {
      json += '[';
      at++;
    } else if (char === CLOSE) {
      json += ']';
      at++;
    } else if (char === COMMA) {
      json += ',';
      at++;
    } else if (char === QUOTE) {
      const end = closingQuote(text, at);
      json += element(unescaped(text.slice(at + 1, end)));
      at = end + 1;
    } else {
      const start = at;
      while (at < text.length && !endsBareElement(text.charCodeAt(at))) at++;
      const bare = text.slice(start, at);
      json += bare === 'NULL' ? 'null' : element(bare);
    }
  }
  return json;
}

const endsBareElement = (char: number): boolean => char === COMMA || char === CLOSE;

function closingQuote(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== QUOTE) {
    assert(at < text.length, 'array text closes its quotes');
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}

const unescaped = (text: string): string => (text.includes('\\') ? text.replace(/\\(.)/gs, '$1') : text);
