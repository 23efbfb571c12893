/** Functions of strings. Positions and lengths count characters (code points) and begin at 0. */
import { argumentError } from '../../cypher-error.ts';
import { isList } from '../../values/kinds.ts';
import type { Value } from '../../values/value.ts';
import { lengthOf, reverseText, sliceCharacters } from './characters.ts';
import {
  binary,
  checkListSize,
  checkTextSize,
  count,
  type ScalarFunction,
  text,
  unary,
  variadic,
  wrongArgument,
} from './function.ts';

const textual = (name: string, compute: (value: string) => Value): ScalarFunction =>
  unary(name, (value) => compute(typeof value === 'string' ? value : text(name, value)));

function substring(values: readonly Value[]): Value {
  const whole = text('substring', values[0]);
  const from = count('substring', 'start', values[1]);
  if (values.length === 2) return sliceCharacters(whole, from, Number.MAX_SAFE_INTEGER);
  return sliceCharacters(whole, from, from + count('substring', 'length', values[2]));
}

const left = (whole: Value, characters: Value): Value =>
  sliceCharacters(text('left', whole), 0, count('left', 'length', characters));

function right(whole: Value, characters: Value): Value {
  const string = text('right', whole);
  const wanted = count('right', 'length', characters);
  return sliceCharacters(string, Math.max(0, lengthOf(string) - wanted), Number.MAX_SAFE_INTEGER);
}

/** Without a second argument white space goes, with one every character that it has. */
const trim = (name: string, atStart: boolean, atEnd: boolean): ScalarFunction =>
  variadic(name, [1, name === 'trim' ? 1 : 2], (values) => {
    const string = text(name, values[0]);
    if (values.length === 1) {
      return atStart ? (atEnd ? string.trim() : string.trimStart()) : string.trimEnd();
    }
    const dropped = new Set(text(name, values[1]));
    const characters = [...string];
    let from = 0;
    let to = characters.length;
    while (atStart && from < to && dropped.has(characters[from] ?? '')) from += 1;
    while (atEnd && to > from && dropped.has(characters[to - 1] ?? '')) to -= 1;
    return characters.slice(from, to).join('');
  });

function occurrences(whole: string, search: string): number {
  let found = 0;
  for (let at = whole.indexOf(search); at >= 0; at = whole.indexOf(search, at + search.length)) found += 1;
  return found;
}

/** An empty search stands before every character and at the end. */
function replace(values: readonly Value[]): Value {
  const whole = text('replace', values[0]);
  const search = text('replace', values[1]);
  const replacement = text('replace', values[2]);
  const found = search === '' ? lengthOf(whole) + 1 : occurrences(whole, search);
  checkTextSize('replace()', whole.length + found * (replacement.length - search.length));
  if (search !== '') return whole.replaceAll(search, () => replacement);
  return replacement + [...whole].map((character) => character + replacement).join('');
}

/** Delimiters are one STRING or a LIST of them; an empty one parts all characters. */
function split(whole: Value, delimiter: Value): Value {
  const string = text('split', whole);
  const delimiters = (isList(delimiter) ? delimiter : [delimiter]).map((item) => text('split', item));
  let parts = [string];
  for (const item of delimiters) {
    const next: string[] = [];
    for (const part of parts) {
      const pieces = item === '' && part !== '' ? [...part] : part.split(item);
      for (const piece of pieces.length === 0 ? [''] : pieces) next.push(piece);
    }
    checkListSize('split()', next.length);
    parts = next;
  }
  return parts;
}

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'];

function normalize(values: readonly Value[]): Value {
  const string = text('normalize', values[0]);
  const form = values.length === 1 ? 'NFC' : text('normalize', values[1]).toUpperCase();
  if (FORMS.includes(form)) return string.normalize(form);
  throw argumentError(
    'InvalidArgumentValue',
    `normalize() knows no form '${form}', only ${FORMS.join(', ')}`,
  );
}

function reverse(value: Value): Value {
  if (typeof value === 'string') return reverseText(value);
  if (isList(value)) return value.toReversed();
  throw wrongArgument('reverse', 'a String or a List', value);
}

export const STRINGS: readonly ScalarFunction[] = [
  variadic('substring', [2, 3], substring),
  binary('left', left),
  binary('right', right),
  trim('trim', true, true),
  trim('btrim', true, true),
  trim('lTrim', true, false),
  trim('rTrim', false, true),
  variadic('replace', [3, 3], replace),
  binary('split', split),
  variadic('normalize', [1, 2], normalize),
  unary('reverse', reverse),
  textual('toUpper', (value) => value.toUpperCase()),
  textual('upper', (value) => value.toUpperCase()),
  textual('toLower', (value) => value.toLowerCase()),
  textual('lower', (value) => value.toLowerCase()),
  textual('char_length', (value) => BigInt(lengthOf(value))),
  textual('character_length', (value) => BigInt(lengthOf(value))),
];
