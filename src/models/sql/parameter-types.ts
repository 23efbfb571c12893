/** Types of the placeholders of a statement, as PostgreSQL infers them; asked for once per text. */
import { LIMITS } from '../../base/index.ts';
import type { Database } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';

interface Known {
  readonly schemaVersion: number;
  readonly byText: Map<string, readonly number[]>;
}

const KNOWN = new WeakMap<Database, Known>();

/** Asked for anew after each schema change: an array for a column that has become jsonb is written differently. */
export async function parameterTypes(context: OperationContext, sql: string): Promise<readonly number[]> {
  const { database, transaction, signal } = context;
  const types = knownTypes(database);
  const known = types.get(sql);
  if (known !== undefined) return known;
  const { parameterTypeOids } = await database.describe(sql, { transaction, signal });
  if (types.size >= LIMITS.statementCacheMax) types.clear();
  types.set(sql, parameterTypeOids);
  return parameterTypeOids;
}

function knownTypes(database: Database): Map<string, readonly number[]> {
  const known = KNOWN.get(database);
  const { schemaVersion } = database;
  if (known?.schemaVersion === schemaVersion) return known.byText;
  const byText = new Map<string, readonly number[]>();
  KNOWN.set(database, { schemaVersion, byText });
  return byText;
}
