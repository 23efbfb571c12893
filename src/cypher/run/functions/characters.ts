/**
 * Strings by characters, that is by code points: JavaScript counts UTF-16 units, of which an emoji has two. Strings
 * without such pairs, nearly all, take the short way.
 */

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

export const hasPairs = (text: string): boolean => PAIR.test(text);

export function lengthOf(text: string): number {
  if (!hasPairs(text)) return text.length;
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ((text.codePointAt(at) ?? 0) > LAST_OF_ONE_UNIT) at += 1;
    count += 1;
  }
  return count;
}

const LAST_OF_ONE_UNIT = 0xffff;

/** From character `from` up to but not including `to`. */
export function sliceCharacters(text: string, from: number, to: number): string {
  if (!hasPairs(text)) return text.slice(from, to);
  return text.slice(unitOf(text, from), unitOf(text, to));
}

function unitOf(text: string, character: number): number {
  let at = 0;
  for (let passed = 0; passed < character && at < text.length; passed += 1) {
    at += (text.codePointAt(at) ?? 0) > LAST_OF_ONE_UNIT ? 2 : 1;
  }
  return at;
}

export const reverseText = (text: string): string => [...text].reverse().join('');
