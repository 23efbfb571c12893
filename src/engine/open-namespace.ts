/** Puts the pieces of one namespace together: pool, lanes, router, and the watch over its schema. */
import { asFacetError, FacetError, LIMITS, type Observe } from '../base/index.ts';
import { NamespaceDatabase } from './database.ts';
import { Lane } from './lane.ts';
import { ChannelSession } from './listen.ts';
import { ModelStates } from './model-states.ts';
import { OwnBackends } from './own-backends.ts';
import { Pool } from './pool.ts';
import { provision } from './provision.ts';
import { Router } from './routing.ts';
import { SchemaWatch } from './schema-watch.ts';
import type { ServerAccess } from './server-access.ts';
import { openSession, type Session } from './session.ts';
import { LANE_SETTINGS, POOL_SETTINGS, READ_LANE_SETTINGS, settingsFor } from './session-settings.ts';
import type { SchemaVersion } from './statement-names.ts';
import type { Transactions } from './transactions.ts';

export interface OpenNamespace {
  readonly database: NamespaceDatabase;
  /** Closes its connections. Transactions have been ended before. */
  stop(): Promise<void>;
}

export interface NamespaceOptions {
  readonly observe: Observe;
  readonly poolConnections: number;
  readonly transactionsOpenMax: number;
  readonly transactions: Transactions;
  /** False: a namespace that is not there is an error. */
  readonly create: boolean;
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
  const channels = new ChannelSession({ open: opener(LANE_SETTINGS), gate: server.gate, own, observe });
  const states = new ModelStates(observe);
  const router = new Router();
  const watch = new SchemaWatch(schema, router, pool, observe);
  await watch.start();
  const database = new NamespaceDatabase({
    namespace,
    serverMajor: server.serverMajor,
    pool,
    lane,
    readLane,
    router,
    channels,
    states,
    transactions: options.transactions,
    observe,
    schema,
    schemaChanged: watch.changed,
  });
  const stop = async (): Promise<void> => {
    const reason = new FacetError('UNAVAILABLE', 'The store is stopping');
    // Models end their waits and send what they have gathered while there still are connections.
    await states.stop();
    await Promise.all([channels.stop(), watch.stop(), pool.stop(reason), lane.stop(), readLane.stop()]);
  };
  return { database, stop };
}
