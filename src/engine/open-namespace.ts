/** Puts the pieces of one namespace together: pool, lanes, router, and the watch over its schema. */
import { asFacetError, FacetError, LIMITS, type Observe } from '../base/index.ts';
import { folderBeside } from './beside-data.ts';
import {
  CHANGE_PACE,
  type ChangePace,
  chooseSource,
  NamespaceChanges,
  retireSlot,
  retireTriggers,
  STANDBY_FEED,
  slotNameOf,
} from './changes/index.ts';
import { command } from './command.ts';
import { CommitFlush } from './commit-flush.ts';
import type { Database } from './contract.ts';
import { NamespaceDatabase } from './database.ts';
import { Lane } from './lane.ts';
import { ChannelSession } from './listen.ts';
import { ModelStates } from './model-states.ts';
import { OwnBackends } from './own-backends.ts';
import { Pool } from './pool.ts';
import { provision } from './provision.ts';
import { query } from './query.ts';
import { Router } from './routing.ts';
import { SchemaWatch } from './schema-watch.ts';
import type { ServerAccess } from './server-access.ts';
import { openSession, type Session } from './session.ts';
import {
  LANE_SETTINGS,
  POOL_SETTINGS,
  READ_LANE_SETTINGS,
  REPLICATION_SETTINGS,
  SUPERUSER_SETTINGS,
  settingsFor,
} from './session-settings.ts';
import { StandbyChannels } from './standby-channels.ts';
import type { SchemaVersion } from './statement-names.ts';
import type { Transactions } from './transactions.ts';

export interface OpenNamespace {
  readonly database: NamespaceDatabase;
  /** Closes its connections. Transactions have been ended before. `reason` is what those get who still use it. */
  stop(reason?: FacetError): Promise<void>;
}

export interface NamespaceOptions {
  readonly observe: Observe;
  readonly poolConnections: number;
  readonly transactionsOpenMax: number;
  readonly transactions: Transactions;
  readonly changePace?: Partial<ChangePace> | undefined;
  /** False: a namespace that is not there is an error. */
  readonly create: boolean;
  /** See Database.history. */
  readonly history: number;
}

/**
 * Our own login is no business of clients, who would take PostgreSQL's refusal of it for one of theirs: where it is
 * and what it says goes to the log.
 */
function refusedConnection(error: FacetError, namespace: string, observe: Observe): FacetError {
  if (error.kind === 'limit') return error;
  if (error.kind !== 'unavailable') {
    observe({ type: 'postgres', event: 'connection_lost', detail: `${namespace}: ${error.message}` });
  }
  return new FacetError('UNAVAILABLE', 'PostgreSQL takes no connections now', {
    retryAfterSeconds: 1,
    cause: error,
  });
}

