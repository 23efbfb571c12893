/** What the forms of JSON that Neo4j's HTTP APIs speak have in common: numbers, times and points as text. */
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  formatTemporal,
  LocalDateTimeValue,
  LocalTimeValue,
  type Point,
  type Temporal,
  TimeValue,
} from '../../../cypher/index.ts';

/** `1.0`, `-0.0`, `1e+300`; NaN and the infinities by their names, without quotes. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

/** JSON has no NaN and no infinities: they are strings. */
export const floatJson = (value: number): string =>
  Number.isFinite(value) ? floatText(value) : `"${floatText(value)}"`;

const WITHOUT_SECONDS = /^((?:[^T]*T)?\d\d:\d\d)(?=$|[Z+-])/;

/** ISO 8601, a time always with its seconds. */
export function isoText(value: Temporal): string {
  const text = formatTemporal(value);
  if (value instanceof DateValue || value instanceof DurationValue) return text;
  return text.replace(WITHOUT_SECONDS, '$1:00');
}

/** `SRID=4326;POINT (2.3 4.5)` or `SRID=9157;POINT Z (1.0 2.0 3.0)`. */
export function wellKnownText({ srid, coordinates }: Point): string {
  const text = coordinates.map(floatText).join(' ');
  return `SRID=${srid};POINT ${coordinates.length === 3 ? 'Z ' : ''}(${text})`;
}

export const isTemporal = (value: object): value is Temporal =>
  value instanceof DateTimeValue ||
  value instanceof DateValue ||
  value instanceof LocalDateTimeValue ||
  value instanceof TimeValue ||
  value instanceof LocalTimeValue ||
  value instanceof DurationValue;
