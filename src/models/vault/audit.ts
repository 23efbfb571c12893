/**
 * Who did what with the vault, and with what outcome. A change is noted in its own transaction, so that both take effect
 * or neither. A read is noted by itself before the answer goes out, so that it stays noted when the caller's transaction
 * is rolled back; so is a refusal. What cannot be noted is not answered.
 */
import { FacetError, LIMITS, nowMs, timestamp } from '../../base/index.ts';
import type { Cell, Database, ModelState, Transaction } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { byteaOf, bytesOf } from './cells.ts';
import { type KeyRing, type NamespaceKey, readingKey, ringOf, writingKey } from './keys.ts';
import type { AuditInput, AuditResult } from './schemas.ts';
import { type AuditFields, isGenuine, sealAudit } from './sealing.ts';
import { NOTE, READ_AUDIT, TRIM_AUDIT } from './statements.ts';

export type Action = 'set' | 'get' | 'delete' | 'rotate' | 'list' | 'grant' | 'revoke' | 'audit' | 'reseal';

/** What is noted beside who, when and with what outcome. */
export interface Deed {
  readonly action: Action;
  readonly name: string;
  readonly subject?: string | undefined;
}

const PAGE_DEFAULT = 100;
/** Entries between two looks for what is too old or too much. */
const TRIM_EVERY = 256;
/** More than come between two looks: what is too much gets less. */
const TRIM_ROWS = 5_000;

class Retention implements ModelState {
  #notes = 0;

  /** True at the first entry of this process, and then now and then. */
  isDue(): boolean {
    const due = this.#notes % TRIM_EVERY === 0;
    this.#notes += 1;
    return due;
  }

  stop(): void {}
}

const RETENTION = Symbol('vault.retention');

/**
 * Notes a deed: in `transaction`, or by itself when that is absent. `outcome` is `ok` or the code of an error.
 * @throws SECRET_TAMPERED when something in the database keeps the entry from being written
 */
export async function note(
  context: OperationContext,
  deed: Deed,
  outcome: string,
  transaction?: Transaction,
): Promise<void> {
  const { database, principal, requestId } = context;
  const key = writingKey(ringOf(context), database.namespace);
  const fields: AuditFields = [
    timestamp(nowMs()),
    principal.name,
    deed.action,
    deed.name,
    deed.subject ?? null,
    outcome,
    requestId,
  ];
  const seal = byteaOf(sealAudit(key, database.namespace, fields));
  const { affected } = await database.run(NOTE, [...fields, key.id, seal], { transaction });
  // A trigger or a rule that somebody has put there by SQL.
  if (affected !== 1) {
    throw new FacetError('SECRET_TAMPERED', 'The audit of the vault does not take the entry of this call', {
      hint: 'Remove triggers, rules and policies from the table vault.audit.',
    });
  }
  if (transaction === undefined && database.state(RETENTION, () => new Retention()).isDue()) {
    await trim(database);
  }
}

/** Best effort: an entry too many does no harm. */
async function trim(database: Database): Promise<void> {
  const oldest = timestamp(nowMs() - LIMITS.vaultAuditMsMax);
  const parameters = [oldest, String(LIMITS.vaultAuditRowsMax), String(TRIM_ROWS)];
  await database.run(TRIM_AUDIT, parameters).catch((detail: unknown) =>
    database.observe({
      type: 'warning',
      message: 'Old entries of the vault audit were not removed',
      detail,
    }),
  );
}

/** Newest first. Looking at the audit is noted, too. */
export async function audit(context: OperationContext, input: AuditInput): Promise<AuditResult> {
  const ring = ringOf(context);
  const limit = input.limit ?? PAGE_DEFAULT;
  const { rows } = await context.database.run(
    READ_AUDIT,
    [input.name ?? null, input.actor ?? null, input.before ?? null, String(limit)],
    { transaction: context.transaction, signal: context.signal, reads: true },
  );
  const entries = rows.map((row) => entryOf(row, ring, context.database.namespace));
  await note(context, { action: 'audit', name: input.name ?? '' }, 'ok');
  return { entries, ...(rows.length === limit ? { next: entries.at(-1)?.id } : {}) };
}

function entryOf(row: readonly Cell[], ring: KeyRing, namespace: string): AuditResult['entries'][number] {
  const [id, at, actor, action, name, subject, outcome, requestId, keyId, seal] = row;
  const fields = [
    at ?? '',
    actor ?? '',
    action ?? '',
    name ?? '',
    subject ?? null,
    outcome ?? '',
    requestId ?? '',
  ];
  const key = knownKey(ring, keyId ?? '', namespace);
  return {
    id: id ?? '',
    at: at ?? '',
    actor: actor ?? '',
    action: action ?? '',
    name: name ?? '',
    subject: subject ?? null,
    outcome: outcome ?? '',
    requestId: requestId ?? '',
    genuine: key !== undefined && isGenuine(key, namespace, fields, bytesOf(seal)),
  };
}

const knownKey = (ring: KeyRing, id: string, namespace: string): NamespaceKey | undefined =>
  ring.has(id) ? readingKey(ring, id, namespace) : undefined;
