/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH. Commands of a client that has an open MULTI are kept in this process, bounded, and run by
 * EXEC in one transaction of PostgreSQL. WATCH notes a mark of each key; EXEC looks again inside a repeatable-read
 * transaction and runs nothing when one has changed. A write of another client to what EXEC writes, too, after that
 * look makes PostgreSQL refuse the transaction, which is answered in the same way.
 *
 * A client may send all of it in a row over a WebSocket without looking at the answers (HTTP requests are not in order
 * until they are answered). So whatever goes wrong on the way, EXEC runs all or
 * nothing: when a MULTI was ended or refused, writes that carry its `client_id` are refused and not run at once; when a command
 * could not be kept, EXEC runs none; when a WATCH was ended or refused, EXEC aborts.
 */
import { asFacetError, FacetError, type Json, LIMITS, parseExactJson } from '../../base/index.ts';
import { type Dispatch, inTransaction, type Session } from '../../dispatch/index.ts';
import { kvFlushdb, kvVersions } from '../../models/index.ts';
import type { Command, SynapSettings } from './command.ts';
import { checkCommand } from './dry-run.ts';
import { Fields, jsonText } from './fields.ts';
import { type Client, type ClientId, clientOf, type Ended, MultiClients } from './multi-clients.ts';
import { noneTookEffect, placed } from './placed.ts';

export class Multi {
  readonly #dispatch: Dispatch;
  readonly #settings: SynapSettings;
  readonly #clients = new MultiClients();

  constructor(dispatch: Dispatch, settings: SynapSettings) {
    this.#dispatch = dispatch;
    this.#settings = settings;
  }

  /**
   * Keeps a command for EXEC. Undefined when it does not wait for one, because it only reads or the client has not
   * begun. Its place is taken at once, its role and payload are looked at until the promise resolves.
   * @throws LIMIT_EXCEEDED, INVALID_TRANSACTION_STATE; by rejecting, what the command would be refused with by itself
   */
  keep(command: Command, clientId: string, payload: Json, session: Session): Promise<void> | undefined {
    if (!changes(command)) return undefined;
    const id = clientOf(clientId, session);
    const client = this.#clients.find(id);
    if (client?.queued === undefined) {
      const how = this.#clients.endOf(id);
      if (how === 'silent' || how === 'refused') throw endedError(how);
      return undefined;
    }
    const { queued, refusal } = client;
    if (refusal !== undefined) throw refusedBefore(refusal);
    try {
      if (queued.length >= LIMITS.synapMultiCommandsMax) {
        throw new FacetError(
          'LIMIT_EXCEEDED',
          `A transaction holds at most ${LIMITS.synapMultiCommandsMax} commands (synapMultiCommandsMax)`,
        );
      }
      const payloadText = jsonText(payload);
      this.#clients.charge(id, payloadText);
      queued.push({ command, payloadText });
    } catch (thrown) {
      throw this.#refuse(id, client, queued.length, command, thrown);
    }
    return this.#check(id, client, command, payload, session);
  }

