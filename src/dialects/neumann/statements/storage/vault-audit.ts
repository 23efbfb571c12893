/** VAULT AUDIT: who did what with the values of the vault, as rows. */
import { FacetError, LIMITS } from '../../../../base/index.ts';
import { type ResultColumn, vaultAudit } from '../../../../models/index.ts';
import type { StatementOf } from '../../../../nql/index.ts';
import type { Items, Result } from '../../result.ts';
import { encodedRows, RowChunks } from '../../rows.ts';
import type { Runner, StatementCall } from '../../statement-call.ts';
import { ITEMS_AT_ONCE } from '../items.ts';
import { ask } from './answers.ts';

type Audit = StatementOf<'vault-audit'>;

/** PostgreSQL's numbers of the types. */
const OIDS = { Int64: 20, Text: 25, Boolean: 16 } as const;

const column = (name: string, type: keyof typeof OIDS = 'Text'): ResultColumn => ({
  name,
  type,
  typeOid: OIDS[type],
});

const COLUMNS: readonly ResultColumn[] = [
  column('_id', 'Int64'),
  ...['at', 'actor', 'action', 'name', 'subject', 'outcome', 'request_id'].map((name) => column(name)),
  column('genuine', 'Boolean'),
];

/** @throws LIMIT_EXCEEDED */
async function rowsOf(
  { key, limit }: Audit,
  call: StatementCall,
): Promise<readonly (readonly (string | null)[])[]> {
  if (limit > LIMITS.vaultAuditPageMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `${limit} entries are more than ${LIMITS.vaultAuditPageMax} (vaultAuditPageMax)`,
    );
  }
  const asked = { limit: Math.max(limit, 1), ...(key === undefined ? {} : { name: key.text }) };
  const { entries } = await ask(call, vaultAudit, asked);
  return entries
    .slice(0, limit)
    .map(({ id, at, actor, action, name, subject, outcome, requestId, genuine }) => [
      ...[id, at, actor, action, name, subject, outcome, requestId],
      genuine ? 't' : 'f',
    ]);
}

async function run(statement: Audit, call: StatementCall): Promise<Result> {
  return encodedRows(COLUMNS, await rowsOf(statement, call));
}

async function stream(statement: Audit, call: StatementCall): Promise<Items> {
  return itemsOf(await rowsOf(statement, call));
}

async function* itemsOf(rows: readonly (readonly (string | null)[])[]): Items {
  const chunks = new RowChunks(COLUMNS);
  for (let at = 0; at < rows.length; at += ITEMS_AT_ONCE) {
    yield rows.slice(at, at + ITEMS_AT_ONCE).map((row) => ({ encodedRow: chunks.of(row) }));
  }
}

export const AUDIT_RUNNER: Runner<Audit> = { answers: () => 'rows', run, stream };
