/**
 * Cells in PostgreSQL's text form -> JSON text. Values never become JavaScript numbers or dates, so 64-bit integers
 * and decimals keep every digit. An encoder is chosen once per column, then called for every row: this is the
 * innermost loop of a query.
 *
 * Types without a rule here are JSON strings of their text: interval, ranges, network types, composites, enums.
 */
import { arrayToJson } from './array-text.ts';

/** Encodes one cell that is not NULL. */
export type CellEncoder = (text: string) => string;

const digits: CellEncoder = (text) => text;

/** NaN and the infinities have no JSON number. PostgreSQL prints all others in JSON's own grammar. */
const finite: CellEncoder = (text) => {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0x30 && last <= 0x39 ? text : 'null';
};

const bool: CellEncoder = (text) => (text === 't' ? 'true' : 'false');

/** What JSON writes with a backslash. Looking for it takes a third of the time of JSON.stringify. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes exactly these
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

const string: CellEncoder = (text) => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);

/** A json column keeps the client's white space. Line breaks go, for they would end a line of a stream. */
const json: CellEncoder = (text) => (/[\n\r]/.test(text) ? text.replace(/[\n\r]+/g, ' ') : text);

/** `2025-12-01 14:30:00.5` -> `2025-12-01T14:30:00.5`; infinity and years before Christ stay as printed. */
const timestamp: CellEncoder = (text) =>
  text.charCodeAt(10) === 0x20 && text.charCodeAt(13) === 0x3a && !text.endsWith('BC')
    ? `"${text.slice(0, 10)}T${text.slice(11)}"`
    : longTimestamp(text);

/** Years beyond 9999 have more digits. */
const longTimestamp: CellEncoder = (text) => {
  const parts = /^(\d{5,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$/.exec(text);
  return parts === null ? JSON.stringify(text) : `"${parts[1]}T${parts[2]}"`;
};

/** RFC 3339 in UTC. Sessions run in UTC, so `+00` at the end is the rule. */
const timestampTz: CellEncoder = (text) =>
  text.charCodeAt(10) === 0x20 && text.charCodeAt(13) === 0x3a && text.endsWith('+00')
    ? `"${text.slice(0, 10)}T${text.slice(11, -3)}Z"`
    : otherTimestampTz(text);

const ZONED = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/;

/** A transaction may set another time zone for itself; the answer is in UTC all the same. */
const otherTimestampTz: CellEncoder = (text) => {
  const parts = ZONED.exec(text);
  if (parts === null) return JSON.stringify(text);
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign,
    zoneHour,
    zoneMinute = '0',
    zoneSecond = '0',
  ] = parts.map((part) => part ?? undefined);
  // Not by Date.UTC, which takes the year 50 for 1950.
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const local = date.setUTCHours(Number(hour), Number(minute), Number(second));
  const offsetSeconds = Number(zoneHour) * 3_600 + Number(zoneMinute) * 60 + Number(zoneSecond);
  const utc = new Date(local - (sign === '-' ? -1 : 1) * offsetSeconds * 1_000);
  if (Number.isNaN(utc.getTime()) || utc.getUTCFullYear() < 1) return JSON.stringify(text);
  const iso = utc.toISOString();
  // Beyond 9999 JavaScript writes +010000-…; PostgreSQL writes the digits alone.
  const dateAndTime = iso.replace(/^\+0*/, '').slice(0, -'.000Z'.length);
  return `"${dateAndTime}${fraction}Z"`;
};

const binary: CellEncoder = (text) =>
  `"${(text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : escapedBytes(text)).toString('base64')}"`;

/** The older text form of bytea, which a transaction may ask for: `\\` and `\ooo` stand for bytes. */
function escapedBytes(text: string): Buffer {
  const plain = text.replace(/\\(\\|[0-3][0-7]{2})/g, (_, code: string) =>
    code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code, 8)),
  );
  return Buffer.from(plain, 'latin1');
}

/** By the name that `column_types` tells the client, so that cells are what the answer says they are. */
const BY_NAME = new Map<string, CellEncoder>([
  ['Boolean', bool],
  ['Int8', digits],
  ['Int16', digits],
  ['Int32', digits],
  ['Int64', digits],
  ['Float32', finite],
  ['Float64', finite],
  ['Decimal', finite],
  ['Binary', binary],
  ['Timestamp', timestamp],
  ['TimestampTz', timestampTz],
  ['Json', json],
  ['Jsonb', json],
  // pgvector prints `[1,2.5,-3e-05]`, which is JSON; it knows neither NaN nor infinity.
  ['Vector', digits],
]);

/**
 * The encoder of a column.
 * @param typeName ThunderDB's name without modifiers: `Int64`, `Array<Text>`
 */
export function encoderOf(typeName: string): CellEncoder {
  const elementName = /^Array<(.*)>$/.exec(typeName)?.[1];
  if (elementName === undefined) return BY_NAME.get(typeName) ?? string;
  const element = BY_NAME.get(elementName) ?? string;
  return (text) => arrayToJson(text, element);
}

/** Encodes one row as a JSON array. `encoders` and `row` are of equal length. */
export function rowToJson(row: readonly (string | null)[], encoders: readonly CellEncoder[]): string {
  let json = '[';
  for (let at = 0; at < row.length; at++) {
    const cell = row[at] as string | null;
    if (at > 0) json += ',';
    json += cell === null ? 'null' : (encoders[at] as CellEncoder)(cell);
  }
  return `${json}]`;
}
