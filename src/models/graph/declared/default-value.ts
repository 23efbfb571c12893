/**
 * DEFAULT of a column: a constant, or one of the functions whose value is new for each row. More than that is refused when
 * the column is declared, so that a default never fails later.
 */
import { randomUUID } from 'node:crypto';
import { FacetError } from '../../../base/index.ts';
import { lex, type Token, type Value } from '../../../cypher/index.ts';
import { type ColumnType, typeText } from './column-type.ts';
import { fitted } from './convert.ts';
import { dateAt, timestampAt } from './moments.ts';
import { tableError } from './table-error.ts';

export interface DefaultValue {
  /** A value for one row. */
  readonly make: () => Value;
  /** Each row has its own. */
  readonly changes: boolean;
}

/** Functions of no argument. */
const MADE: ReadonlyMap<string, () => Value> = new Map<string, () => Value>([
  ['gen_random_uuid', randomUUID],
  ['current_date', () => dateAt()],
  ['current_timestamp', () => timestampAt()],
]);

/** Functions of one text, which the column's type reads. */
const OF_TEXT: ReadonlySet<string> = new Set(
  'date timestamp to_timestamp datetime localdatetime interval to_interval duration uuid to_uuid blob'.split(
    ' ',
  ),
);

/** @throws FEATURE_NOT_SUPPORTED for expressions that are more, TYPE_MISMATCH for values of another type */
export function defaultOf(text: string, type: ColumnType): DefaultValue {
  const reader = { tokens: lex(text), at: 0 };
  const next = reader.tokens[0];
  const made = next?.kind === 'name' ? MADE.get(next.text.toLowerCase()) : undefined;
  if (made !== undefined && symbolAt(reader, 1, '(') && symbolAt(reader, 2, ')') && isEnd(reader, 3)) {
    keptAs(made(), text, type);
    return { make: () => keptAs(made(), text, type), changes: true };
  }
  const constant = read(reader);
  if (constant === undefined || !isEnd(reader, reader.at)) {
    throw new FacetError('FEATURE_NOT_SUPPORTED', `DEFAULT ${text} is not offered here`, {
      hint: 'A default is a constant, gen_random_uuid(), current_timestamp() or current_date().',
    });
  }
  const value = keptAs(constant, text, type);
  return { make: () => value, changes: false };
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

const symbolAt = ({ tokens }: Reader, at: number, symbol: string): boolean => tokens[at]?.symbol === symbol;
const isEnd = ({ tokens }: Reader, at: number): boolean => tokens[at]?.kind === 'end';

function keptAs(value: Value, text: string, type: ColumnType): Value {
  const kept = fitted(value, type);
  if (kept !== undefined) return kept;
  throw tableError(
    'TYPE_MISMATCH',
    'Binder',
    `The default ${text} does not fit ${typeText(type)}. Implicit cast is not supported.`,
  );
}

/** One constant; undefined for what is none. */
function read(reader: Reader): Value | undefined {
  const token = reader.tokens[reader.at++];
  if (token === undefined) return undefined;
  switch (token.kind) {
    case 'string':
      return token.text;
    case 'integer':
    case 'float':
      return numberOf(token.number, 1);
    case 'symbol':
      if (token.symbol === '[') return list(reader);
      if (token.symbol !== '-' && token.symbol !== '+') return undefined;
      return signed(reader.tokens[reader.at++], token.symbol === '-' ? -1 : 1);
    case 'name':
      return word(reader, token.text.toLowerCase());
    default:
      return undefined;
  }
}

const signed = (token: Token | undefined, sign: 1 | -1): Value | undefined =>
  token?.kind === 'integer' || token?.kind === 'float' ? numberOf(token.number, sign) : undefined;

function numberOf(number: bigint | number, sign: 1 | -1): Value | undefined {
  if (typeof number === 'number') return sign * number;
  const value = BigInt(sign) * number;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function word(reader: Reader, name: string): Value | undefined {
  const known = WORDS.get(name);
  if (known !== undefined) return known;
  const text = reader.tokens[reader.at + 1];
  const isCall =
    symbolAt(reader, reader.at, '(') && text?.kind === 'string' && symbolAt(reader, reader.at + 2, ')');
  if (!OF_TEXT.has(name) || !isCall) return undefined;
  reader.at += 3;
  return text.text;
}

function list(reader: Reader): Value | undefined {
  const items: Value[] = [];
  while (!symbolAt(reader, reader.at, ']')) {
    if (items.length > 0) {
      if (!symbolAt(reader, reader.at, ',')) return undefined;
      reader.at++;
    }
    const item = read(reader);
    if (item === undefined) return undefined;
    items.push(item);
  }
  reader.at++;
  return items;
}
