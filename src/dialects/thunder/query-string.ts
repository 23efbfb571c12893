/**
 * Query strings -> input of an operation, by its schema: integers and booleans in their one spelling, no parameter
 * twice. What does not fit its type is passed on as text, so that the schema refuses it in its own words, and so
 * are unknown names.
 */
import { z } from 'zod';
import { FacetError } from '../../base/index.ts';
import { wireName } from './field-names.ts';

type Read = (text: string) => unknown;

/** Wire name -> how its text is read. */
export type QueryPlan = ReadonlyMap<string, Read>;

const integer: Read = (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text);
const boolean: Read = (text) => (text === 'true' ? true : text === 'false' ? false : text);
const string: Read = (text) => text;

export function queryPlanOf(schema: z.core.$ZodType): QueryPlan {
  const plan = new Map<string, Read>();
  if (!(schema instanceof z.ZodObject)) return plan;
  for (const [name, member] of Object.entries(schema.shape)) {
    plan.set(wireName(name), readerOf(member as z.core.$ZodType));
  }
  return plan;
}

function readerOf(schema: z.core.$ZodType): Read {
  if (schema instanceof z.ZodOptional) return readerOf(schema.unwrap() as z.core.$ZodType);
  if (schema instanceof z.ZodNumber) return integer;
  if (schema instanceof z.ZodBoolean) return boolean;
  return string;
}

/**
 * The parameters of a request target (`/api/v1/tables?limit=10`), under their wire names.
 * @throws INVALID_PARAMETER for a repeated name, and for escapes that are not UTF-8
 */
export function readQueryString(target: string, plan: QueryPlan): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const mark = target.indexOf('?');
  if (mark === -1) return values;
  const text = target.slice(mark + 1);
  if (text === '') return values;
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decoded(pair.slice(equals + 1));
    if (name === '__proto__') throw new FacetError('INVALID_PARAMETER', `Unknown field: '${name}'`);
    if (Object.hasOwn(values, name))
      throw new FacetError('INVALID_PARAMETER', `'${name}' is given more than once`);
    values[name] = (plan.get(name) ?? string)(value);
  }
  return values;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new FacetError(
      'INVALID_PARAMETER',
      `The query string has an escape that is not UTF-8: '${text.slice(0, 40)}'`,
    );
  }
}
