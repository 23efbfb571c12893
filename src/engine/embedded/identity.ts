/**
 * As whom PostgreSQL runs. It refuses to run as root, so root hands it to an unprivileged user; anyone else runs it
 * as themselves. Two odd places are cured with a user namespace of `unshare` (util-linux): a root that may not
 * change its uid (some sandboxes), and a uid without an entry in /etc/passwd, which initdb insists on looking up.
 */
import { readFile } from 'node:fs/promises';
import { FacetError } from '../../base/index.ts';
import { runProgram } from './run-program.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
  /** For messages. */
  readonly name: string;
}

export interface Identity {
  /** Who owns the files and runs the server, as seen from here. */
  readonly user: User;
  /** Set when the child must change to `user`: root only. */
  readonly switchUser: boolean;
  /** Words to put before the server's command, and before initdb's. */
  readonly serverPrefix: readonly string[];
  readonly initdbPrefix: readonly string[];
}

/** The uid of nobody wherever there is one, for machines whose /etc/passwd has none. */
const NOBODY_UID = 65_534;
/** For starting a shell that does nothing. */
const PROBE_MS_MAX = 5_000;

/**
 * The identity for a data directory whose cluster, if there is one, belongs to `clusterOwner`. Existing data keep
 * their owner, so that root and an ordinary user can take turns on one directory without a chown.
 * @throws FacetError STORE_UNUSABLE with a remedy when PostgreSQL cannot be run by anyone here.
 */
export async function resolveIdentity(clusterOwner: User | undefined): Promise<Identity> {
  if (process.platform === 'win32' || process.getuid === undefined || process.getgid === undefined) {
    throw new FacetError('STORE_UNUSABLE', 'The embedded PostgreSQL does not run on Windows', {
      hint: 'Run Facet in WSL, or name a PostgreSQL server by a postgres:// store.',
    });
  }
  const users = await readUsers();
  const uid = process.getuid();
  if (uid === 0) return await identityOfRoot(users, clusterOwner);
  const known = users.find((user) => user.uid === uid);
  const self = known ?? { uid, gid: process.getgid(), name: `uid ${uid}` };
  return {
    user: self,
    switchUser: false,
    serverPrefix: [],
    // On macOS users are not in /etc/passwd but in a directory service, so their absence there means nothing.
    initdbPrefix: known !== undefined || process.platform !== 'linux' ? [] : await namespaceFor(users, self),
  };
}

async function identityOfRoot(users: readonly User[], clusterOwner: User | undefined): Promise<Identity> {
  const existing = clusterOwner === undefined || clusterOwner.uid === 0 ? undefined : clusterOwner;
  const known = users.find(({ uid }) => uid === existing?.uid);
  const user = known ?? existing ?? unprivileged(users);
  const probe = await runProgram('/bin/sh', ['-c', ':'], {
    uid: user.uid,
    gid: user.gid,
    timeoutMs: PROBE_MS_MAX,
  });
  if (probe.exitCode === 0) return { user, switchUser: true, serverPrefix: [], initdbPrefix: [] };

  const prefix = unsharePrefix(unprivileged(users));
  if (await prefixWorks(prefix)) {
    const root: User = { uid: 0, gid: 0, name: 'root (in a user namespace)' };
    return { user: root, switchUser: false, serverPrefix: prefix, initdbPrefix: prefix };
  }
  throw new FacetError(
    'STORE_UNUSABLE',
    `PostgreSQL does not run as root, and root may not become ${user.name} here`,
    {
      detail: `Starting a program as uid ${user.uid} failed: ${probe.spawnError ?? probe.stderr.trim()}`,
      hint: 'Run Facet as an ordinary user, or allow it the capabilities SETUID and SETGID.',
    },
  );
}

/** For a uid that /etc/passwd does not know: a namespace in which it is one that is known, or nothing. */
async function namespaceFor(users: readonly User[], self: User): Promise<readonly string[]> {
  const prefix = unsharePrefix(unprivileged(users));
  if (await prefixWorks(prefix)) return prefix;
  // Without it initdb will fail; but an existing cluster starts, so this is no error yet (see cluster.ts).
  return self.uid === 0 ? prefix : [];
}

function unsharePrefix(inside: User): readonly string[] {
  return ['unshare', '--user', `--map-user=${inside.uid}`, `--map-group=${inside.gid}`, '--'];
}

async function prefixWorks(prefix: readonly string[]): Promise<boolean> {
  const [command = '', ...rest] = prefix;
  return (await runProgram(command, [...rest, 'true'], { timeoutMs: PROBE_MS_MAX })).exitCode === 0;
}

/** The machine's own `postgres` user if it has one: `nobody` may be shared with other programs. */
function unprivileged(users: readonly User[]): User {
  return (
    users.find((user) => user.name === 'postgres' && user.uid !== 0) ??
    users.find((user) => user.name === 'nobody' && user.uid > 0) ?? {
      uid: NOBODY_UID,
      gid: NOBODY_UID,
      name: `uid ${NOBODY_UID}`,
    }
  );
}

/** Name, uid and gid of every line of /etc/passwd; empty when the file is missing, as in the barest images. */
export async function readUsers(path = '/etc/passwd'): Promise<readonly User[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
