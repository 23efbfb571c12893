/** A PostgreSQL server as a store uses it, whoever runs it. One implementation for each: embedded-life.ts and here. */
import { FacetError, LIMITS, type Observe } from '../base/index.ts';
import type { StoreFacts } from './contract.ts';
import { Gate } from './gate.ts';
import { openSession, type Session } from './session.ts';
import { POOL_SETTINGS } from './session-settings.ts';
import { DEFAULT_NAMESPACE, type ServerTarget, type StoreUri } from './store-location.ts';

export interface ServerAccess {
  readonly gate: Gate;
  readonly facts: StoreFacts;
  readonly serverMajor: number;
  /**
   * Where to connect, as the role that everything of users and models in that namespace runs as. It moves when a
   * server is restarted.
   */
  targetOf(namespace: string): ServerTarget;
  /** The superuser's way in, where there is one. */
  readonly superuser: ServerTarget | undefined;
  /** The database from which others are created, and who may do that. */
  readonly maintenance: { readonly target: ServerTarget; readonly database: string };
  readonly embedded: boolean;
  /** It was in recovery when the store was opened: nothing is made there, migrated or looked after. */
  readonly standby: boolean;
  databaseOf(namespace: string): string;
  /** The store's folder, where there is one that outlives the process. */
  readonly home?: string | undefined;
  stop(): Promise<void>;
  /** Resolves with a reason if the server is gone for good. */
  readonly lost: Promise<string>;
}

export const SERVER_MAJOR_MIN = 15;

/** `18` of `18.4 (Debian 18.4-1)`. */
export const majorOf = (serverVersion: string): number => Number(/^\d+/.exec(serverVersion)?.[0] ?? 0);

/** Opens a session only to look at it. @throws UNAVAILABLE, UNAUTHORIZED, DATABASE_NOT_FOUND … */
export function probe(target: ServerTarget, database: string): Promise<Session> {
  return openSession({
    target,
    database,
    settings: POOL_SETTINGS,
    schema: { schemaVersion: 0 },
    connectMsMax: LIMITS.connectMsMax,
  });
}

/**
 * A server that somebody else runs.
 * @throws STORE_UNSUPPORTED when it is older than PostgreSQL 15, and what `probe` throws.
 */
export async function accessExternal(
  location: StoreUri & { readonly kind: 'postgres' },
  observe: Observe,
): Promise<ServerAccess> {
  const { target, database } = location;
  const session = await probe(target, database);
  const serverVersion = session.reported.get('server_version') ?? '';
  const standby = session.isStandby;
  const isSuperuser = session.reported.get('is_superuser') === 'on';
  await session.close();
  const serverMajor = majorOf(serverVersion);
  if (serverMajor < SERVER_MAJOR_MIN) {
    throw new FacetError(
      'STORE_UNSUPPORTED',
      `The server runs PostgreSQL ${serverVersion}; Facet needs 15 or newer`,
    );
  }
  const what = standby ? 'a standby, read only' : `PostgreSQL ${serverVersion}`;
  observe({ type: 'postgres', event: 'ready', detail: `${what} at ${location.masked}` });
  return {
    gate: new Gate(),
    facts: { uri: location.masked, embedded: false, serverVersion, standby },
    serverMajor,
    targetOf: () => target,
    superuser: isSuperuser ? target : undefined,
    maintenance: { target, database },
    embedded: false,
    standby,
    databaseOf: (namespace) => {
      const name = namespace === DEFAULT_NAMESPACE ? database : `${database}_${namespace}`;
      if (Buffer.byteLength(name) <= 63) return name;
      throw new FacetError('NAMESPACE_INVALID', `The database name ${name} would be longer than 63 bytes`);
    },
    stop: async () => {},
    // Somebody else's server comes back when they bring it back: connections are simply tried again.
    lost: new Promise(() => {}),
  };
}
