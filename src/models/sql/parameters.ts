/**
 * JSON values -> the text form of SQL parameters. Numbers, texts and booleans need no more than their own text, for
 * PostgreSQL infers the type. A list may be an array, a JSON value or a vector, so for lists (and only for them) the
 * types of the placeholders are asked for.
 */
import { ExactNumber, FacetError, type Json, LIMITS, stringifyExactJson } from '../../base/index.ts';
import { arrayLiteral, type Parameter } from '../../engine/index.ts';
import { elementOidOf, isJsonOid } from '../type-names.ts';

/** Oids of the placeholders' types, in order. */
export type ParameterTypes = () => Promise<readonly number[]>;

const LONE_SURROGATE = /[\ud800-\udfff]/u;

const NO_PARAMETERS: readonly Parameter[] = [];

/** Beyond it a list in a list in a list … would overflow the stack; JSON bodies are bounded by jsonDepthMax before. */
const DEPTH_MAX = LIMITS.jsonDepthMax;

/**
 * @param typesOf is called only when a value is a list, or looks like a vector
 * @throws INVALID_VALUE naming the placeholder (`$2`), LIMIT_EXCEEDED
 */
export async function parameterTexts(
  values: readonly unknown[] | undefined,
  typesOf: ParameterTypes,
): Promise<readonly Parameter[]> {
  if (values === undefined || values.length === 0) return NO_PARAMETERS;
  if (values.length > LIMITS.sqlParametersMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `${values.length} parameters exceed the limit of ${LIMITS.sqlParametersMax} (sqlParametersMax)`,
    );
  }
  const types = values.some(isListed) ? await typesOf() : NO_TYPES;
  return values.map((value, at) => parameterText(value, types[at], `$${at + 1}`));
}

const NO_TYPES: readonly number[] = [];

/** A vector as pgvector writes it. Also a list in JSON and a range, so the type decides. */
const VECTOR_TEXT = /^\s*\[[\s\d.,eE+-]*\]\s*$/;
/** Oid of real[], fixed by PostgreSQL. */
const REAL_ARRAY = 1_021;
/** See BASE_TYPES. */
const PGVECTOR = -1;

const isListed = (value: unknown): boolean =>
  Array.isArray(value) || (typeof value === 'string' && value.startsWith('[') && VECTOR_TEXT.test(value));

function parameterText(value: unknown, typeOid: number | undefined, place: string): Parameter {
  switch (typeof value) {
    case 'string':
      if (typeOid === REAL_ARRAY && value.startsWith('[') && VECTOR_TEXT.test(value))
        return value.replace('[', '{').replace(']', '}');
      return storable(value, place);
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
  }
  if (value === null) return null;
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value) && !isJson(typeOid)) return listText(value, typeOid, place);
  return jsonText(value, place);
}

/** String writes 0 for -0, which is another number to PostgreSQL. */
const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

const isJson = (typeOid: number | undefined): boolean => typeOid !== undefined && isJsonOid(typeOid);

function listText(list: readonly unknown[], typeOid: number | undefined, place: string): string {
  if (typeOid === PGVECTOR) return jsonText(list, place);
  const elementOid = typeOid === undefined ? undefined : elementOidOf(typeOid);
  return arrayLiteral(list.map((element) => elementText(element, elementOid, place, 1)));
}

type Element = Parameter | readonly Element[];

/** Elements of json[] are JSON values, so a list in it is one element and not a dimension. */
function elementText(value: unknown, elementOid: number | undefined, place: string, depth: number): Element {
  if (depth > DEPTH_MAX)
    throw new FacetError('INVALID_VALUE', `Parameter ${place} nests deeper than ${DEPTH_MAX} levels`);
  if (isJson(elementOid)) return value === null ? null : jsonText(value, place);
  if (Array.isArray(value)) return value.map((element) => elementText(element, elementOid, place, depth + 1));
  return parameterText(value, undefined, place);
}

function jsonText(value: unknown, place: string): string {
  const text = stringifyExactJson(value as Json);
  // stringify escapes both kinds, and jsonb would refuse the escapes in words about Unicode and not about `place`.
  if (/\\u(?:0000|d[89a-f])/.test(text)) checkInside(value, place);
  return text;
}

function checkInside(value: unknown, place: string): void {
  if (typeof value === 'string') storable(value, place);
  else if (Array.isArray(value)) for (const element of value) checkInside(element, place);
  else if (typeof value === 'object' && value !== null && !(value instanceof ExactNumber)) {
    for (const [key, member] of Object.entries(value)) {
      storable(key, place);
      checkInside(member, place);
    }
  }
}

function storable(text: string, place: string): string {
  if (text.includes('\0')) {
    throw new FacetError(
      'INVALID_VALUE',
      `Parameter ${place} has a NUL character, which PostgreSQL cannot store`,
    );
  }
  if (LONE_SURROGATE.test(text)) {
    throw new FacetError(
      'INVALID_VALUE',
      `Parameter ${place} has half of a surrogate pair, which is not a character`,
    );
  }
  return text;
}
