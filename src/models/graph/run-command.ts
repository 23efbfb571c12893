/** Schema commands as queries are run, and violations of constraints as queries report them. */
import type { FacetError } from '../../base/index.ts';
import { noCounters, type SchemaCommand } from '../../cypher/index.ts';
import type { Database, RunOptions } from '../../engine/index.ts';
import type { GraphResult, QueryOptions } from './graph-result.ts';
import {
  entryOf,
  graphSchema,
  isViolation,
  READ_ENTRIES,
  runSchemaCommand,
  violationOf,
} from './schema/index.ts';

export async function runCommand(
  database: Database,
  command: SchemaCommand,
  options: QueryOptions,
): Promise<GraphResult> {
  const { signal, timeoutMs, transaction, writeGuard } = options;
  const writes = command.kind !== 'show-indexes' && command.kind !== 'show-constraints';
  if (writes) await writeGuard?.ready();
  const enter = writeGuard && ((inside: Parameters<typeof writeGuard.enter>[0]) => writeGuard.enter(inside));
  const { columns, rows, counters } = await runSchemaCommand(database, command, {
    signal,
    timeoutMs,
    transaction,
    enter,
  });
  return {
    columns,
    rows: rows.map((row) => [...row]),
    counters: noCounters(),
    writes,
    schema: writes ? counters : undefined,
  };
}

/** A violated constraint under its own name, and everything else as it is. */
export async function inGraphTerms(
  database: Database,
  error: FacetError,
  options: RunOptions,
): Promise<FacetError> {
  if (!isViolation(error)) return error;
  const known = violationOf(error, (await graphSchema(database)).entries, 'query');
  if (known !== undefined) return known;
  // It was made by another process a moment ago, or by this transaction.
  const { rows } = await database.run(READ_ENTRIES, [], options);
  return violationOf(error, rows.map(entryOf), 'query') ?? error;
}
