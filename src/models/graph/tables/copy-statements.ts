/** The SQL of COPY, which names labels and keys, so that PostgreSQL recognises the index of a primary key. */
import { quoteLiteral, type Statement, statement } from '../../../engine/index.ts';
import type { DeclaredTable } from '../declared/index.ts';
import { encodeKey } from '../property-json.ts';
import type { TableChange } from './table-change.ts';

/** Nodes of a table with one of the keys `$1`, in the words of the index: identity and key. */
export function nodesByKey({ name, primaryKey }: DeclaredTable): Statement {
  const key = `props -> ${quoteLiteral(encodeKey(primaryKey))}`;
  return statement(
    'graph.copy_keys',
    `SELECT id, ${key} FROM graph.node
     WHERE labels @> ARRAY[${quoteLiteral(name)}] AND graph.cy_uniq(${key}) = ANY (graph.cy_uniqs($1::jsonb[]))`,
  );
}

/** Behind the largest number that the column has. */
export async function nextSerial(
  { database, options }: TableChange,
  table: DeclaredTable,
  column: string,
): Promise<bigint> {
  const [from, test] =
    table.kind === 'NODE'
      ? ['graph.node', `labels @> ARRAY[${quoteLiteral(table.name)}]`]
      : ['graph.edge', `type = ${quoteLiteral(table.name)}`];
  const key = quoteLiteral(encodeKey(column));
  const { rows } = await database.run(
    statement(
      'graph.copy_serial',
      `SELECT coalesce(max((props ->> ${key})::numeric) + 1, 0)::bigint FROM ${from}
       WHERE ${test} AND jsonb_typeof(props -> ${key}) = 'number'`,
    ),
    [],
    options,
  );
  return BigInt(rows[0]?.[0] ?? '0');
}
