/** Reading the JSON of requests member by member, with words for what is wrong. Members that nobody knows are left alone. */
import { ExactNumber, FacetError, type Json } from '../../../base/index.ts';

export type JsonObject = Readonly<Record<string, Json>>;

/** The object that a body is; an empty body is an object without members. @throws INVALID_MESSAGE */
export function objectBody(body: Json | undefined): JsonObject {
  if (body === undefined || body === null) return {};
  if (isObject(body)) return body;
  throw wrong('The body', 'an object');
}

export function text(object: JsonObject, key: string): string | undefined {
  const value = object[key] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(key, 'a string');
}

export function flag(object: JsonObject, key: string): boolean {
  const value = object[key] ?? false;
  if (typeof value === 'boolean') return value;
  throw wrong(key, 'true or false');
}

/** A whole number from `min` on; those beyond what is exact become the largest. */
export function count(object: JsonObject, key: string, min: number): number | undefined {
  const value = object[key] ?? undefined;
  if (value === undefined) return undefined;
  const number = value instanceof ExactNumber ? Number(value.text) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min) {
    return Math.min(number, Number.MAX_SAFE_INTEGER);
  }
  throw wrong(key, `a whole number of at least ${min}`);
}

export function object(from: JsonObject, key: string): JsonObject | undefined {
  const value = from[key] ?? undefined;
  if (value === undefined || isObject(value)) return value;
  throw wrong(key, 'an object');
}

export function list(from: JsonObject, key: string): readonly Json[] | undefined {
  const value = from[key] ?? undefined;
  if (value === undefined || Array.isArray(value)) return value as readonly Json[] | undefined;
  throw wrong(key, 'an array');
}

export const texts = (from: JsonObject, key: string): readonly string[] =>
  textsIn(list(from, key) ?? [], key);

export function textsIn(values: readonly Json[], place: string): readonly string[] {
  return values.map((value) => {
    if (typeof value === 'string') return value;
    throw wrong(place, 'an array of strings');
  });
}

export const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof ExactNumber);

export const wrong = (place: string, expected: string): FacetError =>
  new FacetError('INVALID_MESSAGE', `${place} is not ${expected}`);
