/** CALL show_tables() and the like: rows of the catalog, then whatever Cypher follows the call. */
import { VERSION } from '../../../base/index.ts';
import { listFunctions, type Value } from '../../../cypher/index.ts';
import type { Database, RunOptions } from '../../../engine/index.ts';
import { type DeclaredTable, readTables, tableError, tableNamed, typeText } from '../declared/index.ts';
import { entryOf, READ_ENTRIES } from '../schema/index.ts';
import { numbersOf } from './identify.ts';
import type { CatalogCall } from './is-table-command.ts';
import type { CallCatalog } from './table-command.ts';

export interface CatalogRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

type Read = (database: Database, options: RunOptions, argument: string) => Promise<CatalogRows>;

/** Listed where other systems have some, so that who asks gets an answer. */
const none =
  (...columns: readonly string[]): Read =>
  async () => ({ columns, rows: [] });

/** As it is told of the namespace that a connection is in. */
const DATABASE = 'local(facet)';

const READS: Readonly<Record<Exclude<CatalogCall, 'current_setting'>, Read>> = {
  async show_tables(database, options) {
    const tables = await readTables(database, options);
    const numbers = await Promise.all(tables.map((table) => numberOf(database, table, options)));
    return {
      columns: ['id', 'name', 'type', 'database name', 'comment'],
      rows: tables.map(({ name, kind, comment }, at) => [numbers[at] ?? 0n, name, kind, DATABASE, comment]),
    };
  },
  async table_info(database, options, argument) {
    const table = tableNamed(await readTables(database, options), argument);
    const isNode = table.kind === 'NODE';
    return {
      columns: [
        'property id',
        'name',
        'type',
        'default expression',
        isNode ? 'primary key' : 'storage_direction',
      ],
      rows: table.columns.map(({ name, type, default: text }, at) => [
        BigInt(at),
        name,
        typeText(type),
        text ?? 'NULL',
        isNode ? name === table.primaryKey : 'both',
      ]),
    };
  },
  async show_connection(database, options, argument) {
    const tables = await readTables(database, options);
    const table = tableNamed(tables, argument);
    if (table.kind !== 'REL') throw tableError('TYPE_MISMATCH', 'Binder', `${argument} is not of type REL.`);
    const key = (name: string): string => tables.find((one) => one.name === name)?.primaryKey ?? '';
    return {
      columns: [
        'source table name',
        'destination table name',
        'source table primary key',
        'destination table primary key',
      ],
      rows: table.connections.map(({ from, to }) => [from, to, key(from), key(to)]),
    };
  },
  async show_functions() {
    return {
      columns: ['name', 'type', 'signature'],
      rows: listFunctions().map(({ name, signature, aggregating }) => [
        name,
        aggregating ? 'AGGREGATE_FUNCTION' : 'SCALAR_FUNCTION',
        signature,
      ]),
    };
  },
  async show_indexes(database, options) {
    const { rows } = await database.run(READ_ENTRIES, [], options);
    const indexes = rows
      .map(entryOf)
      .filter(({ kind }) => kind === 'INDEX' || kind === 'UNIQUE' || kind === 'KEY');
    return {
      columns: [
        'table_name',
        'index_name',
        'index_type',
        'property_names',
        'extension_loaded',
        'index_definition',
      ],
      rows: indexes.map(({ label, name, kind, properties }) => [
        label,
        name,
        kind === 'INDEX' ? 'RANGE' : 'UNIQUE',
        [...properties],
        true,
        null,
      ]),
    };
  },
  show_sequences: none(
    'name',
    'database name',
    'start value',
    'increment',
    'min value',
    'max value',
    'cycle',
  ),
  show_macros: none('name', 'definition'),
  show_attached_databases: none('name', 'database type'),
  show_loaded_extensions: none('extension name', 'extension source', 'extension path'),
  show_official_extensions: none('name', 'description'),
  show_warnings: none('query_id', 'message', 'file_path', 'line_number', 'skipped_line_or_record'),
  clear_warnings: none('result'),
  db_version: async () => ({ columns: ['version'], rows: [[VERSION]] }),
  async catalog_version(database, options) {
    const tables = await readTables(database, options);
    return { columns: ['version'], rows: [[BigInt(tables.length)]] };
  },
};

