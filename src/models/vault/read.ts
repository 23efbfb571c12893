/** Reading secrets: one value, and the names of those that the caller may read. */
import { asFacetError, LIMITS } from '../../base/index.ts';
import type { Cell } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { note } from './audit.ts';
import { bytesOf, namesOf } from './cells.ts';
import { type KeyRing, readingKey, ringOf } from './keys.ts';
import type { GetResult, ListInput, ListResult, NameInput } from './schemas.ts';
import { isIntact, type SecretFacts } from './sealing.ts';
import {
  checkName,
  checkText,
  denied,
  isAdmin,
  mayRead,
  missing,
  opened,
  owns,
  secretFrom,
} from './secret.ts';
import { LIST_SECRETS, READ_SECRET } from './statements.ts';

/** The value leaves only after it was noted who got it; a refusal is noted as well. */
export async function get(context: OperationContext, { name }: NameInput): Promise<GetResult> {
  checkName(name);
  const ring = ringOf(context);
  try {
    const result = await find(context, ring, name);
    await note(context, { action: 'get', name }, 'ok');
    return result;
  } catch (thrown) {
    const failure = asFacetError(thrown);
    if (failure.kind === 'forbidden' || failure.kind === 'not_found' || failure.kind === 'state') {
      await note(context, { action: 'get', name }, failure.code);
    }
    throw thrown;
  }
}

async function find(context: OperationContext, ring: KeyRing, name: string): Promise<GetResult> {
  const { database, principal, transaction, signal } = context;
  const { rows } = await database.run(READ_SECRET, [name], { transaction, signal, reads: true });
  const [row] = rows;
  if (row === undefined) throw missing(principal, name);
  const stored = secretFrom(row, database.namespace);
  if (!mayRead(principal, stored.facts)) throw denied(name);
  const value = opened(stored, ring);
  const { version, owner } = stored.facts;
  return { name, value, version, owner, changedAt: stored.changedAt };
}

/** `*` and `?` as LIKE has them; everything else stands for itself. */
export const likePattern = (pattern: string): string =>
  pattern
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');

/** Names in byte order. */
export async function list(context: OperationContext, input: ListInput): Promise<ListResult> {
  const { database, principal, transaction, signal } = context;
  const ring = ringOf(context);
  const pattern = input.pattern ?? '*';
  checkText(pattern, 'The pattern', LIMITS.vaultNameBytesMax);
  const after = input.after ?? '';
  checkText(after, 'The name', LIMITS.vaultNameBytesMax);
  const limit = input.limit ?? LIMITS.vaultListMax;
  const caller = isAdmin(principal) ? null : principal.name;
  const { rows } = await database.run(LIST_SECRETS, [likePattern(pattern), after, String(limit), caller], {
    transaction,
    signal,
    reads: true,
  });
  const listed = rows.map((row) => summaryOf(row, ring, context));
  await note(context, { action: 'list', name: pattern }, 'ok');
  return {
    // Whether a changed row names the caller rightly is not known.
    secrets: isAdmin(principal) ? listed : listed.filter(({ intact }) => intact),
    ...(rows.length === limit ? { next: listed.at(-1)?.name } : {}),
  };
}

function summaryOf(
  row: readonly Cell[],
  ring: KeyRing,
  { database: { namespace }, principal }: OperationContext,
): ListResult['secrets'][number] {
  const [name, owner, grants, version, keyId, seal, createdAt, changedAt] = row;
  const facts: SecretFacts = {
    namespace,
    name: name ?? '',
    owner: owner ?? '',
    grants: namesOf(grants),
    version: version ?? '',
  };
  const intact =
    ring.has(keyId ?? '') && isIntact(readingKey(ring, keyId ?? '', namespace), facts, bytesOf(seal));
  return {
    name: facts.name,
    owner: facts.owner,
    grants: owns(principal, facts) ? [...facts.grants] : [],
    version: facts.version,
    createdAt: createdAt ?? '',
    changedAt: changedAt ?? '',
    intact,
  };
}
