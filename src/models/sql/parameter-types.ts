/** Types of the placeholders of a statement, as PostgreSQL infers them; asked for once per text. */
import { LIMITS } from '../../base/index.ts';
import { arrayLiteral, type Database } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { BASE_TYPES } from './statements.ts';

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
  const oids = await withoutDomains(context, parameterTypeOids);
  if (types.size >= LIMITS.statementCacheMax) types.clear();
  types.set(sql, oids);
  return oids;
}

/** PostgreSQL gives oids from here on to what users create. */
const FIRST_USER_OID = 16_384;

/** A value for a domain is written as one for the type below it. pgvector's type, whose oid is any, gets one of ours. */
async function withoutDomains(
  { database, transaction, signal }: OperationContext,
  oids: readonly number[],
): Promise<readonly number[]> {
  if (oids.every((oid) => oid < FIRST_USER_OID)) return oids;
  const { rows } = await database.run(BASE_TYPES, [arrayLiteral(oids.map(String))], { transaction, signal });
  const bases = new Map(rows.map(([oid, base]) => [Number(oid), Number(base)]));
  return oids.map((oid) => bases.get(oid) ?? oid);
}

function knownTypes(database: Database): Map<string, readonly number[]> {
  const known = KNOWN.get(database);
  const { schemaVersion } = database;
  if (known?.schemaVersion === schemaVersion) return known.byText;
  const byText = new Map<string, readonly number[]>();
  KNOWN.set(database, { schemaVersion, byText });
  return byText;
}
