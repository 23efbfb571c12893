/** COPY into a rel table: each row names two nodes by their primary keys, and may have properties. */

import { LIMITS } from '../../../base/index.ts';
import type { Value } from '../../../cypher/index.ts';
import { arrayLiteral } from '../../../engine/index.ts';
import { type DeclaredTable, tableError } from '../declared/index.ts';
import { relationshipIdsFor } from '../identities.ts';
import { decodeValue, encodeProperties, encodeValue } from '../property-json.ts';
import { filler, type InsertBatch, namedValues } from './copy-nodes.ts';
import type { CopyRow, Field } from './copy-source.ts';
import { nodesByKey } from './copy-statements.ts';
import type { Apply } from './copy-writer.ts';
import type { TableChange } from './table-change.ts';

/**
 * The first two values of a row are the keys of its ends.
 * @param columns those behind the two
 */
export async function relationshipInserter(
  change: TableChange,
  table: DeclaredTable,
  ends: { readonly from: DeclaredTable; readonly to: DeclaredTable },
  columns: readonly Field[],
  apply: Apply,
): Promise<InsertBatch> {
  const names = columns.map(({ name }) => name);
  const fill = await filler(change, table, names);
  const from = new NodesByKey(change, ends.from);
  const to = ends.from === ends.to ? from : new NodesByKey(change, ends.to);
  return async (rows) => {
    const starts = await from.idsOf(rows, 0);
    const finishes = await to.idsOf(rows, 1);
    const ids = (await relationshipIdsFor(change.database, rows.length)).reverse();
    await apply({
      what: 'insert relationships',
      ids,
      types: rows.map(() => table.name),
      starts,
      ends: finishes,
      properties: rows.map(({ values }) => encodeProperties(fill(namedValues(names, values.slice(2))))),
    });
  };
}

/** Looks nodes up, each key once as far as it is remembered. */
class NodesByKey {
  readonly #change: TableChange;
  readonly #table: DeclaredTable;
  readonly #known = new Map<string, bigint>();

  constructor(change: TableChange, table: DeclaredTable) {
    this.#change = change;
    this.#table = table;
  }

  /** @throws INVALID_VALUE for a key that is null, ENTITY_NOT_FOUND for one that no node has */
  async idsOf(rows: readonly CopyRow[], at: number): Promise<bigint[]> {
    const keys = rows.map((row) => keyOf(row, at));
    if (this.#known.size > LIMITS.graphCopyKeysKnownMax) this.#known.clear();
    const missing = [...new Set(keys)].filter((key) => !this.#known.has(key));
    if (missing.length > 0) await this.#look(missing);
    return keys.map((key, index) => {
      const id = this.#known.get(key);
      if (id !== undefined) return id;
      const row = rows[index];
      throw tableError(
        'ENTITY_NOT_FOUND',
        'Copy',
        `Error in ${row?.place}: Unable to find primary key value ${String(row?.values[at])} in ${this.#table.name}.`,
      );
    });
  }

  async #look(keys: readonly string[]): Promise<void> {
    const { database, options } = this.#change;
    const { rows } = await database.run(nodesByKey(this.#table), [arrayLiteral(keys)], options);
    for (const [id, key] of rows) this.#known.set(encodeValue(decodeValue(key ?? 'null')), BigInt(id ?? ''));
  }
}

function keyOf({ values, place }: CopyRow, at: number): string {
  const value: Value = values[at] ?? null;
  if (value !== null) return encodeValue(value);
  throw tableError(
    'INVALID_VALUE',
    'Copy',
    `Error in ${place}: the key of the ${at === 0 ? 'FROM' : 'TO'} node is NULL.`,
  );
}
