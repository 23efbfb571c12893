/** FIND ROWS: which rows of a table pass, and what is shown of them. */
import { FacetError } from '../../../../base/index.ts';
import type { QueryResult } from '../../../../models/index.ts';
import { conditionSql, type Name, type StatementOf, sqlName, type Value } from '../../../../nql/index.ts';
import { entityRow, rowEntityKey } from '../../entity-key.ts';
import type { StatementCall } from '../../statement-call.ts';
import { askSql } from '../asking.ts';
import { neighbourKeys, nodeNamed } from './connected.ts';
import { chosen, type Found } from './found.ts';
import type { Candidate, Source } from './ranked.ts';
import { keyAmong, type PrimaryKey, sqlParameter, type Table, tableNamed } from './tables.ts';

type Find = StatementOf<'find'>;

/** The column that the language's own tables number their rows by: not shown unless it is asked for. */
const ROW_ID = '_id';

export class RowSource implements Source<string> {
  readonly table: Table;
  readonly #condition: Find['condition'];
  /** Ids of the rows whose entities have the edge; undefined without CONNECTED TO. */
  readonly connected: readonly string[] | undefined;

  private constructor(table: Table, condition: Find['condition'], connected: readonly string[] | undefined) {
    this.table = table;
    this.#condition = condition;
    this.connected = connected;
  }

  /** @throws TABLE_NOT_FOUND, ENTITY_NOT_FOUND, INVALID_PARAMETER, LIMIT_EXCEEDED */
  static async of(inside: StatementCall, find: Find): Promise<RowSource> {
    const { target, condition, connectedTo, similar } = find;
    if (target.what !== 'rows') throw new Error('not of rows');
    const table = await tableNamed(inside, target.table, target.schema);
    if ((similar !== undefined || connectedTo !== undefined) && !table.isOfEntities) {
      throw new FacetError(
        'INVALID_PARAMETER',
        `Rows of ${table.sql} belong to no entities: SIMILAR TO and CONNECTED TO need a table of schema public with a primary key of one column`,
      );
    }
    if (connectedTo === undefined) return new RowSource(table, condition, undefined);
    const keys = await neighbourKeys(inside, await nodeNamed(inside, connectedTo), table.name);
    return new RowSource(table, condition, idsIn(table, keys));
  }

  get isUnrestricted(): boolean {
    return false;
  }

  compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  async all(inside: StatementCall, most: number): Promise<readonly Candidate<string>[] | undefined> {
    const key = this.#key();
    const { where, parameters } = this.where(undefined);
    const { rows } = await askSql(
      inside,
      `SELECT ${key.column}::text FROM ${this.table.sql}${where} LIMIT ${most + 1}`,
      parameters.map(sqlParameter),
    );
    return rows.length > most ? undefined : this.#candidates(rows);
  }

  async among(inside: StatementCall, keys: readonly string[]): Promise<readonly Candidate<string>[]> {
    const ids = idsIn(this.table, keys);
    if (ids.length === 0) return [];
    const { where, parameters } = this.where(ids);
    const { rows } = await askSql(
      inside,
      `SELECT ${this.#key().column}::text FROM ${this.table.sql}${where}`,
      parameters.map(sqlParameter),
    );
    return this.#candidates(rows);
  }

  /** The rows that pass: `WHERE …`, or nothing. */
  where(ids: readonly string[] | undefined): { readonly where: string; readonly parameters: Value[] } {
    const parameters: Value[] = [];
    const tests: string[] = [];
    if (this.#condition !== undefined) tests.push(`(${conditionSql(this.#condition, parameters)})`);
    for (const some of [this.connected, ids]) {
      if (some !== undefined) tests.push(keyAmong(this.#key(), some, parameters));
    }
    return { where: tests.length === 0 ? '' : ` WHERE ${tests.join(' AND ')}`, parameters };
  }

  #key(): PrimaryKey {
    const { primaryKey } = this.table;
    if (primaryKey === undefined) throw new Error('the table has no primary key of one column');
    return primaryKey;
  }

  #candidates(rows: QueryResult['rows']): Candidate<string>[] {
    return rows.flatMap(([id]) =>
      typeof id === 'string' ? [{ id, key: rowEntityKey({ table: this.table.name, id }) }] : [],
    );
  }
}

/** Ids of the keys that are of rows of the table. */
const idsIn = ({ name }: Table, keys: readonly string[]): readonly string[] =>
  keys.flatMap((key) => {
    const row = entityRow(key);
    return row?.table === name ? [row.id] : [];
  });

/** The page of those that pass: by primary key, where the table has one of one column. */
export async function rowsByKey(
  inside: StatementCall,
  source: RowSource,
  find: Find,
): Promise<readonly Found[]> {
  const { where, parameters } = source.where(undefined);
  const order =
    source.table.primaryKey === undefined ? '' : ` ORDER BY found.${source.table.primaryKey.column}`;
  const page = ` LIMIT $${parameters.push(BigInt(find.limit))} OFFSET $${parameters.push(BigInt(find.offset))}`;
  return foundRows(await selected(inside, source.table, find.fields, `${where}${order}${page}`, parameters));
}

/** The rows of these ids, by them. */
export async function rowsOfIds(
  inside: StatementCall,
  { table }: RowSource,
  fields: readonly Name[] | undefined,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Found>> {
  if (ids.length === 0 || table.primaryKey === undefined) return new Map();
  const parameters: Value[] = [];
  const where = ` WHERE ${keyAmong(table.primaryKey, ids, parameters)}`;
  const found = foundRows(await selected(inside, table, fields, where, parameters));
  return new Map(found.map((row) => [row.key, row]));
}

/** Their first column is the key of the answer's item. */
async function selected(
  inside: StatementCall,
  { sql, primaryKey }: Table,
  fields: readonly Name[] | undefined,
  rest: string,
  parameters: readonly Value[],
): Promise<{ readonly answer: QueryResult; readonly fields: readonly Name[] | undefined }> {
  const key = primaryKey === undefined ? "''::text" : `${primaryKey.column}::text`;
  const columns = fields === undefined ? '*' : fields.map(sqlName).join(', ');
  const answer = await askSql(
    inside,
    `SELECT ${key}, ${columns} FROM ${sql} AS found${rest}`,
    parameters.map(sqlParameter),
  );
  return { answer, fields };
}

function foundRows({ answer, fields }: Awaited<ReturnType<typeof selected>>): Found[] {
  const names = answer.columns.map(({ name }) => name);
  return answer.rows.map(([key, ...cells]) => {
    const there: Record<string, string> = {};
    for (const [at, cell] of cells.entries()) {
      const name = names[at + 1];
      if (typeof cell === 'string' && name !== undefined && (fields !== undefined || name !== ROW_ID)) {
        there[name] = cell;
      }
    }
    return { entityType: 'relational', key: key ?? '', fields: chosen(there, undefined, there) };
  });
}
