/**
 * One connection at a time for what is durable, over all processes: a lease on its row. It is given back with the
 * connection; that of a process that was killed ends by itself.
 */
import { FacetError, LIMITS, randomHex } from '../../base/index.ts';
import { arrayLiteral, type Database, type Statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { followedOf } from './followed.ts';

export interface Holding {
  /** The consumer of the feed that is read as. */
  readonly consumer: string;
  /** What stands in the row of the lease. */
  readonly key: string;
  /** As it is called to users. */
  readonly what: string;
  /** $1 holder, $2 milliseconds, $3 `key`, $4 whether no other process can be there -> a row when the lease was had. */
  readonly take: Statement;
  /** $1 holder, $2 array of keys. */
  readonly letGo: Statement;
}

export interface Held {
  /** Of the lease. */
  readonly holder: string;
  readonly release: () => void;
}

export const inUse = (what: string): FacetError =>
  new FacetError('SLOT_IN_USE', `${what} is followed by another connection`);

/**
 * Keeps the lease until `release`.
 * @param lost is called when another has it: this process could not renew it in time
 * @throws SLOT_IN_USE
 */
export async function hold(
  { database, store }: Pick<OperationContext, 'database' | 'store'>,
  { consumer, key, what, take, letGo }: Holding,
  lost: () => void,
): Promise<Held> {
  const followed = followedOf(database);
  const unoccupy = followed.occupy(consumer, what);
  const holder = randomHex(8);
  const renew = (): Promise<boolean> => takeLease(database, take, [holder, key], store.facts.embedded);
  try {
    await followed.left(consumer);
    if (!(await renew())) throw inUse(what);
  } catch (thrown) {
    unoccupy();
    throw thrown;
  }
  // A failure is made up for by the next one, or nobody can take it over anyway.
  const renewAgain = async (): Promise<void> => {
    if (!(await renew())) lost();
  };
  const timer = setInterval(
    () => void renewAgain().catch(() => undefined),
    LIMITS.subscriptionRenewMs,
  ).unref();
  return {
    holder,
    release: () => {
      clearInterval(timer);
      unoccupy();
      followed.leaving(consumer, database.run(letGo, [holder, arrayLiteral([key])]));
    },
  };
}

async function takeLease(
  database: Database,
  take: Statement,
  [holder, key]: readonly [string, string],
  alone: boolean,
): Promise<boolean> {
  const { rows } = await database.run(take, [holder, String(LIMITS.subscriptionLeaseMs), key, String(alone)]);
  return rows.length > 0;
}
