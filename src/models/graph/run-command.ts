/** Schema commands as queries are run, and violations of constraints as queries report them. */
import { FacetError } from '../../base/index.ts';
import { noCounters, type SchemaCommand } from '../../cypher/index.ts';
import type { Database, RunOptions, Transaction } from '../../engine/index.ts';
import type { GraphResult, QueryOptions } from './graph-result.ts';
import { enlistText } from './journal/index.ts';
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
  text: string,
  command: SchemaCommand,
  options: QueryOptions,
): Promise<GraphResult> {
  const { signal, timeoutMs, transaction, writeGuard } = options;
  const writes = command.kind !== 'show-indexes' && command.kind !== 'show-constraints';
  if (command.kind === 'create-constraint') assertSeesAll(transaction);
  if (writes) await writeGuard?.ready();
  let journaled = false;
  let position: string | undefined;
  const tell = (lsn: string): void => {
    position = lsn;
  };
  const enter = async (inside: Transaction): Promise<void> => {
    if (writeGuard !== undefined) journaled = await writeGuard.enter(inside);
  };
  const { columns, rows, counters } = await runSchemaCommand(database, command, {
    signal,
    timeoutMs,
    transaction,
    enter,
    ...(options.position === true ? { position: tell } : {}),
    changed: (inside) => {
      if (journaled) enlistText(database, inside, text, options.parameters);
    },
  });
  return {
    columns,
    rows: rows.map((row) => [...row]),
    counters: noCounters(),
    writes,
    schema: writes ? counters : undefined,
    kind: writes ? 'schema' : 'read',
    position,
  };
}

/**
 * What is stored already is tested in the transaction's snapshot, and that of a higher level may be older than what
 * others have stored meanwhile.
 */
function assertSeesAll(transaction: QueryOptions['transaction']): void {
  if (transaction === undefined || transaction.isolationLevel === 'read_committed') return;
  throw new FacetError(
    'INVALID_TRANSACTION_STATE',
    `A constraint cannot be created in a transaction at ${transaction.isolationLevel.replace('_', ' ')}`,
    { hint: 'Create it without a transaction, or in one at read committed.' },
  );
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
