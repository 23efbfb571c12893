/**
 * Prepared statements by name. HTTP has no sessions, so a name belongs to a principal and a namespace, on this server
 * and until it stops; the least recently used ones are forgotten beyond the bounds of LIMITS. What PostgreSQL itself
 * prepares is the engine's business.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Store } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { parameterTypes } from './parameter-types.ts';
import { runStatement } from './query.ts';
import { typeNames } from './result-columns.ts';
import type { DeallocateInput, ExecuteInput, PrepareInput, QueryResult } from './statement-schemas.ts';
import { assertAllowed, readStatement, type UserStatement } from './user-statement.ts';

/** Of one principal: by namespace and name, in order of use. */
type Shelf = Map<string, UserStatement>;

/** By principal, in order of use. */
const SHELVES = new WeakMap<Store, Map<string, Shelf>>();

/** @throws PREPARED_STATEMENT_EXISTS, and whatever PostgreSQL finds wrong with the text */
export async function prepare(
  context: OperationContext,
  input: PrepareInput,
): Promise<{ name: string; paramTypes: string[]; created: true }> {
  const statement = readStatement(input.sql);
  assertAllowed(context, statement);
  const key = keyOf(context, input.name);
  assertFree(context, key, input.name);
  const { database, transaction, signal } = context;
  const { parameterTypeOids } = await database.describe(input.sql, { transaction, signal });
  const paramTypes = await typeNames(database, parameterTypeOids, { transaction, signal });
  // Somebody may have been faster while PostgreSQL was asked.
  assertFree(context, key, input.name);
  const shelf = shelfOf(context);
  shelf.set(key, statement);
  dropOldest(shelf, LIMITS.preparedPerPrincipalMax);
  return { name: input.name, paramTypes, created: true };
}

/** @throws PREPARED_STATEMENT_NOT_FOUND, and whatever running it can throw */
export async function execute(context: OperationContext, input: ExecuteInput): Promise<QueryResult> {
  const shelf = shelfOf(context);
  const key = keyOf(context, input.name);
  const prepared = shelf.get(key);
  if (prepared === undefined) throw notFound(input.name);
  shelf.delete(key);
  shelf.set(key, prepared);
  return await runStatement(context, prepared, input, () => parameterTypes(context, prepared.sql));
}

/** @throws PREPARED_STATEMENT_NOT_FOUND */
export async function deallocate(
  context: OperationContext,
  input: DeallocateInput,
): Promise<{ name: string; deallocated: true }> {
  if (!shelfOf(context).delete(keyOf(context, input.name))) throw notFound(input.name);
  return { name: input.name, deallocated: true };
}

const keyOf = (context: OperationContext, name: string): string => `${context.database.namespace}\n${name}`;

function shelfOf(context: OperationContext): Shelf {
  const shelves = SHELVES.get(context.store) ?? new Map<string, Shelf>();
  SHELVES.set(context.store, shelves);
  const owner = context.principal.name;
  const shelf = shelves.get(owner) ?? new Map<string, UserStatement>();
  shelves.delete(owner);
  shelves.set(owner, shelf);
  dropOldest(shelves, LIMITS.preparedPrincipalsMax);
  return shelf;
}

function dropOldest<Value>(map: Map<string, Value>, entriesMax: number): void {
  for (const key of map.keys()) {
    if (map.size <= entriesMax) return;
    map.delete(key);
  }
}

function assertFree(context: OperationContext, key: string, name: string): void {
  if (!shelfOf(context).has(key)) return;
  throw new FacetError('PREPARED_STATEMENT_EXISTS', `A prepared statement '${name}' exists`, {
    hint: 'Deallocate it first, or take another name.',
  });
}

const notFound = (name: string): FacetError =>
  new FacetError('PREPARED_STATEMENT_NOT_FOUND', `There is no prepared statement '${name}'`, {
    hint: 'Prepared statements belong to a principal and are gone after a restart. Create it again.',
  });
