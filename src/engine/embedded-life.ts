/**
 * The embedded server over the life of a store: starts it, and starts it again when it dies. While it is down the gate is closed; pools and lanes connect anew by themselves once it is open.
 */
import { asFacetError, nowMs, type Observe } from '../base/index.ts';
import type { StoreFacts } from './contract.ts';
import { type EmbeddedServer, startEmbedded } from './embedded/index.ts';
import { Gate } from './gate.ts';
import { majorOf, type ServerAccess } from './server-access.ts';
import { USER_ROLE } from './session-settings.ts';
import { DEFAULT_NAMESPACE, type ServerTarget, type StoreUri } from './store-location.ts';

const MAINTENANCE = 'postgres';

/** Pauses before the tries to start it again. A server that dies more often within the window has a real problem. */
const RESTART_PAUSES_MS = [0, 200, 1_000, 3_000, 10_000];
/** Over which deaths are counted. */
const RESTART_WINDOW_MS = 60_000;

type EmbeddedLocation = StoreUri & { readonly kind: 'memory' | 'file' };

export async function startEmbeddedLife(location: EmbeddedLocation, observe: Observe): Promise<EmbeddedLife> {
  const durable = location.kind === 'file';
  const dataDirectory = location.kind === 'file' ? location.directory : undefined;
  return new EmbeddedLife(location, await startEmbedded({ dataDirectory, durable, observe }), observe);
}

export class EmbeddedLife implements ServerAccess {
  readonly gate = new Gate();
  readonly embedded = true;
  readonly standby = false;
  readonly serverMajor: number;
  readonly lost: Promise<string>;
  readonly #location: EmbeddedLocation;
  readonly #observe: Observe;
  #server: EmbeddedServer;
  #giveUp: (reason: string) => void = () => {};
  #stopping: Promise<void> | undefined = undefined;
  #restarting: Promise<void> | undefined = undefined;
  #deathsMs: number[] = [];

  constructor(location: EmbeddedLocation, server: EmbeddedServer, observe: Observe) {
    this.#location = location;
    this.#observe = observe;
    this.#server = server;
    this.serverMajor = majorOf(server.serverVersion);
    this.lost = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    this.#watch(server);
  }

  get facts(): StoreFacts {
    return {
      uri: this.#location.masked,
      embedded: true,
      dataDirectory: this.#server.dataDirectory,
      serverVersion: this.#server.serverVersion,
      postmasterPid: this.#server.pid,
    };
  }

  /** Each namespace has a role of its own, named like its database, so that none can touch or watch another. */
  targetOf(namespace: string): ServerTarget {
    return loginAs(this.#server, this.databaseOf(namespace));
  }

  get superuser(): ServerTarget {
    return loginAs(this.#server, this.#server.superuser);
  }

  get maintenance(): { readonly target: ServerTarget; readonly database: string } {
    return { target: this.superuser, database: MAINTENANCE };
  }

  get home(): string | undefined {
    return this.#location.kind === 'file' ? this.#server.dataDirectory : undefined;
  }

  databaseOf(namespace: string): string {
    return namespace === DEFAULT_NAMESPACE ? USER_ROLE : `ns_${namespace}`;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  async #stopOnce(): Promise<void> {
    this.gate.close('The store is stopping');
    await this.#restarting;
    await this.#server.stop();
  }

  #watch(server: EmbeddedServer): void {
    void server.exited.then(({ code, signal }) => {
      if (this.#stopping !== undefined) return;
      this.gate.close('PostgreSQL has ended and is being started again');
      const reason = signal === null ? `exit code ${code}` : `signal ${signal}`;
      this.#restarting = this.#restart(server, reason).finally(() => {
        this.#restarting = undefined;
      });
    });
  }

  async #restart(dead: EmbeddedServer, reason: string): Promise<void> {
    const sinceMs = nowMs() - RESTART_WINDOW_MS;
    this.#deathsMs = [...this.#deathsMs.filter((atMs) => atMs > sinceMs), nowMs()];
    let failure = reason;
    // Deaths of late have used up some of the tries: one that dies right after each start is not started for ever.
    for (const pauseMs of RESTART_PAUSES_MS.slice(this.#deathsMs.length - 1)) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (this.#stopping !== undefined) return;
      try {
        this.#server = await startEmbedded({
          dataDirectory: dead.dataDirectory,
          durable: this.#location.kind === 'file',
          observe: this.#observe,
        });
        this.#watch(this.#server);
        this.gate.open();
        return;
      } catch (error) {
        failure = asFacetError(error).message;
        this.#observe({
          type: 'warning',
          message: `PostgreSQL did not start again: ${failure}`,
          detail: error,
        });
      }
    }
    this.gate.close(`PostgreSQL has ended and could not be started again: ${failure}`);
    this.#giveUp(`PostgreSQL has ended and could not be started again: ${failure}`);
  }
}

const loginAs = (server: EmbeddedServer, user: string): ServerTarget => ({
  hosts: [{ host: server.socketDirectory, port: server.port }],
  user,
  tls: { first: false },
});
