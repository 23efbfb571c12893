/** Numbers and strings as Cypher writes them: from their source text to their values, or to what is wrong with them. */
import type { Fault } from './tokens.ts';

/** The magnitude of the least INTEGER. It is a legal literal only behind a minus. */
export const INTEGER_MAGNITUDE_MAX = 2n ** 63n;

/** More digits than any base needs for 64 bits: nothing longer is worth converting. */
const DIGITS_MAX = 22;

const DECIMAL = /^\d+(?:_\d+)*$/;
const FLOAT = /^(?:\d+(?:_\d+)*)?(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^0[xX][\da-fA-F]+(?:_[\da-fA-F]+)*$/;
const OCTAL = /^0[oO]?[0-7]+(?:_[0-7]+)*$/;

const numberFault = (reason: string, message: string): Fault => ({
  reason,
  message,
  hint: undefined,
  isNumber: true,
});

/**
 * The value of a number. `0o17` and the older `017` are octal. An integer up to 2^63 is given back; that 2^63 itself
 * needs a minus before it is for the parser to see.
 */
export function readNumber(source: string): bigint | number | Fault {
  const second = source.charCodeAt(1) | 0x20;
  const isHexadecimal = source.charCodeAt(0) === 0x30 && second === 0x78;
  if (isHexadecimal) return HEXADECIMAL.test(source) ? readInteger(source, '0x', 2) : notANumber(source);
  if (source.charCodeAt(0) === 0x30 && second === 0x6f) {
    return OCTAL.test(source) ? readInteger(source, '0o', 2) : notANumber(source);
  }
  if (DECIMAL.test(source)) {
    const isOctal = source.length > 1 && source.charCodeAt(0) === 0x30;
    if (!isOctal) return readInteger(source, '', 0);
    return OCTAL.test(source) ? readInteger(source, '0o', 1) : notANumber(source);
  }
  if (!FLOAT.test(source)) return notANumber(source);
  const value = Number(source.replaceAll('_', ''));
  if (Number.isFinite(value)) return value;
  return numberFault('FloatingPointOverflow', `${shorten(source)} is too large for a FLOAT`);
}

function readInteger(source: string, prefix: string, skip: number): bigint | Fault {
  const digits = (source.includes('_') ? source.replaceAll('_', '') : source).slice(skip);
  const significant = digits.length > DIGITS_MAX ? digits.replace(/^0+(?=.)/, '') : digits;
  if (significant.length <= DIGITS_MAX) {
    const value = BigInt(prefix + significant);
    if (value <= INTEGER_MAGNITUDE_MAX) return value;
  }
  return numberFault('IntegerOverflow', `${shorten(source)} does not fit into an INTEGER of 64 bits`);
}

const notANumber = (source: string): Fault =>
  numberFault('InvalidNumberLiteral', `'${shorten(source)}' is no number`);

/** Source text for a message: enough to find it by. */
export const shorten = (source: string): string => (source.length <= 40 ? source : `${source.slice(0, 39)}…`);

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['r', '\r'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
]);

const UNICODE = /(?:u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y;
const CODE_POINT_MAX = 0x10ffff;

/** The content of a string between its quotes, with the escapes resolved. */
export function readString(content: string): string | Fault {
  let value = '';
  let from = 0;
  for (let at = content.indexOf('\\'); at >= 0; at = content.indexOf('\\', from)) {
    value += content.slice(from, at);
    const letter = content.charAt(at + 1);
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      value += plain;
      from = at + 2;
      continue;
    }
    UNICODE.lastIndex = at + 1;
    const digits = letter === 'u' || letter === 'U' ? UNICODE.exec(content) : null;
    const codePoint = digits === null ? -1 : Number.parseInt(digits[1] ?? digits[2] ?? '', 16);
    if (codePoint < 0 || codePoint > CODE_POINT_MAX) return escapeFault(content, at, letter);
    value += String.fromCodePoint(codePoint);
    from = UNICODE.lastIndex;
  }
  return from === 0 ? content : value + content.slice(from);
}

function escapeFault(content: string, at: number, letter: string): Fault {
  if (letter === 'u' || letter === 'U') {
    return {
      reason: 'InvalidUnicodeLiteral',
      message: `'${content.slice(at, at + (letter === 'u' ? 6 : 10))}' is no Unicode character`,
      hint: 'Write \\u with four hexadecimal digits or \\U with eight, up to \\U0010FFFF.',
      isNumber: false,
    };
  }
  return {
    reason: 'UnexpectedSyntax',
    message: `'\\${String.fromCodePoint(content.codePointAt(at + 1) ?? 0x20)}' is no escape sequence`,
    hint: 'A backslash itself is written \\\\.',
    isNumber: false,
  };
}
