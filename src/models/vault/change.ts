/** Changing secrets: set, rotate, delete, grant, revoke, and encrypting anew after a change of the key. */
import { asFacetError, type ErrorCode, FacetError, LIMITS } from '../../base/index.ts';
import type { Transaction } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { type Deed, note } from './audit.ts';
import { type KeyRing, ringOf, writingKey } from './keys.ts';
import type {
  DeleteResult,
  GrantInput,
  GrantResult,
  NameInput,
  ResealResult,
  RotateResult,
  SetInput,
  SetResult,
} from './schemas.ts';
import { type SecretFacts, sealValue } from './sealing.ts';
import {
  checkName,
  checkText,
  checkValue,
  denied,
  isAdmin,
  missing,
  opened,
  owns,
  parametersOf,
  type StoredSecret,
  secretFrom,
} from './secret.ts';
import {
  COUNT_OTHER_KEYS,
  DELETE_SECRET,
  INSERT_SECRET,
  LOCK_SECRET,
  OTHER_KEYS,
  RESEAL_SECRET,
  UPDATE_SECRET,
} from './statements.ts';

/** Refusals that are noted. What else fails, fails before anything was decided. */
const NOTED: readonly ErrorCode[] = [
  'VAULT_ACCESS_DENIED',
  'SECRET_NOT_FOUND',
  'SECRET_TAMPERED',
  'VAULT_KEY_MISSING',
  'LIMIT_EXCEEDED',
];

/** Tries to insert against others who insert and delete the same name. */
const INSERT_TRIES = 3;

interface Change {
  readonly context: OperationContext;
  readonly ring: KeyRing;
  readonly transaction: Transaction;
}

/** Runs a change and notes it in one transaction; a refusal is noted by itself. */
async function noted<T>(
  context: OperationContext,
  deed: Deed,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const ring = ringOf(context);
  checkName(deed.name);
  try {
    return await context.database.inTransaction(
      async (transaction) => {
        const result = await work({ context, ring, transaction });
        await note(context, deed, 'ok', transaction);
        return result;
      },
      { transaction: context.transaction, signal: context.signal },
    );
  } catch (thrown) {
    const { code } = asFacetError(thrown);
    if (NOTED.includes(code)) await note(context, deed, code);
    throw thrown;
  }
}

async function locked({ context, transaction }: Change, name: string): Promise<StoredSecret | undefined> {
  const { rows } = await context.database.run(LOCK_SECRET, [name], { transaction, signal: context.signal });
  const [row] = rows;
  return row === undefined ? undefined : secretFrom(row, context.database.namespace);
}

/** The secret and its value, when the caller owns it. @throws VAULT_ACCESS_DENIED, SECRET_NOT_FOUND, SECRET_TAMPERED */
async function owned(
  change: Change,
  name: string,
): Promise<{ readonly stored: StoredSecret; readonly value: string }> {
  const { principal } = change.context;
  const stored = await locked(change, name);
  if (stored === undefined) throw missing(principal, name);
  if (!owns(principal, stored.facts)) throw denied(name);
  return { stored, value: opened(stored, change.ring) };
}

async function write(
  { context, ring, transaction }: Change,
  facts: SecretFacts,
  value: string,
  statement = UPDATE_SECRET,
): Promise<boolean> {
  const sealed = sealValue(writingKey(ring, facts.namespace), facts, value);
  const { affected } = await context.database.run(statement, parametersOf(facts, sealed), { transaction });
  return affected === 1;
}

const nextVersion = ({ facts }: StoredSecret): string => (BigInt(facts.version) + 1n).toString();

/** A new secret belongs to the caller; one that is there keeps its owner and its grants. */
export function set(context: OperationContext, { name, value }: SetInput): Promise<SetResult> {
  checkValue(value);
  return noted(context, { action: 'set', name }, async (change) => {
    const { namespace } = context.database;
    for (let tries = 0; tries < INSERT_TRIES; tries++) {
      if ((await locked(change, name)) !== undefined) {
        const { stored } = await owned(change, name);
        const version = nextVersion(stored);
        await write(change, { ...stored.facts, version }, value);
        return { name, version, created: false };
      }
      const facts: SecretFacts = { namespace, name, owner: context.principal.name, grants: [], version: '1' };
      if (await write(change, facts, value, INSERT_SECRET)) return { name, version: '1', created: true };
    }
    throw new FacetError('TRANSACTION_CONFLICT', 'Others set and delete the secret all the time');
  });
}

/** A new value for a secret that is there. */
export function rotate(context: OperationContext, { name, value }: SetInput): Promise<RotateResult> {
  checkValue(value);
  return noted(context, { action: 'rotate', name }, async (change) => {
    const { stored } = await owned(change, name);
    const version = nextVersion(stored);
    await write(change, { ...stored.facts, version }, value);
    return { name, version };
  });
}

/** An admin can delete what was tampered with or has lost its key, too. */
export function remove(context: OperationContext, { name }: NameInput): Promise<DeleteResult> {
  return noted(context, { action: 'delete', name }, async (change) => {
    if (isAdmin(context.principal)) {
      if ((await locked(change, name)) === undefined) throw missing(context.principal, name);
    } else {
      await owned(change, name);
    }
    await context.database.run(DELETE_SECRET, [name], { transaction: change.transaction });
    return { name, deleted: true };
  });
}

export const grant = (context: OperationContext, input: GrantInput): Promise<GrantResult> =>
  changeGrants(context, 'grant', input, (grants) => [...grants, input.identity]);

export const revoke = (context: OperationContext, input: GrantInput): Promise<GrantResult> =>
  changeGrants(context, 'revoke', input, (grants) => grants.filter((granted) => granted !== input.identity));

async function changeGrants(
  context: OperationContext,
  action: 'grant' | 'revoke',
  { name, identity }: GrantInput,
  next: (grants: readonly string[]) => readonly string[],
): Promise<GrantResult> {
  checkText(identity, 'The name of an identity', LIMITS.vaultIdentityBytesMax);
  return noted(context, { action, name, subject: identity }, async (change) => {
    const { stored, value } = await owned(change, name);
    if (stored.facts.grants.includes(identity) === (action === 'grant')) {
      return { name, identity, changed: false };
    }
    const grants = [...next(stored.facts.grants)].sort();
    if (grants.length > LIMITS.vaultGrantsMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `The secret is granted to ${LIMITS.vaultGrantsMax} identities, which is the most (vaultGrantsMax)`,
      );
    }
    await write(change, { ...stored.facts, grants }, value);
    return { name, identity, changed: true };
  });
}

/**
 * Encrypts anew, with the first key, what another key has encrypted: a bounded number at a time. The earlier key can go
 * once nothing is left.
 * @throws SECRET_TAMPERED, VAULT_KEY_MISSING: the message names the secret or the key
 */
export async function reseal(context: OperationContext): Promise<ResealResult> {
  const { database, signal } = context;
  const ring = ringOf(context);
  const current = writingKey(ring, database.namespace);
  return noted(context, { action: 'reseal', name: '' }, async (change) => {
    const { transaction } = change;
    const batch = String(LIMITS.vaultResealMax);
    const { rows } = await database.run(OTHER_KEYS, [current.id, batch], { transaction, signal });
    for (const row of rows) {
      const stored = secretFrom(row, database.namespace);
      await write(change, stored.facts, opened(stored, ring), RESEAL_SECRET);
    }
    const left = await database.run(COUNT_OTHER_KEYS, [current.id], { transaction, signal });
    return { resealed: rows.length, left: Number(left.rows[0]?.[0] ?? 0) };
  });
}
