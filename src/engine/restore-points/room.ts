/** Whether the disk has room for a copy: one that is full stops PostgreSQL, and with it every namespace. */
import { statfs } from 'node:fs/promises';
import { FacetError, LIMITS } from '../../base/index.ts';
import { query } from '../query.ts';
import type { ServerAccess } from '../server-access.ts';
import type { Session } from '../session.ts';

/**
 * Where the server's disk can be looked at, which is that of an embedded one. Where the file system shares blocks the copy
 * takes less, which nobody knows before.
 * @throws RESOURCE_EXHAUSTED
 */
export async function checkRoom(session: Session, { facts }: ServerAccess, from: string): Promise<void> {
  if (facts.dataDirectory === undefined) return;
  const { rows } = await query(session, 'SELECT pg_database_size($1::name)', [from]);
  const { bavail, bsize } = await statfs(facts.dataDirectory);
  assertRoom(bavail * bsize, Number(rows[0]?.[0] ?? 0));
}

/** @throws RESOURCE_EXHAUSTED */
export function assertRoom(freeBytes: number, copyBytes: number): void {
  if (freeBytes >= copyBytes + LIMITS.restorePointSpareBytes) return;
  throw new FacetError(
    'RESOURCE_EXHAUSTED',
    `The disk has ${freeBytes} bytes free, and a copy takes ${copyBytes}, beside which ${LIMITS.restorePointSpareBytes} are to stay free (restorePointSpareBytes)`,
    { hint: 'Delete restore points that are not needed any more, or give the store a larger disk.' },
  );
}
