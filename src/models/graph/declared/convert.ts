/**
 * Values that fit a column: those of queries, converted where nothing is lost or where text says what is meant, and
 * the cells of files.
 */
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  type Value,
} from '../../../cypher/index.ts';
import { type BaseName, type ColumnType, typeText } from './column-type.ts';
import { integerOf, numberOf } from './convert-number.ts';
import { dateOf, intervalOf, inUtc, localDateTimeOf, zonedDateTimeOf } from './convert-temporal.ts';
import { listItems } from './list-text.ts';
import { tableError } from './table-error.ts';

const SHOWN_CHARACTERS = 100;

/** Undefined: it cannot be one. */
type Converted = Value | undefined;

/** @throws INVALID_VALUE (`Conversion exception: …`) */
export function cellValue(text: string, type: ColumnType): Value {
  const value = type.list === undefined ? ofText(text, type.base) : listOfText(text, type);
  if (value !== undefined) return value;
  throw tableError(
    'INVALID_VALUE',
    'Conversion',
    `Cast failed. Could not convert "${text.slice(0, SHOWN_CHARACTERS)}" to ${typeText(type)}.`,
  );
}

/** What a query gives, as the column keeps it; undefined for what does not fit. Null fits everywhere. */
export function fitted(value: Value, type: ColumnType): Converted {
  if (value === null) return null;
  if (type.list === undefined) return one(value, type.base);
  if (!Array.isArray(value)) return undefined;
  if (type.list > 0 && value.length !== type.list) return undefined;
  const items = value.map((item) => one(item, type.base));
  return items.every(
    (item): item is Exclude<Converted, undefined | null> => item !== undefined && item !== null,
  )
    ? items
    : undefined;
}

function one(value: Value, base: BaseName): Converted {
  if (typeof value === 'string' && TEXT_CONVERTS.has(base)) return ofText(value, base);
  switch (base) {
    case 'BOOL':
      return typeof value === 'boolean' ? value : undefined;
    case 'STRING':
    case 'UUID':
    case 'JSON':
    case 'BLOB':
      return typeof value === 'string' ? value : undefined;
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
      return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined;
    case 'DATE':
      return value instanceof DateValue ? value : undefined;
    case 'TIMESTAMP':
    case 'TIMESTAMP_NS':
    case 'TIMESTAMP_MS':
    case 'TIMESTAMP_SEC':
      if (value instanceof DateValue) return new LocalDateTimeValue(value.epochDay, 0);
      if (value instanceof DateTimeValue) return inUtc(value);
      return value instanceof LocalDateTimeValue ? value : undefined;
    case 'TIMESTAMP_TZ':
      if (value instanceof DateValue) return new DateTimeValue(value.epochDay, 0, 0, undefined);
      if (value instanceof LocalDateTimeValue) {
        return new DateTimeValue(value.epochDay, value.nanoOfDay, 0, undefined);
      }
      return value instanceof DateTimeValue ? value : undefined;
    case 'INTERVAL':
      return value instanceof DurationValue ? value : undefined;
    default:
      return typeof value === 'bigint' ? integerOf(String(value), base) : undefined;
  }
}

/** Types whose values people write as text where Cypher would have them made by a function. */
const TEXT_CONVERTS: ReadonlySet<BaseName> = new Set<BaseName>([
  'DATE',
  'TIMESTAMP',
  'TIMESTAMP_NS',
  'TIMESTAMP_MS',
  'TIMESTAMP_SEC',
  'TIMESTAMP_TZ',
  'INTERVAL',
  'UUID',
]);

const UUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;
const TRUE: ReadonlySet<string> = new Set(['true', 't', '1']);
const FALSE: ReadonlySet<string> = new Set(['false', 'f', '0']);

function ofText(given: string, base: BaseName): Converted {
  if (base === 'STRING' || base === 'JSON' || base === 'BLOB') return given;
  const text = given.trim();
  switch (base) {
    case 'BOOL': {
      const word = text.toLowerCase();
      return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
    }
    case 'UUID':
      return UUID.exec(text)?.slice(1).join('-').toLowerCase();
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
      return numberOf(text);
    case 'DATE':
      return dateOf(text);
    case 'TIMESTAMP':
    case 'TIMESTAMP_NS':
    case 'TIMESTAMP_MS':
    case 'TIMESTAMP_SEC':
      return localDateTimeOf(text);
    case 'TIMESTAMP_TZ':
      return zonedDateTimeOf(text);
    case 'INTERVAL':
      return intervalOf(text);
    default:
      return integerOf(text, base);
  }
}

/** `[1, 2, 3]`; also in parentheses or braces, which some writers make. */
function listOfText(text: string, { base, list }: ColumnType): Converted {
  const items = listItems(text);
  if (items === undefined || (list !== undefined && list > 0 && items.length !== list)) return undefined;
  const values = items.map((item) => ofText(item, base));
  return values.every((item) => item !== undefined) ? values : undefined;
}