/** Provisions the namespace's database and connects to it. @throws as `provision` */
export async function openNamespace(
  server: ServerAccess,
  namespace: string,
  options: NamespaceOptions,
): Promise<OpenNamespace> {
  const { observe } = options;
  await provision(server, namespace, { observe, create: options.create });
  const schema: SchemaVersion = { schemaVersion: 0 };
  const own = new OwnBackends();
  const opener = (settings: Readonly<Record<string, string>>) => async (): Promise<Session> => {
    const target = server.targetOf(namespace);
    const session = await openSession({
      target,
      database: server.databaseOf(namespace),
      settings: settingsFor({ user: target.user, embedded: server.embedded }, settings),
      schema,
      connectMsMax: LIMITS.connectMsMax,
    }).catch((error: unknown) => {
      throw refusedConnection(asFacetError(error), namespace, observe);
    });
    own.add(session);
    session.onBroken = (reason) =>
      observe({ type: 'postgres', event: 'connection_lost', detail: `${namespace}: ${reason.message}` });
    return session;
  };
  const pool = new Pool(opener(POOL_SETTINGS), server.gate, {
    statement: options.poolConnections,
    // Readers may pause for long: however many do, statements still find a connection.
    stream: Math.ceil(options.poolConnections / 2),
    transaction: options.transactionsOpenMax,
  });
  const lane = new Lane(opener(LANE_SETTINGS), server.gate);
  const readLane = new Lane(opener(READ_LANE_SETTINGS), server.gate);
  const flush = new CommitFlush(opener(POOL_SETTINGS), observe);
  const channels = server.standby
    ? new StandbyChannels(observe)
    : new ChannelSession({ open: opener(LANE_SETTINGS), gate: server.gate, own, observe });
  const states = new ModelStates(observe);
  const router = new Router();
  const watch = new SchemaWatch(schema, router, pool, observe);
  await watch.start();
  const { source, followed } = server.standby
    ? NOT_FOLLOWED
    : await changeSourceOf(server, namespace, pool, observe);
  let changes: NamespaceChanges | undefined;
  const changesOf = (of: Database): NamespaceChanges => {
    changes ??= new NamespaceChanges({
      database: of,
      databaseName: server.databaseOf(namespace),
      source,
      pace: { ...CHANGE_PACE, ...options.changePace },
      openOwn: opener(POOL_SETTINGS),
      gate: server.gate,
      observe,
      openPrivileged: (replication) => openPrivileged(server, namespace, replication),
    });
    return changes;
  };
  const database = new NamespaceDatabase({
    namespace,
    history: options.history,
    serverMajor: server.serverMajor,
    pool,
    lane,
    readLane,
    router,
    channels,
    states,
    changes: server.standby ? () => STANDBY_FEED : changesOf,
    transactions: options.transactions,
    flush,
    folder: async (name) =>
      server.home === undefined
        ? undefined
        : await folderBeside(server.home, name, server.databaseOf(namespace)),
    observe,
    schema,
    schemaChanged: watch.changed,
  });
  // What is kept for those who followed before this process began is looked after from the beginning.
  if (followed) void changesOf(database).resume();
  const stop = async (why?: FacetError): Promise<void> => {
    const reason = why ?? new FacetError('UNAVAILABLE', 'The store is stopping');
    // Models end their waits and send what they have gathered while there still are connections.
    await states.stop();
    // Before PostgreSQL stops: it would wait until whoever follows has everything.
    await changes?.stop(reason);
    await Promise.all([
      channels.stop(),
      watch.stop(),
      pool.stop(reason),
      lane.stop(reason),
      readLane.stop(reason),
      flush.stop(),
    ]);
  };
  return { database, stop };
}

const NOT_FOLLOWED = { source: 'logical', followed: false } as const;

async function changeSourceOf(
  server: ServerAccess,
  namespace: string,
  pool: Pool,
  observe: Observe,
): Promise<{ readonly source: 'logical' | 'triggers'; readonly followed: boolean }> {
  const session = await pool.acquire({ use: 'statement' });
  try {
    const source = await chooseSource(session, server.superuser !== undefined);
    if (source === 'logical') {
      await retireTriggers(session).catch((detail: unknown) =>
        observe({ type: 'warning', message: 'Triggers that note changes could not be removed', detail }),
      );
    }
    const slot = slotNameOf(server.databaseOf(namespace));
    const { rows } = await query(session, 'SELECT FROM pg_replication_slots WHERE slot_name = $1', [slot]);
    if (source === 'triggers' && rows.length > 0) {
      await retireSlot(session, slot).catch((error: unknown) => {
        const { message, hint } = asFacetError(error);
        observe({ type: 'warning', message, detail: hint });
      });
    }
    return { source, followed: rows.length > 0 || source === 'triggers' };
  } finally {
    pool.release(session, 'statement', false);
  }
}

/** As the role that may replicate: the superuser on our own server, the role of the URI elsewhere. */
async function openPrivileged(
  server: ServerAccess,
  namespace: string,
  replication: boolean,
): Promise<Session> {
  const session = await openSession({
    target: server.superuser ?? server.targetOf(namespace),
    database: server.databaseOf(namespace),
    settings: replication ? REPLICATION_SETTINGS : SUPERUSER_SETTINGS,
    schema: { schemaVersion: 0 },
    connectMsMax: LIMITS.connectMsMax,
    replication,
  });
  // Nothing of what these sessions do is for event triggers of users.
  if (server.superuser !== undefined && server.serverMajor >= 17 && !replication) {
    await command(session, 'SET event_triggers = off');
  }
  return session;
}
