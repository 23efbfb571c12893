/** Runs a parsed command that changes tables or copies into one, in a transaction. */
import type { Value } from '../../../cypher/index.ts';
import type { Database } from '../../../engine/index.ts';
import { readTables } from '../declared/index.ts';
import { alterTable } from './alter-table.ts';
import { type Copied, copyTable } from './copy-table.ts';
import { commentOn, createTable, dropTable } from './declare-table.ts';
import type { UploadedFiles } from './define-schemas.ts';
import { parseTableCommand } from './parse-table-command.ts';
import { type InTransaction, run, type TableChange } from './table-change.ts';
import type { CallCatalog, TableCommand } from './table-command.ts';
import { LOCK_SCHEMA } from './table-statements.ts';

export type ChangingCommand = Exclude<TableCommand, CallCatalog>;

export interface CommandContext {
  readonly text: string;
  readonly parameters: ReadonlyMap<string, Value>;
  readonly files?: UploadedFiles | undefined;
  /** What COPY does goes into the journal; all other commands are run again from their text. */
  readonly journaled: boolean;
}

export async function runTableCommand(
  database: Database,
  command: ChangingCommand,
  context: CommandContext,
  options: InTransaction,
): Promise<Copied> {
  const before = { database, options };
  // Nobody else declares meanwhile; who copies only reads what is declared.
  if (command.kind !== 'copy-from') await run(before, LOCK_SCHEMA, []);
  const change: TableChange = { ...before, tables: await readTables(database, options) };
  if (command.kind === 'copy-from') return copyTable(change, command, { files: undefined, ...context });
  return { message: await declare(change, command), nodes: 0, relationships: 0 };
}

function declare(
  change: TableChange,
  command: Exclude<ChangingCommand, { readonly kind: 'copy-from' }>,
): Promise<string> {
  switch (command.kind) {
    case 'create-node-table':
    case 'create-rel-table':
      return createTable(change, command);
    case 'drop-table':
      return dropTable(change, command);
    case 'alter-table':
      return alterTable(change, command);
    case 'comment':
      return commentOn(change, command);
  }
}

/**
 * Runs a command of the journal again, in the transaction of `options`. Of COPY nothing: its entries say what it did.
 * @throws what the command can fail with
 */
export async function replayTableCommand(
  database: Database,
  text: string,
  options: InTransaction,
): Promise<void> {
  const command = parseTableCommand(text);
  if (command.kind === 'call' || command.kind === 'copy-from') return;
  await runTableCommand(database, command, { text, parameters: new Map(), journaled: false }, options);
}
