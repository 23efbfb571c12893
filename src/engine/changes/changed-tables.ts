/**
 * Tables as they are announced in the stream, with what the stream does not say: which columns are the primary key. One
 * object for each table as long as nothing about it changes, whichever connection has announced it.
 */
import { LIMITS } from '../../base/index.ts';
import type { ChangedTable } from '../change-contract.ts';
import type { Database, Statement } from '../contract.ts';
import type { Relation } from './pgoutput.ts';

const KEY: Statement = {
  name: 'changes.key',
  text: `SELECT a.attname FROM pg_catalog.pg_constraint c
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
    WHERE c.conrelid = $1::pg_catalog.oid AND c.contype = 'p'`,
};

export class ChangedTables {
  readonly #database: Database;
  readonly #known = new Map<number, ChangedTable>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Asks PostgreSQL: a key may have come or gone since the last time. @throws UNAVAILABLE and the like */
  async resolve(relation: Relation): Promise<ChangedTable> {
    const { rows } = await this.#database.run(KEY, [String(relation.oid)], { reads: true });
    const key = new Set(rows.map(([name]) => name));
    const table: ChangedTable = {
      oid: relation.oid,
      schema: relation.schema,
      name: relation.name,
      columns: relation.columns.map(({ name, typeOid, typeModifier }) => ({
        name,
        typeOid,
        typeModifier,
        key: key.has(name),
      })),
    };
    const known = this.#known.get(relation.oid);
    if (known !== undefined && isSame(known, table)) return known;
    this.#known.delete(relation.oid);
    this.#known.set(relation.oid, table);
    const [oldest] = this.#known.keys();
    // One that was dropped is forgotten with the oldest.
    if (this.#known.size > LIMITS.changeTablesMax && oldest !== undefined) this.#known.delete(oldest);
    return table;
  }
}

function isSame(a: ChangedTable, b: ChangedTable): boolean {
  return (
    a.schema === b.schema &&
    a.name === b.name &&
    a.columns.length === b.columns.length &&
    a.columns.every((column, index) => {
      const other = b.columns[index];
      return (
        column.name === other?.name &&
        column.typeOid === other.typeOid &&
        column.typeModifier === other.typeModifier &&
        column.key === other.key
      );
    })
  );
}
