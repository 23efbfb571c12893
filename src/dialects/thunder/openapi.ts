/**
 * The OpenAPI 3.1 document of the REST API, made from the route table and the schemas of the operations, so that it
 * cannot say something else than the server does.
 */
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../base/index.ts';
import type { Call } from './calls.ts';
import { PREPARED_ACTIONS, ROUTES, type Route } from './commands.ts';
import { statusOfCode } from './errors.ts';
import { wireName } from './field-names.ts';
import { queryPlanOf } from './query-string.ts';

type JsonObject = { [key: string]: unknown };

/** What every route can answer with, before its operation runs. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'INVALID_PARAMETER',
  'MISSING_PARAMETER',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL_ERROR',
];
const BODY_ERRORS: readonly ErrorCode[] = ['INVALID_JSON', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
/** What the headers of namespace and transaction can get as an answer. */
const HEADER_ERRORS: readonly ErrorCode[] = [
  'NAMESPACE_INVALID',
  'DATABASE_NOT_FOUND',
  'TRANSACTION_NOT_FOUND',
  'TRANSACTION_NOT_ACTIVE',
];
const CREDENTIAL_ERRORS: readonly ErrorCode[] = ['UNAUTHORIZED', 'FORBIDDEN', 'TOO_MANY_ATTEMPTS'];

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Missing or invalid credentials',
  403: 'Insufficient permissions',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Body is not JSON',
  422: 'Valid JSON, but semantic error',
  429: 'Rate limited',
  500: 'Internal server error',
  503: 'Service unavailable',
  504: 'Timeout',
};

const errorEnvelope = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    detail: z.string().nullable(),
    request_id: z.string(),
    sqlstate: z.string().optional().describe('The five characters of PostgreSQL'),
    position: z.int().optional().describe('1-based character in the SQL text'),
    hint: z.string().optional(),
    retryable: z.boolean().describe('True when the same request may succeed if it is sent again'),
  }),
});

/** The document as JSON text. */
export function openapiDocument(version: string): string {
  const schemas: JsonObject = {};
  const paths: JsonObject = {};
  schemas.Error = hoisted(errorEnvelope, schemas, 'output');
  for (const route of ROUTES) {
    const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
    const item = (paths[path] ?? {}) as JsonObject;
    item[route.method.toLowerCase()] = describeRoute(route, schemas);
    paths[path] = item;
  }
  return JSON.stringify({
    openapi: '3.1.0',
    info: {
      title: 'Facet: ThunderDB REST API',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ bearer: [] }, { basic: [] }, { apiKey: [] }, { mutualTls: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        mutualTls: { type: 'mutualTLS' },
      },
    },
  });
}

