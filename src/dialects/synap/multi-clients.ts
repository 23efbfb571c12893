/**
 * What this process remembers of clients with an open MULTI or a WATCH: bounded, for each principal and overall, so that
 * nobody's commands are given up for those of somebody else. Beyond a bound new ones are refused.
 *
 * A client that was silent for too long is ended: what it held is freed, and only that it ended is remembered, for its
 * next commands must not pass for commands outside of a transaction. What commands mean is in multi.ts.
 */
import { FacetError, type Json, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import type { Command } from './command.ts';

/** A client, in the eyes of the server: who asks, where, and what it calls itself. */
export interface ClientId {
  readonly owner: string;
  readonly key: string;
}

export interface Client {
  /** Undefined: it watches, but has no MULTI. Payloads are texts: their size is known, unlike that of their values. */
  queued: { readonly command: Command; readonly payloadText: string }[] | undefined;
  /** Why EXEC will run nothing: a command that could not be kept. */
  refusal: FacetError | undefined;
  /** Marks by key. */
  readonly watched: Map<string, string | null>;
  /** Something that it watches, or meant to, has no mark. */
  watchLost: boolean;
}

/**
 * How a client ended that has not been told: its MULTI, by silence; its MULTI, which was refused; or it only watched.
 */
export type Ended = 'silent' | 'refused' | 'watch';

/** Of one principal, and overall. */
export interface Bounds {
  readonly clients: number;
  readonly bytes: number;
  readonly ended: number;
}

export interface MultiBounds {
  readonly ofOne: Bounds;
  readonly ofAll: Bounds;
  readonly idleMs: number;
}

const BOUNDS: MultiBounds = {
  ofOne: {
    clients: LIMITS.synapMultiClientsPerPrincipalMax,
    bytes: LIMITS.synapMultiBytesPerPrincipalMax,
    ended: LIMITS.synapMultiEndedPerPrincipalMax,
  },
  ofAll: {
    clients: LIMITS.synapMultiClientsMax,
    bytes: LIMITS.synapMultiBytesMax,
    ended: LIMITS.synapMultiEndedMax,
  },
  idleMs: LIMITS.synapMultiIdleMsMax,
};

/** Beside the text of a payload or a key: what keeping it costs. */
const ITEM_BYTES = 200;

interface Owner {
  clients: number;
  bytes: number;
  /** By key of the client, in the order in which they ended. */
  readonly ended: Map<string, Ended>;
}

interface Kept extends Client {
  readonly owner: string;
  bytes: number;
  usedAtMs: number;
}

export class MultiClients {
  readonly #bounds: MultiBounds;
  /** By key, in order of last use. */
  readonly #clients = new Map<string, Kept>();
  /** Only those who have something here. */
  readonly #owners = new Map<string, Owner>();
  #bytes = 0;
  #ended = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(bounds: MultiBounds = BOUNDS) {
    this.#bounds = bounds;
  }

  /** What there is now: clients, the bytes that they hold, and clients of which only their end is remembered. */
  get size(): Bounds {
    return { clients: this.#clients.size, bytes: this.#bytes, ended: this.#ended };
  }

  /** Undefined when it has neither MULTI nor WATCH, or was silent for too long. Being asked for is a sign of life. */
  find({ key }: ClientId): Client | undefined {
    const now = monotonicMs();
    this.#endSilent(now);
    const client = this.#clients.get(key);
    if (client === undefined) return undefined;
    client.usedAtMs = now;
    this.#clients.delete(key);
    this.#clients.set(key, client);
    return client;
  }

  /** How it ended, until it is opened or closed. */
  endOf({ owner, key }: ClientId): Ended | undefined {
    this.#endSilent(monotonicMs());
    return this.#owners.get(owner)?.ended.get(key);
  }

  /** Finds or makes it. @throws LIMIT_EXCEEDED */
  open(id: ClientId): Client {
    const known = this.find(id);
    if (known !== undefined) return known;
    const owner = this.#ownerOf(id.owner);
    if (owner.clients >= this.#bounds.ofOne.clients) {
      this.#dropIfEmpty(id.owner);
      throw tooMany('Your clients', this.#bounds.ofOne.clients, 'synapMultiClientsPerPrincipalMax');
    }
    if (this.#clients.size >= this.#bounds.ofAll.clients) {
      this.#dropIfEmpty(id.owner);
      throw tooMany('All clients', this.#bounds.ofAll.clients, 'synapMultiClientsMax');
    }
    const watchLost = owner.ended.get(id.key) === 'watch';
    this.#forgetEnd(id);
    const client: Kept = {
      queued: undefined,
      refusal: undefined,
      watched: new Map(),
      watchLost,
      owner: id.owner,
      bytes: 0,
      usedAtMs: monotonicMs(),
    };
    this.#ownerOf(id.owner).clients++;
    this.#clients.set(id.key, client);
    if (this.#timer === undefined) this.#onTimer();
    return client;
  }

  /** Counts a text that the client keeps from now on. @throws LIMIT_EXCEEDED, and nothing is counted */
  charge({ key }: ClientId, text: string): void {
    const client = this.#clients.get(key);
    if (client === undefined) return;
    const bytes = Buffer.byteLength(text) + ITEM_BYTES;
    const owner = this.#ownerOf(client.owner);
    if (owner.bytes + bytes > this.#bounds.ofOne.bytes) {
      throw tooLarge('Your clients', this.#bounds.ofOne.bytes, 'synapMultiBytesPerPrincipalMax');
    }
    if (this.#bytes + bytes > this.#bounds.ofAll.bytes) {
      throw tooLarge('All clients', this.#bounds.ofAll.bytes, 'synapMultiBytesMax');
    }
    this.#add(client, bytes);
  }

  /** The client keeps none of its texts any more. */
  release({ key }: ClientId): void {
    const client = this.#clients.get(key);
    if (client !== undefined) this.#add(client, -client.bytes);
  }

  /** Forgets it, and how it ended. */
  close(id: ClientId): void {
    this.#remove(id.key);
    this.#forgetEnd(id);
  }

  /** Remembers that it ended, until it is opened or closed. */
  end({ owner, key }: ClientId, how: Ended): void {
    this.#remove(key);
    const of = this.#ownerOf(owner);
    // The latest end counts, and one of a MULTI more than one of a WATCH.
    if (!of.ended.delete(key)) this.#ended++;
    of.ended.set(key, how);
    if (of.ended.size > this.#bounds.ofOne.ended) this.#forgetOldest(owner, 1);
    if (this.#ended > this.#bounds.ofAll.ended) this.#forgetOfLargest();
  }

  /** Frees what silent clients hold even when nobody else comes. */
  readonly #onTimer = (): void => {
    this.#endSilent(monotonicMs());
    this.#timer =
      this.#clients.size === 0 ? undefined : setTimeout(this.#onTimer, this.#bounds.idleMs).unref();
  };

  #endSilent(now: number): void {
    for (const [key, client] of this.#clients) {
      if (now - client.usedAtMs <= this.#bounds.idleMs) break;
      this.end({ owner: client.owner, key }, client.queued === undefined ? 'watch' : 'silent');
    }
  }

  #remove(key: string): void {
    const client = this.#clients.get(key);
    if (client === undefined) return;
    this.#add(client, -client.bytes);
    this.#clients.delete(key);
    this.#ownerOf(client.owner).clients--;
    this.#dropIfEmpty(client.owner);
  }

  #add(client: Kept, bytes: number): void {
    client.bytes += bytes;
    this.#bytes += bytes;
    this.#ownerOf(client.owner).bytes += bytes;
  }

  #forgetEnd({ owner, key }: ClientId): void {
    if (this.#owners.get(owner)?.ended.delete(key) === true) this.#ended--;
    this.#dropIfEmpty(owner);
  }

  #forgetOldest(name: string, count: number): void {
    const owner = this.#ownerOf(name);
    let left = count;
    for (const key of owner.ended.keys()) {
      if (left-- === 0) break;
      owner.ended.delete(key);
      this.#ended--;
    }
    this.#dropIfEmpty(name);
  }

  /** Whoever has most gives way; a tenth at once, so that the search is rare. */
  #forgetOfLargest(): void {
    let largest = '';
    let most = 0;
    for (const [name, { ended }] of this.#owners) {
      if (ended.size > most) [largest, most] = [name, ended.size];
    }
    this.#forgetOldest(largest, Math.ceil(most / 10));
  }

  #ownerOf(name: string): Owner {
    let owner = this.#owners.get(name);
    if (owner === undefined) {
      owner = { clients: 0, bytes: 0, ended: new Map() };
      this.#owners.set(name, owner);
    }
    return owner;
  }

  #dropIfEmpty(name: string): void {
    const owner = this.#owners.get(name);
    if (owner !== undefined && owner.clients === 0 && owner.ended.size === 0) this.#owners.delete(name);
  }
}

const HINT = 'End some with transaction.exec, transaction.discard or transaction.unwatch.';

const tooMany = (whose: string, most: number, limit: string): FacetError =>
  new FacetError('LIMIT_EXCEEDED', `${whose} have ${most} transactions and watches open (${limit})`, {
    hint: HINT,
  });

const tooLarge = (whose: string, most: number, limit: string): FacetError =>
  new FacetError('LIMIT_EXCEEDED', `${whose} keep more than ${most} bytes for transaction.exec (${limit})`, {
    hint: HINT,
  });

/**
 * The name in `client_id`; undefined without one.
 * @throws INVALID_PARAMETER: one that was passed over would make a queued write an immediate one
 */
export function clientIdIn(id: Json | undefined): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'string' && id.length <= LIMITS.synapClientIdCharactersMax) return id;
  throw new FacetError(
    'INVALID_PARAMETER',
    `'client_id' must be a string of at most ${LIMITS.synapClientIdCharactersMax} characters`,
  );
}

/** Who has no name is the same as others at that address. */
export function clientOf(clientId: string, { principal, namespace, address }: Session): ClientId {
  const name = principal?.name ?? '';
  const owner = name === '' ? `@${address}` : `=${name}`;
  return { owner, key: JSON.stringify([owner, namespace ?? '', clientId]) };
}
