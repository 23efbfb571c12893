/** The rules that a query writes by, kept for each database for as long as its schema is the same. */
import type { Database, RunOptions, Transaction } from '../../../engine/index.ts';
import { graphSchema } from '../schema/index.ts';
import { readTables } from './table-catalog.ts';
import { WriteRules } from './write-rules.ts';

interface Kept {
  /** Of the schema; declarations count it on. */
  readonly version: string;
  readonly rules: WriteRules;
}

const KEPT = new WeakMap<Database, Kept>();
/** Transactions that have changed declarations, which only they see. */
const DECLARING = new WeakSet<Transaction>();

/** From now on what is declared is read within the transaction. */
export const noteDeclaring = (transaction: Transaction): void => void DECLARING.add(transaction);

/**
 * Undefined when nothing is asked of what is written. What this process has declared is known at once, what others have
 * within some seconds.
 */
export function writeRules(
  database: Database,
  options: RunOptions,
): WriteRules | undefined | Promise<WriteRules | undefined> {
  const { transaction } = options;
  if (transaction !== undefined && DECLARING.has(transaction)) return readRules(database, options);
  const schema = graphSchema(database);
  if (schema instanceof Promise) return schema.then(({ version }) => ofVersion(database, version));
  return ofVersion(database, schema.version);
}

function ofVersion(
  database: Database,
  version: string,
): WriteRules | undefined | Promise<WriteRules | undefined> {
  const kept = KEPT.get(database);
  if (kept?.version === version) return kept.rules.isEmpty ? undefined : kept.rules;
  return keep(database, version);
}

async function keep(database: Database, version: string): Promise<WriteRules | undefined> {
  const rules = new WriteRules(await readTables(database, {}));
  KEPT.set(database, { version, rules });
  return rules.isEmpty ? undefined : rules;
}

async function readRules(database: Database, options: RunOptions): Promise<WriteRules | undefined> {
  const rules = new WriteRules(await readTables(database, options));
  return rules.isEmpty ? undefined : rules;
}
