/** Properties of nodes and edges as texts, which is all that the messages of the language have for them. */
import {
  formatTemporal,
  isGeographic,
  type MapValue,
  Point,
  type Temporal,
  type Value,
} from '../../../../cypher/index.ts';

export const propertyTexts = (properties: MapValue): Record<string, string> =>
  Object.fromEntries([...properties].map(([key, value]) => [key, propertyText(value)]));

/** `30` for 30.0, `[a, b]`, `POINT(latitude, longitude)`; dates and times in ISO 8601. */
export function propertyText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value);
    case 'object':
      return objectText(value);
    default:
      return String(value);
  }
}

function objectText(value: Exclude<Value, string | number | bigint | boolean>): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(propertyText).join(', ')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${key}: ${propertyText(item)}`).join(', ')}}`;
  }
  if (value instanceof Point) return pointText(value);
  return formatTemporal(value as Temporal);
}

function pointText({ srid, coordinates }: Point): string {
  const [first = 0, second = 0, ...others] = coordinates;
  const shown = isGeographic(srid) ? [second, first, ...others] : coordinates;
  return `POINT(${shown.map(numberText).join(', ')})`;
}

/** All digits and never an exponent, as the released servers print numbers. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  const [mantissa = '', exponent] = text.split('e');
  if (exponent === undefined) return text;
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const places = Number(exponent);
  const sign = value < 0 ? '-' : '';
  if (places < 0) return `${sign}0.${'0'.repeat(-places - 1)}${whole}${fraction}`;
  return `${sign}${whole}${fraction}${'0'.repeat(places - fraction.length)}`;
}
