/** The PostgreSQL of a run: one embedded server on a temporary directory, for ours and for the peer alike. */
import { ignoreObservations } from '../src/base/index.ts';
import { startEmbedded } from '../src/engine/embedded/index.ts';
import { type Core, moveToCore } from './pin.ts';

export interface BenchPostgres {
  /** Store URI for Facet. */
  readonly uri: string;
  /** Connection settings for bare `pg` clients: the same server, role and database. */
  readonly client: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  readonly version: string;
  /** The postmaster. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/**
 * Without fsync: the disk is the same for both sides and would hide what is measured. Everything else is as the
 * embedded server has it.
 */
export async function startBenchPostgres(): Promise<BenchPostgres> {
  return await start(false);
}

/** With fsync, as users have it, on a core of its own: for what is compared with others that write to disk. */
export async function startDurablePostgres(core: Core): Promise<BenchPostgres> {
  return await start(true, core);
}

async function start(durable: boolean, core?: Core): Promise<BenchPostgres> {
  const server = await startEmbedded({ durable, observe: ignoreObservations });
  if (core !== undefined) moveToCore(server.pid, core);
  const { socketDirectory: host, port, superuser: user } = server;
  return {
    uri: `postgres://${user}@/postgres?host=${encodeURIComponent(host)}&port=${port}`,
    client: { host, port, user, database: 'postgres' },
    version: server.serverVersion,
    pid: server.pid,
    stop: () => server.stop(),
  };
}
