/** Commands on declared tables: who may run them, and in which transaction. */
import { asFacetError, FacetError } from '../../../base/index.ts';
import { noCounters, type Value } from '../../../cypher/index.ts';
import type { Transaction } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { allowedTimeoutMs } from '../../operator-limits.ts';
import { noteDeclaring } from '../declared/index.ts';
import { enlistText } from '../journal/index.ts';
import { settleStreams } from '../open-streams.ts';
import { parameterValues } from '../parameters.ts';
import { assertLength, writeGuard } from '../query.ts';
import type { GraphQueryResult } from '../query-schemas.ts';
import { inGraphTerms } from '../run-command.ts';
import { runQuery } from '../run-query.ts';
import { endError, forgetGraphSchema } from '../schema/index.ts';
import { CHECK_NOW } from '../statements.ts';
import { queryOver, readCatalog } from './catalog-calls.ts';
import type { DefineInput } from './define-schemas.ts';
import { parseTableCommand } from './parse-table-command.ts';
import { type ChangingCommand, runTableCommand } from './run-table-command.ts';
import type { CallCatalog } from './table-command.ts';

/** @throws FacetError in the words that users of such tables know, see the operation */
export async function define(context: OperationContext, input: DefineInput): Promise<GraphQueryResult> {
  assertLength(input.statement);
  const command = parseTableCommand(input.statement);
  const parameters = parameterValues(input.params);
  if (command.kind === 'call') return told(context, command, input, parameters);
  if (input.readOnly === true || context.transaction?.readOnly === true) {
    throw new FacetError(
      'READ_ONLY_TRANSACTION',
      'This command changes tables, and only reads are allowed here',
    );
  }
  return changed(context, command, input, parameters);
}

async function told(
  { database, signal, transaction, ...context }: OperationContext,
  command: CallCatalog,
  input: DefineInput,
  own: ReadonlyMap<string, Value>,
): Promise<GraphQueryResult> {
  const timeoutMs = allowedTimeoutMs({ database, signal, transaction, ...context }, input.timeoutMs);
  const options = { signal, transaction, timeoutMs };
  const { text, parameters } = queryOver(await readCatalog(database, command, options), command.tail);
  const result = await runQuery(database, text, {
    ...options,
    parameters: new Map([...own, ...parameters]),
    readOnly: true,
  });
  return { ...result, heldBytes: result.heldBytes ?? 0, writes: false };
}

async function changed(
  context: OperationContext,
  command: ChangingCommand,
  input: DefineInput,
  parameters: ReadonlyMap<string, Value>,
): Promise<GraphQueryResult> {
  const { database, signal, transaction } = context;
  const options = { signal, transaction, timeoutMs: allowedTimeoutMs(context, input.timeoutMs) };
  const text = input.statement;
  assertSeesAll(command, transaction);
  const guard = writeGuard(context, text);
  await guard.ready();
  if (transaction !== undefined) await settleStreams(transaction, 'schema');
  try {
    const done = await database.inTransaction(
      async (inside) => {
        if (command.kind !== 'copy-from') {
          noteDeclaring(transaction ?? inside);
          inside.afterCommit(() => forgetGraphSchema(database));
        }
        const journaled = await guard.enter(inside);
        const within = { ...options, transaction: inside };
        const result = await runTableCommand(
          database,
          command,
          { text, parameters, files: input.files, journaled },
          within,
        );
        if (journaled && command.kind !== 'copy-from') enlistText(database, inside, text);
        // Otherwise the commit looks.
        if (transaction !== undefined) await database.run(CHECK_NOW, [], within);
        return result;
      },
      { ...options, commitError: endError },
    );
    const counters = { ...noCounters(), nodesCreated: done.nodes, relationshipsCreated: done.relationships };
    return {
      columns: ['result'],
      rows: [[done.message]],
      counters,
      writes: command.kind === 'copy-from',
      heldBytes: 0,
      kind: command.kind === 'copy-from' ? 'read-write' : 'schema',
    };
  } catch (thrown) {
    throw await inGraphTerms(database, endError(asFacetError(thrown)), options);
  }
}

/** What is stored already is looked at in the transaction's snapshot, and that of a higher level may be too old. */
function assertSeesAll({ kind }: ChangingCommand, transaction: Transaction | undefined): void {
  if (kind === 'copy-from' || kind === 'comment') return;
  if (transaction === undefined || transaction.isolationLevel === 'read_committed') return;
  throw new FacetError(
    'INVALID_TRANSACTION_STATE',
    `Tables cannot be changed in a transaction at ${transaction.isolationLevel.replace('_', ' ')}`,
    { hint: 'Change them without a transaction, or in one at read committed.' },
  );
}