  async #check(
    id: ClientId,
    client: Client,
    command: Command,
    payload: Json,
    session: Session,
  ): Promise<void> {
    const at = (client.queued ?? []).length - 1;
    const call = { dispatch: this.#dispatch, settings: this.#settings, payload, session, mayWait: false };
    try {
      await checkCommand(command, call);
    } catch (thrown) {
      throw this.#refuse(id, client, at, command, thrown);
    }
  }

  /** The transaction cannot be run whole any more, so it is not kept. */
  #refuse(id: ClientId, client: Client, at: number, command: Command, thrown: unknown): FacetError {
    const error = asFacetError(thrown);
    client.refusal ??= placed(error, placeOf(at, command));
    // EXEC may have taken it meanwhile, and another one may have begun.
    if (this.#clients.find(id) === client) {
      client.queued = [];
      client.watched.clear();
      this.#clients.release(id);
    }
    return error;
  }

  /** JSON text of the payload of the answer. @throws FacetError */
  async control(name: string, clientId: string, payload: Json, session: Session): Promise<string> {
    const id = clientOf(clientId, session);
    switch (name) {
      case 'transaction.multi':
        return this.#multi(id);
      case 'transaction.discard':
        return this.#discard(id);
      case 'transaction.watch':
        return await this.#watch(id, payload, session);
      case 'transaction.unwatch':
        return this.#unwatch(id);
      default:
        return await this.#exec(id, session);
    }
  }

  #multi(id: ClientId): string {
    if (this.#clients.find(id)?.queued !== undefined) {
      throw new FacetError('INVALID_TRANSACTION_STATE', 'Transaction already in progress');
    }
    try {
      this.#clients.open(id).queued = [];
    } catch (thrown) {
      this.#clients.end(id, 'refused');
      throw thrown;
    }
    return message('Transaction started');
  }

  #discard(id: ClientId): string {
    const how = this.#clients.endOf(id);
    if (how === 'silent' || how === 'refused') this.#clients.close(id);
    else this.#takeOpen(id);
    return message('Transaction discarded');
  }

  async #watch(id: ClientId, payload: Json, session: Session): Promise<string> {
    if (this.#clients.find(id)?.queued !== undefined) {
      throw new FacetError('INVALID_TRANSACTION_STATE', 'WATCH comes before MULTI');
    }
    try {
      const keys = Fields.of(payload).strings('keys');
      assertWatched(keys.length);
      const { versions } = await this.#dispatch.call(kvVersions, { keys }, { ...session, partial: true });
      const { watched } = this.#clients.open(id);
      for (const [at, key] of keys.entries()) {
        // The first look counts: a change between two looks is a change.
        if (watched.has(key)) continue;
        this.#clients.charge(id, key);
        watched.set(key, versions[at] ?? null);
      }
      assertWatched(watched.size);
    } catch (thrown) {
      const client = this.#clients.find(id);
      if (client === undefined) this.#clients.end(id, 'watch');
      else client.watchLost = true;
      throw thrown;
    }
    return message('Keys watched');
  }

  #unwatch(id: ClientId): string {
    const client = this.#clients.find(id);
    if (client?.queued === undefined) {
      if (client !== undefined || this.#clients.endOf(id) === 'watch') this.#clients.close(id);
    } else {
      // What the keys take is given back with the rest.
      client.watched.clear();
      client.watchLost = false;
    }
    return message('Keys unwatched');
  }

  async #exec(id: ClientId, session: Session): Promise<string> {
    const { queued = [], watched, watchLost, refusal } = this.#takeOpen(id);
    if (refusal !== undefined) throw refusedBefore(refusal);
    if (watchLost) return ABORTED;
    const dispatch = this.#dispatch;
    const isolation = watched.size > 0 ? 'repeatable_read' : 'read_committed';
    try {
      return await inTransaction(dispatch, session, isolation, async (inside) => {
        if (await this.#changed(watched, inside)) return ABORTED;
        const results: string[] = [];
        for (const [at, { command, payloadText }] of queued.entries()) {
          const payload = parseExactJson(payloadText);
          const call = { dispatch, settings: this.#settings, payload, session: inside, mayWait: false };
          try {
            results.push(await command.run(call));
          } catch (thrown) {
            throw placed(asFacetError(thrown), `${placeOf(at, command)}${noneTookEffect(session)}`);
          }
        }
        return `{"success":true,"results":[${results.join(',')}]}`;
      });
    } catch (thrown) {
      const error = asFacetError(thrown);
      if (watched.size > 0 && error.kind === 'retry') return ABORTED;
      throw error;
    }
  }

  async #changed(watched: ReadonlyMap<string, string | null>, inside: Session): Promise<boolean> {
    if (watched.size === 0) return false;
    const { versions } = await this.#dispatch.call(
      kvVersions,
      { keys: [...watched.keys()] },
      { ...inside, partial: true },
    );
    return [...watched.values()].some((mark, at) => mark !== (versions[at] ?? null));
  }

  /** @throws NO_ACTIVE_TRANSACTION; INVALID_TRANSACTION_STATE once, when it ended and the client has not been told */
  #takeOpen(id: ClientId): Client {
    const client = this.#clients.find(id);
    if (client?.queued !== undefined) {
      this.#clients.close(id);
      return client;
    }
    const how = this.#clients.endOf(id);
    if (how === 'silent' || how === 'refused') {
      this.#clients.close(id);
      throw endedError(how);
    }
    throw new FacetError('NO_ACTIVE_TRANSACTION', 'No transaction in progress');
  }
}

/** Deleting every key is for admins, and a write nevertheless. */
const changes = ({ operation }: Command): boolean =>
  operation.access === 'write' || operation.name === kvFlushdb.name;

const placeOf = (at: number, { names }: Command): string =>
  `command ${at} (${names[0]}) of the transaction, counted from 0`;

function assertWatched(keys: number): void {
  if (keys <= LIMITS.synapMultiCommandsMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `A client watches at most ${LIMITS.synapMultiCommandsMax} keys (synapMultiCommandsMax)`,
  );
}

const AGAIN = { hint: 'Begin again with transaction.multi, or end it with transaction.discard.' };

const endedError = (how: Exclude<Ended, 'watch'>): FacetError =>
  new FacetError(
    'INVALID_TRANSACTION_STATE',
    how === 'silent'
      ? `The transaction was ended after ${LIMITS.synapMultiIdleMsMax / 1_000} s without a command; nothing of it was run`
      : 'The transaction could not begin; nothing of it was run',
    AGAIN,
  );

const refusedBefore = ({ message: why, detail = '' }: FacetError): FacetError =>
  new FacetError('INVALID_TRANSACTION_STATE', 'Nothing of the transaction is run: a command was refused', {
    detail: `${detail}: ${why}`,
    ...AGAIN,
  });

const ABORTED = '{"aborted":true,"message":"Transaction aborted: watched keys changed"}';

const message = (text: string): string => JSON.stringify({ success: true, message: text });

/** The names that `control` answers to. */
export const TRANSACTION_COMMANDS: ReadonlySet<string> = new Set(
  ['multi', 'exec', 'discard', 'watch', 'unwatch'].map((verb) => `transaction.${verb}`),
);
