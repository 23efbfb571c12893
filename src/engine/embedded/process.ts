/**
 * One run of the server process: begin, wait until it answers, stop.
 *
 * Node does not start PostgreSQL itself but a small shell that does. Its standard input is a pipe whose other end
 * only we hold: when we die, by SIGKILL too, it reads the end of the file, stops the server and removes the
 * temporary folders. The shell has its own session, so that Ctrl-C in the terminal reaches us and not the server,
 * which must outlive our last transaction.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Identity } from './identity.ts';
import { endServer } from './leftovers.ts';
import type { LogFile } from './log-file.ts';
import { PROGRAM_ENVIRONMENT } from './run-program.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ServerProcess {
  /** The postmaster. */
  readonly pid: number;
  /** Resolves when the server has ended, however that came. */
  readonly exited: Promise<Exit>;
  /** Fast shutdown, then by force. */
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly command: readonly string[];
  readonly identity: Identity;
  /** PostgreSQL's data directory: the server is started in it. */
  readonly directory: string;
  readonly socketDirectory: string;
  readonly port: number;
  /** Removed by the shell if we die. */
  readonly temporaryDirectories: readonly string[];
  readonly log: LogFile;
}

/**
 * Arguments: the number of folders to remove, those folders, the server's command.
 * The subshell waits for the end of the pipe. It tells the main shell by USR1, which from then on removes the
 * folders at the end; then it sees to it that the server does end. `wait` returns early when a signal comes in,
 * so it is repeated while the server lives.
 */
const SUPERVISOR = `
count=$1; shift
folders=
while [ "$count" -gt 0 ]; do folders="$folders '$1'"; shift; count=$((count - 1)); done
exec 3<&0 </dev/null
orphaned=
server=
trap 'orphaned=yes' USR1
trap '[ -z "$server" ] || kill -INT "$server"' HUP INT TERM
"$@" 3<&- &
server=$!
(
  trap '' HUP INT TERM
  read -r _ <&3
  kill -USR1 $$
  kill -INT "$server"
  tries=0
  while [ "$tries" -lt ${Math.ceil(LIMITS.embeddedStopMsMax / 1_000)} ] && kill -0 "$server"; do
    sleep 1; tries=$((tries + 1))
  done
  kill -QUIT "$server"
) 2>/dev/null &
watcher=$!
exec 3<&-
while wait "$server"; code=$?; kill -0 "$server" 2>/dev/null; do :; done
kill -KILL "$watcher" 2>/dev/null
if [ -n "$orphaned" ]; then eval "rm -rf $folders"; fi
exit "$code"
`;

/** Between looks while it starts, which takes some 25 ms without recovery. */
const POLL_MS = 5;
/** A backend that is only slow is asked again. */
const ANSWER_MS_MAX = 2_000;

/** Starts the server and resolves once it answers. @throws FacetError STORE_UNUSABLE with the last lines of the log */
export async function runServer(command: ServerCommand): Promise<ServerProcess> {
  const shell = startShell(command);
  let exit: Exit | undefined;
  const shellExited = new Promise<Exit>((resolve) => {
    shell.once('error', (error) => resolve({ code: null, signal: error.message }));
    shell.once('exit', (code, signal) => resolve(asServerExit(code, signal)));
  }).then((result) => {
    exit = result;
    return result;
  });
  // Writing to it is not done, but a pipe whose reader is gone would otherwise throw.
  shell.stdin?.on('error', () => {});

  const deadlineMs = monotonicMs() + LIMITS.embeddedStartMsMax;
  for (;;) {
    const { pid, ready } = await readStatus(command.directory);
    if (ready && pid !== undefined && (await answers(command))) {
      const stop = async (): Promise<void> => {
        // Once it has ended its pid may be anybody's.
        if (exit === undefined) await endServer(pid);
        await shellExited;
      };
      return { pid, exited: shellExited, stop };
    }
    if (exit !== undefined) throw await startFailure(command, describeExit(exit));
    if (monotonicMs() > deadlineMs) {
      shell.stdin?.end();
      if (pid !== undefined) await endServer(pid);
      await shellExited;
      throw await startFailure(command, `not ready after ${LIMITS.embeddedStartMsMax} ms`);
    }
    await sleep(POLL_MS);
  }
}

export const describeExit = ({ code, signal }: Exit): string =>
  signal === null ? `exit code ${code}` : `ended by ${signal}`;

function startShell({
  command,
  identity,
  directory,
  temporaryDirectories,
  log,
}: ServerCommand): ChildProcess {
  const folders = temporaryDirectories.map((path) => path.replaceAll("'", "'\\''"));
  return spawn(
    '/bin/sh',
    ['-c', SUPERVISOR, 'facet-postgres', String(folders.length), ...folders, ...command],
    {
      ...(identity.switchUser ? { uid: identity.user.uid, gid: identity.user.gid } : {}),
      cwd: directory,
      env: PROGRAM_ENVIRONMENT,
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
    },
  );
}

/** The shell reports a server that was killed by a signal as 128 and its number. */
function asServerExit(code: number | null, signal: NodeJS.Signals | null): Exit {
  const name = Object.entries(constants.signals).find(([, number]) => number + 128 === code)?.[0];
  return name === undefined ? { code, signal } : { code: null, signal: name };
}

async function startFailure({ log }: ServerCommand, reason: string): Promise<FacetError> {
  const lines = await log.tail(8);
  return new FacetError('STORE_UNUSABLE', `PostgreSQL does not start: ${reason}`, {
    detail: lines === '' ? 'It wrote nothing to its log.' : lines,
    hint: `The whole log: ${log.path}. "facet doctor" checks the usual causes.`,
  });
}

/** Line 1 of postmaster.pid is the pid, line 8 the status: `starting`, `ready`, `stopping`, `standby`. */
async function readStatus(directory: string): Promise<{ pid: number | undefined; ready: boolean }> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return { pid: pid > 0 ? pid : undefined, ready: lines[7]?.trim() === 'ready' };
}

/** True if a backend comes up: it answers the protocol's question for TLS with one letter, before any login. */
function answers({ socketDirectory, port }: ServerCommand): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(join(socketDirectory, `.s.PGSQL.${port}`));
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(ANSWER_MS_MAX, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    // SSLRequest: length 8, code 80877103 (PostgreSQL documentation, "Message Formats").
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    socket.once('data', () => finish(true));
  });
}
