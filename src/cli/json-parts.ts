/** Parts of answers in the type that is expected of them: what is something else counts as absent. Pure. */
import { ExactNumber, type Json } from '../base/index.ts';

export type JsonObject = { readonly [key: string]: Json };

export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

export function objectOf(value: Json | undefined): JsonObject {
  const isObject =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
  return isObject ? (value as JsonObject) : {};
}

export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

export function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof ExactNumber ? Number(value.text) : undefined;
}
