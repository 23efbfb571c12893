/**
 * Front door of the embedded launcher: PostgreSQL from npm as a child of this process, on a data directory that is
 * ours alone. It survives what a laptop, a container and a careless operator do to it; the files beside this one
 * each take one of those.
 */

import { realpath } from 'node:fs/promises';
import type { Observe } from '../../base/index.ts';
import { FacetError, monotonicMs } from '../../base/index.ts';
import { prepareBinaries } from './binaries.ts';
import { Cleanup } from './cleanup.ts';
import { clusterDirectory, clusterNameOf, clusterOwner, prepareCluster, prepareHome } from './cluster.ts';
import { type Identity, resolveIdentity } from './identity.ts';
import { clearLeftovers } from './leftovers.ts';
import { lockHolder, takeLock } from './lock.ts';
import { openLog } from './log-file.ts';
import { placeCluster } from './placement.ts';
import type { PlatformPackage } from './platform-package.ts';
import { describeExit, type Exit, runServer, type ServerCommand, type ServerProcess } from './process.ts';
import { isTemporaryData, makeScratch, removeTree, sweepScratch } from './scratch.ts';
import { serverArguments } from './settings.ts';

export { type Finding, inspectEmbedded } from './inspect.ts';
export { makeFolder } from './make-folder.ts';
export { giveToOwnerOf } from './ownership.ts';

export interface EmbeddedServer {
  /** Folder of the Unix socket: the `host` of a PostgreSQL client. */
  readonly socketDirectory: string;
  readonly port: number;
  readonly superuser: 'postgres';
  /** The postmaster. */
  readonly pid: number;
  /** What was asked for, with its links resolved. PostgreSQL's own folder is `postgres` in it. */
  readonly dataDirectory: string;
  /** Such as `18.4`. */
  readonly serverVersion: string;
  /** Fast shutdown; a temporary data directory is deleted. Idempotent. */
  stop(): Promise<void>;
  /**
   * Resolves when PostgreSQL has ended, by `stop` or by itself. The directory is free then: `startEmbedded` with
   * `dataDirectory` of this server recovers it, a temporary one too. Do not call `stop` before that.
   */
  readonly exited: Promise<Exit>;
}

export interface EmbeddedOptions {
  /** Absent: a temporary directory, deleted at stop. */
  readonly dataDirectory?: string | undefined;
  /** False: no fsync, for data that may be lost when the machine stops. */
  readonly durable: boolean;
  readonly observe: Observe;
  /** Where the binaries come from. Default: the npm package of this platform. */
  readonly binaries?: PlatformPackage | undefined;
}

/** Part of the socket's name only: the folder is the server's own, so every server has PostgreSQL's usual one. */
const PORT = 5432;
/** `sun_path` holds 107 bytes on Linux, 103 on macOS; the socket's name and a slash take 14, `.lock` no more than is left. */
const SOCKET_FOLDER_BYTES_MAX = 88;
/** Tries, when an earlier server's processes go away only while the new one starts. */
const START_ATTEMPTS_MAX = 3;
const IN_THE_WAY = /pre-existing shared memory block|lock file "postmaster\.pid"/;

