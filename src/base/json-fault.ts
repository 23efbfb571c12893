/**
 * Finds the place at which a text stops being JSON (RFC 8259). For messages only: it runs after `JSON.parse` has
 * refused, because the place is in some of its errors and not in others. Not a parser: it makes no value.
 */

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A quote, characters and escapes. What follows is the closing quote, or the fault. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings are defined by leaving these out
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const WORDS = ['true', 'false', 'null'];

/**
 * Zero-based index of the first character that cannot stand where it stands, the length of the text if it ends too
 * early, undefined if nothing is wrong. Memory is bounded by the nesting, which the caller bounds.
 */
export function jsonFaultAt(text: string): number | undefined {
  const closers: string[] = [];
  let at = 0;

  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) return false;
    at += found.length;
    return true;
  };
  const eat = (char: string): boolean => {
    if (text[at] !== char) return false;
    at++;
    return true;
  };
  const string = (): boolean => match(STRING) && eat('"');
  const word = (): boolean => {
    const found = WORDS.find((candidate) => candidate[0] === text[at]);
    if (found === undefined) return false;
    for (const char of found) if (!eat(char)) return false;
    return true;
  };
  const key = (): boolean => {
    match(SPACE);
    if (!string()) return false;
    match(SPACE);
    return eat(':');
  };

  for (;;) {
    match(SPACE);
    if (eat('[')) {
      match(SPACE);
      closers.push(']');
      if (!eat(']')) continue;
      closers.pop();
    } else if (eat('{')) {
      match(SPACE);
      closers.push('}');
      if (!eat('}')) {
        if (!key()) return at;
        continue;
      }
      closers.pop();
    } else if (text[at] === '"' ? !string() : !match(NUMBER) && !word()) {
      return at;
    }
    match(SPACE);
    while (closers.length > 0 && eat(closers.at(-1) ?? '')) {
      closers.pop();
      match(SPACE);
    }
    if (closers.length === 0) return at === text.length ? undefined : at;
    if (!eat(',')) return at;
    if (closers.at(-1) === '}' && !key()) return at;
  }
}
