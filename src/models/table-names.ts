/** Names of tables and indexes as clients give them: with or without schema, always quoted before they meet SQL. */
import { FacetError } from '../base/index.ts';
import { quoteIdentifier } from '../engine/index.ts';

export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

export const DEFAULT_SCHEMA = 'public';

/** PostgreSQL cuts longer names off, and two tables become one. Compiled in as NAMEDATALEN - 1. */
export const NAME_BYTES_MAX = 63;

const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * The schema and name that a client means. Without a `schema`, a dot in `written` parts the two (a part may stand in
 * double quotes); with one, `written` is the name as it is. Letters keep their case.
 * @throws INVALID_PARAMETER for names that PostgreSQL cannot hold
 */
export function qualifiedName(written: string, schema: string | undefined, field: string): QualifiedName {
  if (schema !== undefined) {
    return { schema: checkedName(schema, 'schema'), name: checkedName(written, field) };
  }
  const parts = /^(?:"((?:[^"]|"")+)"|([^".]+))\.(?:"((?:[^"]|"")+)"|([^"]+))$/s.exec(written);
  if (parts === null) return { schema: DEFAULT_SCHEMA, name: checkedName(written, field) };
  const [, quotedSchema, plainSchema = '', quotedName, plainName = ''] = parts;
  return {
    schema: checkedName(unquoted(quotedSchema) ?? plainSchema, field),
    name: checkedName(unquoted(quotedName) ?? plainName, field),
  };
}

/** Facet's own tables; PostgreSQL guards its own by itself. */
const FACET_SCHEMAS = ['facet', 'facet_system'];

/** @throws PERMISSION_DENIED for names in schemas where only Facet creates and drops */
export function assertUserSchema({ schema }: QualifiedName): void {
  if (FACET_SCHEMAS.includes(schema)) {
    throw new FacetError('PERMISSION_DENIED', `Schema '${schema}' belongs to the server`);
  }
}

/** `name` if PostgreSQL can hold it. @throws INVALID_PARAMETER naming `field` */
export function checkedName(name: string, field: string): string {
  if (name.includes('\0') || LONE_SURROGATE.test(name)) {
    throw new FacetError('INVALID_PARAMETER', `'${field}' has a character that PostgreSQL cannot store`);
  }
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw new FacetError('INVALID_PARAMETER', `'${field}' is longer than ${NAME_BYTES_MAX} bytes`);
  }
  return name;
}

/** For SQL text: `"public"."users"`. */
export const quotedName = ({ schema, name }: QualifiedName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

/** For people: `public.users`. */
export const spelledName = ({ schema, name }: QualifiedName): string => `${schema}.${name}`;

const unquoted = (quoted: string | undefined): string | undefined => quoted?.replaceAll('""', '"');
