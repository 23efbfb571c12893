/**
 * Splits TypeScript text into code, comments and strings, so that a rule can look at one of them without being
 * fooled by the others. A scanner of tokens' outlines, not a parser: rules work on text of the same length and
 * the same line breaks as the original, in which what is not asked for is blank.
 */

export interface Piece {
  /** Index of the first character in the original text: the opening quote of a string, the slash of a comment. */
  readonly start: number;
  readonly line: number;
  /** What stands between the quotes, or the whole comment. */
  readonly text: string;
}

export interface Scanned {
  /** The text with comments, contents of strings and regular expressions blanked. Quotes stay. */
  readonly code: string;
  readonly comments: readonly Piece[];
  /** Strings in single or double quotes, and templates without their expressions. */
  readonly strings: readonly Piece[];
}

/** After these a slash divides; after anything else it opens a regular expression. */
const ENDS_VALUE = /[\w$)\]"'`]$/;
const WORD_BEFORE_REGEX =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|yield|await)$/;

export function scan(text: string): Scanned {
  const code: string[] = [];
  const comments: Piece[] = [];
  const strings: Piece[] = [];
  /** Depth of braces inside each template expression that is open. */
  const templates: number[] = [];
  let at = 0;
  let line = 1;
  let before = '';

  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  const countLines = (part: string): void => {
    for (const char of part) if (char === '\n') line++;
  };
  const keep = (part: string): void => {
    code.push(part);
    if (part.trim() !== '') before = (before + part.trim()).slice(-12);
    countLines(part);
    at += part.length;
  };
  const comment = (end: number): void => {
    const part = text.slice(at, end);
    comments.push({ start: at, line, text: part });
    code.push(blank(part));
    countLines(part);
    at = end;
  };

  /** Reads template text from `at` to the closing backtick or to the next expression. */
  const template = (): void => {
    const start = at;
    while (at < text.length && text[at] !== '`' && !(text[at] === '$' && text[at + 1] === '{')) {
      at += text[at] === '\\' ? 2 : 1;
    }
    const part = text.slice(start, at);
    strings.push({ start: start - 1, line, text: part });
    code.push(blank(part));
    countLines(part);
    if (text[at] === '`') keep('`');
    else if (at < text.length) {
      templates.push(0);
      keep('${');
    }
  };

  while (at < text.length) {
    const char = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (char === '#' && next === '!' && at === 0) comment(endOf(text, '\n', at));
    else if (char === '/' && next === '/') comment(endOf(text, '\n', at));
    else if (char === '/' && next === '*') comment(Math.min(text.length, endOf(text, '*/', at + 2) + 2));
    else if (char === '"' || char === "'") {
      const end = endOfQuoted(text, at, char);
      const inside = text.slice(at + 1, end);
      strings.push({ start: at, line, text: inside });
      keep(char);
      code.push(blank(inside));
      at = end;
      keep(char);
    } else if (char === '`') {
      keep('`');
      template();
    } else if (char === '/' && opensRegex(before)) {
      const end = endOfRegex(text, at);
      const inside = text.slice(at + 1, end);
      keep('/');
      code.push(blank(inside));
      at = end;
      keep('/');
      // What a regular expression leaves behind is a value: a slash after it divides.
      before = ')';
    } else if (templates.length > 0 && (char === '{' || char === '}')) {
      const depth = templates[templates.length - 1] ?? 0;
      keep(char);
      if (char === '{') templates[templates.length - 1] = depth + 1;
      else if (depth > 0) templates[templates.length - 1] = depth - 1;
      else {
        templates.pop();
        template();
      }
    } else {
      const run = /^(?:[\w$]+|\s+|.)/s.exec(text.slice(at, at + 256))?.[0] ?? char;
      keep(run);
    }
  }
  return { code: code.join(''), comments, strings };
}

/** 1-based line of an index. */
export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function opensRegex(before: string): boolean {
  return WORD_BEFORE_REGEX.test(before) || !ENDS_VALUE.test(before);
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found;
}

/** Index of the closing quote; a string that a line break cuts ends there. */
function endOfQuoted(text: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}

function endOfRegex(text: string, start: number): number {
  let at = start + 1;
  let inClass = false;
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '[') inClass = true;
    if (text[at] === ']') inClass = false;
    at += text[at] === '\\' ? 2 : 1;
  }
  return Math.min(at, text.length);
}