/**
 * Starts PostgreSQL on the data directory and resolves once it answers; makes the directory on first use and
 * recovers it after a crash.
 * @throws FacetError STORE_LOCKED (another Facet or PostgreSQL has it), STORE_UNUSABLE (the message says why)
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const cleanup = new Cleanup(options.observe);
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.run();
    if (error instanceof FacetError) throw error;
    throw new FacetError('STORE_UNUSABLE', 'The embedded PostgreSQL cannot be started', {
      detail: error instanceof Error ? error.message : String(error),
      hint: '"facet doctor" checks the usual causes.',
      cause: error,
    });
  }
}

async function start(options: EmbeddedOptions, cleanup: Cleanup): Promise<EmbeddedServer> {
  const { durable, observe } = options;
  const startedMs = monotonicMs();
  await sweepScratch(async (folder) => {
    await clearLeftovers(clusterDirectory(folder), clusterNameOf(folder));
  });
  const { home, identity, temporary, keep } = await findHome(options, cleanup);
  observe({ type: 'postgres', event: 'starting', detail: home });
  const lock = await takeLock(home, ({ pid, host }) => {
    const detail = `watching for some seconds whether process ${pid} on ${host} still uses ${home}`;
    observe({ type: 'postgres', event: 'recovering', detail });
  });
  cleanup.add(() => lock.release());

  const directory = clusterDirectory(home);
  const clusterName = clusterNameOf(home);
  for (const step of await clearLeftovers(directory, clusterName)) {
    observe({ type: 'postgres', event: 'recovering', detail: step });
  }
  const binaries = await prepareBinaries(identity, options.binaries);
  cleanup.add(binaries.dispose);
  await prepareCluster(home, binaries, identity, durable);
  const place = await placeCluster(directory, identity.user);
  const socket = await makeScratch('socket', identity, {
    owner: 'server',
    pathBytesMax: SOCKET_FOLDER_BYTES_MAX,
  });
  cleanup.add(socket.remove);
  const log = await openLog(home);
  cleanup.add(() => log.close());

  const reach = { reference: place.reference, socketDirectory: socket.directory, port: PORT, clusterName };
  const server = await runWithRetries({
    command: [...identity.serverPrefix, binaries.postgres, ...serverArguments(reach)],
    identity,
    directory,
    socketDirectory: socket.directory,
    port: PORT,
    temporaryDirectories: [socket.directory, ...(temporary ? [home] : [])],
    log,
    clearLeftovers: () => clearLeftovers(directory, clusterName),
  });
  // From here on the data of a temporary store are deleted by `stop` only: after a crash they are recovered.
  keep();

  const facts = [
    `PostgreSQL ${binaries.version} in ${home}`,
    `as ${identity.user.name}`,
    `pid ${server.pid}`,
    `${Math.round(monotonicMs() - startedMs)} ms`,
    `binaries ${binaries.note}`,
    ...(place.blockedBy === undefined ? [] : [`reached past the private folder ${place.blockedBy}`]),
  ];
  observe({ type: 'postgres', event: 'ready', detail: facts.join(', ') });

  let stopping: Promise<void> | undefined;
  const exited = server.exited.then(async (exit) => {
    try {
      if (stopping === undefined) {
        const lines = await log.tail(5);
        observe({ type: 'postgres', event: 'exited', detail: `${describeExit(exit)}\n${lines}`.trimEnd() });
        // It may be the shell alone that was killed: the server must not go on without it.
        await clearLeftovers(directory, clusterName);
      }
    } catch (error) {
      observe({ type: 'warning', message: 'Cleaning up after PostgreSQL failed', detail: error });
    }
    await cleanup.run();
    return exit;
  });
  const stop = async (): Promise<void> => {
    observe({ type: 'postgres', event: 'stopping', detail: home });
    await server.stop();
    await exited;
    // After a crash another server may already have recovered the directory.
    if (temporary && (await lockHolder(home))?.state !== 'alive') await removeTree(home);
    observe({ type: 'postgres', event: 'stopped', detail: home });
  };
  return {
    socketDirectory: socket.directory,
    port: PORT,
    superuser: 'postgres',
    pid: server.pid,
    dataDirectory: home,
    serverVersion: binaries.version,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    exited,
  };
}

/** The data directory and who runs PostgreSQL on it. `keep` ends the temporary one's deletion on a failed start. */
async function findHome(
  { dataDirectory }: EmbeddedOptions,
  cleanup: Cleanup,
): Promise<{ home: string; identity: Identity; temporary: boolean; keep: () => void }> {
  if (dataDirectory !== undefined) {
    const home = await prepareHome(dataDirectory);
    const identity = await resolveIdentity(await clusterOwner(home));
    return { home, identity, temporary: await isTemporaryData(home), keep: () => {} };
  }
  const identity = await resolveIdentity(undefined);
  const scratch = await makeScratch('data', identity, { owner: 'server' });
  let kept = false;
  cleanup.add(async () => {
    if (!kept) await scratch.remove();
  });
  const keep = (): void => {
    kept = true;
  };
  return { home: await realpath(scratch.directory), identity, temporary: true, keep };
}

async function runWithRetries(
  command: ServerCommand & { readonly clearLeftovers: () => Promise<unknown> },
): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runServer(command);
    } catch (error) {
      const passing = error instanceof FacetError && IN_THE_WAY.test(error.detail ?? '');
      if (!passing || attempt === START_ATTEMPTS_MAX) throw error;
      await command.clearLeftovers();
    }
  }
}
