/** What a request asks for: `{query, variables, operationName, extensions}`, in a body, a query string or a message. */
import { ExactNumber, FacetError, type Json, parseExactJson } from '../../../base/index.ts';
import type { HttpRequest } from '../../http/index.ts';
import { type QueryPlan, readQueryString } from '../query-string.ts';

export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, Json>>;
  readonly operationName: string | undefined;
}

/** @throws FacetError naming the member that is missing, unknown or of another type */
export function requestInBody(body: Json | undefined): GraphqlRequest {
  if (Array.isArray(body)) {
    throw new FacetError('FEATURE_NOT_SUPPORTED', 'Batches of GraphQL requests are not offered', {
      hint: 'Send one request each, or several fields in one document.',
    });
  }
  if (!isObject(body)) {
    throw new FacetError(
      'INVALID_PARAMETER',
      "The body must be an object with 'query', as GraphQL over HTTP has it",
    );
  }
  return requestOf(body);
}

/** Every parameter is text. */
const PARAMETERS: QueryPlan = new Map();

/** `?query=…&variables=…&operationName=…`; variables and extensions are JSON texts. @throws FacetError */
export function requestInUrl({ url }: HttpRequest): GraphqlRequest {
  const given = readQueryString(url, PARAMETERS) as Record<string, Json>;
  for (const name of ['variables', 'extensions']) {
    const text = given[name];
    if (typeof text === 'string') given[name] = text === '' ? null : parseExactJson(text);
  }
  if (given.operationName === '') given.operationName = null;
  return requestOf(given);
}

const MEMBERS = new Set(['query', 'variables', 'operationName', 'extensions']);

/** @throws FacetError */
export function requestOf(given: Readonly<Record<string, Json>>): GraphqlRequest {
  for (const name of Object.keys(given)) {
    if (!MEMBERS.has(name))
      throw new FacetError('INVALID_PARAMETER', `Unknown field: '${name.slice(0, 100)}'`);
  }
  const { query, variables = null, operationName = null, extensions = null } = given;
  if (extensions !== null && !isObject(extensions)) throw wrongType('extensions', 'an object');
  if (query === undefined || query === null) {
    // In the words that clients of it know: they send the whole document then.
    if (extensions !== null && 'persistedQuery' in extensions) {
      throw new FacetError('FEATURE_NOT_SUPPORTED', 'PersistedQueryNotSupported');
    }
    throw new FacetError('MISSING_PARAMETER', "'query' is required");
  }
  if (typeof query !== 'string') throw wrongType('query', 'a string');
  if (variables !== null && !isObject(variables)) throw wrongType('variables', 'an object');
  if (operationName !== null && typeof operationName !== 'string')
    throw wrongType('operationName', 'a string');
  return { query, variables: variables ?? {}, operationName: operationName ?? undefined };
}

const wrongType = (name: string, type: string): FacetError =>
  new FacetError('INVALID_PARAMETER', `'${name}': expected ${type}`);

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
