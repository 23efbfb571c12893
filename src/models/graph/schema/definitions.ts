/** An index or constraint of Cypher -> the statements of PostgreSQL that make it, and those that drop it. */
import { CypherError } from '../../../cypher/index.ts';
import { quoteIdentifier, quoteLiteral } from '../../../engine/index.ts';
import { encodeKey, isStorableText } from '../property-json.ts';
import type { SchemaEntry } from './graph-schema.ts';

/** A new one, before it has an identity. */
export type Definition = Omit<SchemaEntry, 'id'>;

const tableOf = ({ entity }: Definition): string => (entity === 'node' ? 'graph.node' : 'graph.edge');

const indexName = (id: bigint): string => quoteIdentifier(`schema_${id}`);
const checkName = (id: bigint): string => quoteIdentifier(`schema_${id}_check`);

/** The identity of the entry that PostgreSQL's message is about. */
export function entryIdIn(message: string): bigint | undefined {
  const found = /\bschema_(\d+)(_check)?\b/.exec(message)?.[1];
  return found === undefined ? undefined : BigInt(found);
}

/** In the words of the SQL that patterns are compiled to, or a partial index would not be recognised. */
function belongs({ entity, label }: Definition, row: Row = ''): string {
  if (label === '') return 'true';
  return entity === 'node'
    ? `${row}labels @> ARRAY[${quoteLiteral(label)}]`
    : `${row}type = ${quoteLiteral(label)}`;
}

/** What columns are named with: nothing, or the new row of a trigger. */
type Row = '' | 'NEW.';

const propertyOf = (key: string, row: Row = ''): string => `${row}props -> ${quoteLiteral(encodeKey(key))}`;

export function createSql(id: bigint, definition: Definition): readonly string[] {
  const { kind, properties } = definition;
  const table = tableOf(definition);
  const index = (unique: string, key: string): string =>
    `CREATE ${unique}INDEX ${indexName(id)} ON ${table} ` +
    `(${properties.map((property) => `graph.${key}(${propertyOf(property)})`).join(', ')}) ` +
    `WHERE ${belongs(definition)}`;
  const check = (test: (row: Row) => string): readonly string[] => {
    const violation = (row: Row): string => `${belongs(definition, row)} AND NOT (${test(row)})`;
    const stored = quoteLiteral(violation(''));
    const [, tableName = ''] = table.split('.');
    return [
      `CREATE CONSTRAINT TRIGGER ${checkName(id)} AFTER INSERT OR UPDATE ON ${table} ` +
        `DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (${violation('NEW.')}) EXECUTE FUNCTION graph.recheck(${stored})`,
      `SELECT graph.check_stored(${quoteLiteral(tableName)}, ${stored}, ${quoteLiteral(`schema_${id}_check`)})`,
    ];
  };
  // Without statistics of the expression PostgreSQL takes every key for rare or for common, whichever is wrong.
  const analyse = `ANALYZE ${table}`;
  switch (kind) {
    case 'INDEX':
      return [index('', 'cy_key'), analyse];
    case 'UNIQUE':
      return [index('UNIQUE ', 'cy_uniq'), analyse];
    case 'NOT NULL':
      return check((row) => allPresent(properties, row));
    case 'KEY':
      return [...check((row) => allPresent(properties, row)), index('UNIQUE ', 'cy_uniq'), analyse];
    case 'TYPE':
      return properties.flatMap((property) =>
        check(
          (row) =>
            `NOT ${present(property, row)} OR ${typeTest(property, definition.propertyType ?? '', row)}`,
        ),
      );
  }
}

export function dropSql({ id, kind, ...rest }: SchemaEntry): readonly string[] {
  const statements: string[] = [];
  if (kind === 'INDEX' || kind === 'UNIQUE' || kind === 'KEY') {
    statements.push(`DROP INDEX graph.${indexName(id)}`);
  }
  if (kind === 'NOT NULL' || kind === 'KEY' || kind === 'TYPE') {
    statements.push(`DROP TRIGGER ${checkName(id)} ON ${tableOf({ kind, ...rest })}`);
  }
  return statements;
}

const present = (key: string, row: Row): string => `${row}props ? ${quoteLiteral(encodeKey(key))}`;

const allPresent = (keys: readonly string[], row: Row): string =>
  keys.map((key) => present(key, row)).join(' AND ');

/** `INTEGER | LIST<STRING>` */
function typeTest(key: string, types: string, row: Row): string {
  const tests = types.split(' | ').map((type) => {
    const item = /^LIST<(.*)>$/.exec(type)?.[1];
    return item === undefined
      ? `graph.cy_type(${propertyOf(key, row)}) = ${quoteLiteral(type)}`
      : `graph.cy_list_of(${propertyOf(key, row)}, ${quoteLiteral(item)})`;
  });
  return `(${tests.join(' OR ')})`;
}

/** @throws SyntaxError for properties that make no sense together, INVALID_PARAMETER for names that cannot be stored */
export function checkDefinition({ name, kind, label, properties }: Definition): void {
  if (new Set(properties).size < properties.length) {
    throw syntaxError('UnexpectedSyntax', 'A property stands twice in the same index or constraint');
  }
  if ((kind === 'NOT NULL' || kind === 'TYPE') && properties.length > 1) {
    throw syntaxError('UnexpectedSyntax', 'A constraint of existence or type is on one property', {
      hint: 'Create one constraint for each property.',
    });
  }
  const odd = [name, ...properties].find((text) => text === '') ?? [name, label, ...properties].find(isOdd);
  if (odd === undefined) return;
  throw syntaxError('InvalidName', `The name ${JSON.stringify(odd)} cannot stand in an index or constraint`, {
    hint: 'Names have at least one character, no NUL and no half of a surrogate pair.',
  });
}

const isOdd = (text: string): boolean => !isStorableText(text);

const syntaxError = (reason: string, message: string, where: { readonly hint?: string } = {}): CypherError =>
  new CypherError('SyntaxError', 'compile time', reason, message, where);