function describeRoute(route: Route, schemas: JsonObject): JsonObject {
  const [first] = route.calls;
  const isPrepared = route.path === '/api/v1/prepared';
  const pathParameters = [...route.path.matchAll(/:([a-z_]+)/g)].map(([, name]) => name ?? '');
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[/:]+/g, '_').replaceAll('-', '_')}`,
    summary: first.operation.summary,
    ...(route.calls.length > 1
      ? {
          description: route.calls
            .map(({ operation }) => `${operation.name}: ${operation.summary}`)
            .join('\n\n'),
        }
      : {}),
    tags: [first.operation.name.split('.')[0]],
    ...(first.operation.access === 'public' ? { security: [] } : {}),
    parameters: [
      ...pathParameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...(first.source === 'query' ? queryParameters(first, pathParameters) : []),
      ...headerParameters(first),
    ],
    ...(first.source === 'body' ? { requestBody: requestBody(route, isPrepared, schemas) } : {}),
    responses: responses(route, schemas),
  };
}

function queryParameters(call: Call, pathParameters: readonly string[]): JsonObject[] {
  const properties = wireSchema(call.operation.input, 'input').properties as JsonObject;
  // The index route names its field otherwise in the path.
  const inPath = new Set(pathParameters.flatMap((name) => [name, name.replace(/^index_/, '')]));
  return [...queryPlanOf(call.operation.input).keys()]
    .filter((name) => !inPath.has(name))
    .map((name) => ({ name, in: 'query', required: false, schema: properties[name] }));
}

function headerParameters({ operation }: Call): JsonObject[] {
  if (operation.access === 'public') return [];
  const header = (name: string, description: string): JsonObject => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  return [
    header('X-Thunder-Txn-Id', 'Run in this open transaction'),
    header(
      'X-Facet-Namespace',
      "Namespace (database); absent: the credentials' own, else the server's default",
    ),
  ];
}

function requestBody(route: Route, isPrepared: boolean, schemas: JsonObject): JsonObject {
  const inputs = [...new Set(route.calls.map((call) => call.operation.input))].map((input, at) => {
    const schema = hoisted(input, schemas, 'input');
    if (!isPrepared) return schema;
    const properties = { action: { const: PREPARED_ACTIONS[at] }, ...(schema.properties as JsonObject) };
    return {
      ...schema,
      properties,
      required: ['action', ...((schema.required as string[] | undefined) ?? [])],
    };
  });
  const [only] = inputs;
  return {
    required: inputs.some((schema) => ((schema.required as string[] | undefined) ?? []).length > 0),
    content: { 'application/json': { schema: inputs.length === 1 ? only : { oneOf: inputs } } },
  };
}

function responses(route: Route, schemas: JsonObject): JsonObject {
  const byType = new Map<string, JsonObject[]>();
  for (const call of route.calls) {
    const type = call.contentType.split(';')[0] ?? '';
    const schema =
      type === 'text/plain'
        ? { type: 'string' }
        : hoisted(call.answers ?? call.operation.output, schemas, 'output');
    byType.set(type, [...(byType.get(type) ?? []), schema]);
  }
  const content: JsonObject = {};
  for (const [type, found] of byType)
    content[type] = { schema: found.length === 1 ? found[0] : { oneOf: found } };
  const creates = route.method === 'POST' && /\/(tables|indexes)$/.test(route.path);
  return {
    200: { description: creates ? 'It was there before' : 'Success', content },
    ...(creates ? { 201: { description: 'Created', content } } : {}),
    ...errorResponses(route),
  };
}

function errorResponses(route: Route): JsonObject {
  const codes = new Set<ErrorCode>(COMMON_ERRORS);
  for (const call of route.calls) {
    for (const code of call.operation.errors) codes.add(code);
    if (call.source === 'body') for (const code of BODY_ERRORS) codes.add(code);
    if (call.operation.access === 'public') continue;
    for (const code of [...CREDENTIAL_ERRORS, ...HEADER_ERRORS]) codes.add(code);
  }
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes)
    byStatus.set(statusOfCode(code), [...(byStatus.get(statusOfCode(code)) ?? []), code]);
  const described: JsonObject = {};
  for (const [status, found] of [...byStatus].sort(([a], [b]) => a - b)) {
    described[status] = {
      description: `${STATUS_TEXT[status] ?? 'Error'}: ${found.join(', ')}`,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    };
  }
  return described;
}

/** The schema with wire names, its definitions moved to the document's components. */
function hoisted(schema: z.core.$ZodType, schemas: JsonObject, io: 'input' | 'output'): JsonObject {
  const { $defs = {}, ...rest } = wireSchema(schema, io);
  for (const [name, definition] of Object.entries($defs as JsonObject)) schemas[name] = definition;
  return rest;
}

function wireSchema(schema: z.core.$ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
  return renamed(json) as JsonObject;
}

/** Property names and references, at every depth. */
function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (value === null || typeof value !== 'object') return value;
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (key === 'properties') {
      const properties = Object.entries(member as JsonObject);
      copy[key] = Object.fromEntries(properties.map(([name, schema]) => [wireName(name), renamed(schema)]));
    } else if (key === 'required' && Array.isArray(member))
      copy[key] = member.map((name) => wireName(String(name)));
    else if (key === '$ref' && typeof member === 'string')
      copy[key] = member.replace('#/$defs/', '#/components/schemas/');
    else copy[key] = renamed(member);
  }
  return copy;
}
