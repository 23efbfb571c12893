/**
 * A store of its own for each test file: a database copied from the migrated template on the shared server, opened
 * through its URI as any store. `close` fails the file that left a transaction, a connection or a session behind.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { Observation } from '../../src/base/index.ts';
import {
  type Cell,
  type Database,
  openStore,
  type Store,
  type StoreOptions,
} from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';
import type { Session } from '../../src/engine/session.ts';

export interface TestStore {
  readonly store: Store;
  /** The default namespace. */
  readonly database: Database;
  readonly uri: string;
  /** Name of the PostgreSQL database. */
  readonly name: string;
  /** Everything that was observed so far. */
  readonly observations: readonly Observation[];
  /** Runs SQL as the superuser, on a connection that the store knows nothing of. */
  admin(sql: string, parameters?: readonly (string | null)[]): Promise<readonly (readonly Cell[])[]>;
  /** Closes the store and drops its database. Rejects when something was left open. */
  close(): Promise<void>;
}

/** The shared server as the superuser sees it. */
export const superuserTarget = () => {
  const { socketDirectory, port } = inject('postgres');
  return {
    hosts: [{ host: socketDirectory, port }],
    user: 'postgres',
    tls: { first: false },
  } as const;
};

/** The URI of a database of the shared server, for the role that Facet runs users' SQL as. */
export const uriOf = (database: string, user = 'facet'): string => {
  const { socketDirectory, port } = inject('postgres');
  return `postgres://${user}@/${database}?host=${encodeURIComponent(socketDirectory)}&port=${port}`;
};

/** Runs `work` on a superuser's connection to `database`. */
export async function asSuperuser<T>(database: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await probe(superuserTarget(), database);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Creates an empty database of that name's prefix, migrated unless `template` says otherwise, and returns its name. */
export async function createDatabase(template = inject('postgres').templateDatabase): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser('postgres', (session) =>
    retried(() => query(session, `CREATE DATABASE ${name} OWNER facet TEMPLATE ${template}`)),
  );
  return name;
}

export async function dropDatabase(name: string): Promise<void> {
  await asSuperuser('postgres', (session) => query(session, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
}

/** @param user the role of the store's URI */
export async function openTestStore(options: Partial<StoreOptions> = {}, user = 'facet'): Promise<TestStore> {
  const name = await createDatabase();
  const uri = uriOf(name, user);
  const observations: Observation[] = [];
  const observe = (observation: Observation): void => {
    observations.push(observation);
    options.observe?.(observation);
  };
  const store = await openStore(uri, { ...options, observe });
  const database = await store.namespace('default');
  return {
    store,
    database,
    uri,
    name,
    observations,
    admin: (sql, parameters = []) =>
      asSuperuser(name, async (session) => (await query(session, sql, parameters)).rows),
    close: async () => {
      const leaks = await leaksOf(database);
      await store.stop();
      const backends = await backendsLeft(name);
      await dropDatabase(name);
      if (leaks.length + backends.length > 0)
        throw new Error(`left behind: ${[...leaks, ...backends].join('; ')}`);
    },
  };
}

/** Sessions that are being cleaned count as in use for a moment, so the counts get some time to reach zero. */
export async function leaksOf(database: Database): Promise<readonly string[]> {
  for (let attempt = 0; ; attempt++) {
    const { transactionsOpen, poolInUse, poolWaiting, laneInFlight } = database.counts;
    const busy = Object.entries({ transactionsOpen, poolInUse, poolWaiting, laneInFlight }).filter(
      ([, n]) => n > 0,
    );
    if (busy.length === 0) return [];
    if (attempt === 100) return busy.map(([name, count]) => `${name} ${count}`);
    await sleep(20);
  }
}

/** A backend ends a moment after its client has said goodbye. */
export async function backendsLeft(name: string): Promise<readonly string[]> {
  return asSuperuser('postgres', async (session) => {
    for (let attempt = 0; ; attempt++) {
      const { rows } = await query(
        session,
        'SELECT pid, state, query FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [name],
      );
      if (rows.length === 0) return [];
      if (attempt === 100) return rows.map(([pid, state, text]) => `backend ${pid} (${state}): ${text}`);
      await sleep(20);
    }
  });
}

/** The template is busy for a moment when another test file copies it, too. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(50);
    }
  }
}