/** Calls about one table, which they name. */
const ABOUT_ONE: ReadonlySet<CatalogCall> = new Set<CatalogCall>(['table_info', 'show_connection']);

/** @throws TABLE_NOT_FOUND, FUNCTION_NOT_FOUND, INVALID_PARAMETER */
export function readCatalog(
  database: Database,
  { call, argument }: CallCatalog,
  options: RunOptions,
): Promise<CatalogRows> {
  if (call === 'current_setting') {
    throw tableError('INVALID_PARAMETER', 'Runtime', `There is no setting ${argument ?? ''} here.`);
  }
  if (ABOUT_ONE.has(call) !== (argument !== undefined)) {
    throw tableError(
      'FUNCTION_NOT_FOUND',
      'Binder',
      `Function ${call} did not receive correct arguments: ${ABOUT_ONE.has(call) ? 'name one table' : 'it takes none'}.`,
    );
  }
  return READS[call](database, options, argument ?? '');
}

async function numberOf(
  database: Database,
  { name, kind }: DeclaredTable,
  { signal }: RunOptions,
): Promise<bigint> {
  const [number = 0] = await numbersOf(database, kind === 'NODE' ? 'label' : 'type', [name], { signal });
  return BigInt(number);
}

const ROWS = '__rows';

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/**
 * The query that gives what was asked of the rows: they are its parameter, and what was written behind the call follows.
 * YIELD names columns as it does behind procedures.
 */
export function queryOver(
  { columns, rows }: CatalogRows,
  tail: string,
): {
  readonly text: string;
  readonly parameters: ReadonlyMap<string, Value>;
} {
  const all = columns.map(quoted);
  // YIELD * says nothing that its absence does not.
  const given = tail.replace(/^YIELD\s+\*/i, '');
  const yields = /^YIELD\s+/i.exec(given);
  const items = yields === null ? undefined : yieldItems(given.slice(yields[0].length));
  const bound = (items?.items ?? columns.map((name) => ({ name, as: name }))).map(({ name, as }) => {
    const at = columns.indexOf(name);
    if (at < 0)
      throw tableError('COLUMN_NOT_FOUND', 'Binder', `There is no column ${name}: ${columns.join(', ')}.`);
    return `${ROWS}[${at}] AS ${quoted(as)}`;
  });
  const names = (items?.items.map(({ as }) => quoted(as)) ?? all).map((name) => `${name} AS ${name}`);
  const rest = (items?.rest ?? given).trim();
  const asked = /^\s*(WHERE[\s\S]*?)?\s*RETURN\s+\*/i.exec(rest);
  // `*` would sort the columns by name.
  const told =
    asked === null ? rest : `${asked[1] ?? ''} RETURN ${names.join(', ')}${rest.slice(asked[0].length)}`;
  const end = /\bRETURN\b/i.test(told) ? '' : ` RETURN ${names.join(', ')}`;
  return {
    text: `UNWIND $${ROWS} AS ${ROWS} WITH ${bound.join(', ')} ${told}${end}`,
    parameters: new Map([[ROWS, rows.map((row) => [...row])]]),
  };
}

interface YieldItems {
  readonly items: readonly { readonly name: string; readonly as: string }[];
  readonly rest: string;
}

const ITEM =
  /^\s*(`(?:[^`]|``)+`|[\p{L}_][\p{L}\p{N}_]*)(?:\s+AS\s+(`(?:[^`]|``)+`|[\p{L}_][\p{L}\p{N}_]*))?\s*/iu;

const unquoted = (name: string): string =>
  name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;

/** `name AS n, type WHERE …` */
function yieldItems(text: string): YieldItems {
  const items: { name: string; as: string }[] = [];
  let rest = text;
  for (;;) {
    const item = ITEM.exec(rest);
    if (item === null) break;
    const [all, name = '', as = name] = item;
    items.push({ name: unquoted(name), as: unquoted(as) });
    rest = rest.slice(all.length);
    if (!rest.startsWith(',')) break;
    rest = rest.slice(1);
  }
  return { items, rest };
}
