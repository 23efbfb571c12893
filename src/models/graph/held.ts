/**
 * In a transaction of the level read committed others may change what a query has read before the query writes it, and
 * PostgreSQL tells nobody. Values are computed from what was read, so writing them would undo what the others did.
 * Therefore the rows are locked first and compared with what was read. At the other levels PostgreSQL refuses by itself.
 */
import { FacetError } from '../../base/index.ts';
import type { MapValue } from '../../cypher/index.ts';
import { arrayLiteral, type Database, type RunOptions } from '../../engine/index.ts';
import { decodeProperties, encodeValue } from './property-json.ts';
import { HOLD_NODES, HOLD_RELATIONSHIPS } from './statements.ts';

/** An entity as the query takes it to be stored. */
export interface Stored {
  /** Of a node. */
  readonly labels: readonly string[];
  readonly properties: MapValue;
}

export const needsHold = ({ transaction }: RunOptions): boolean =>
  transaction?.isolationLevel === 'read_committed' && !transaction.readOnly;

/**
 * Sent ahead of what changes the entities.
 * @throws SERIALIZATION_FAILURE when one of them is not as it was read
 */
export async function hold(
  database: Database,
  what: 'node' | 'relationship',
  entities: ReadonlyMap<bigint, Stored>,
  options: RunOptions,
): Promise<void> {
  const isNode = what === 'node';
  const ids = arrayLiteral([...entities.keys()].map(String));
  const { rows } = await database.run(isNode ? HOLD_NODES : HOLD_RELATIONSHIPS, [ids], {
    ...options,
    ahead: true,
  });
  const missing = new Set(entities.keys());
  for (const row of rows) {
    const id = BigInt(row[0] ?? '');
    missing.delete(id);
    const read = entities.get(id);
    if (read === undefined) continue;
    const sameLabels = !isNode || JSON.stringify(read.labels) === JSON.stringify(JSON.parse(row[1] ?? '[]'));
    const stored = decodeProperties(row[isNode ? 2 : 1] ?? '{}');
    if (!sameLabels || !sameProperties(read.properties, stored)) throw overtaken(what, id, 'changed');
  }
  for (const id of missing) throw overtaken(what, id, 'deleted');
}

function sameProperties(read: MapValue, stored: MapValue): boolean {
  if (read.size !== stored.size) return false;
  for (const [key, value] of read) {
    const other = stored.get(key);
    if (other === undefined || encodeValue(value) !== encodeValue(other)) return false;
  }
  return true;
}

const overtaken = (what: string, id: bigint, how: string): FacetError =>
  new FacetError(
    'SERIALIZATION_FAILURE',
    `Another transaction has ${how} ${what} ${id} since this query read it`,
    {
      hint: 'Nothing of this query was written, and the transaction is still open: run the query again.',
      sqlState: '40001',
    },
  );
