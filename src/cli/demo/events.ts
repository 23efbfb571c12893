/** Publishes departures to a room while a subscriber follows it over a WebSocket, and counts what the subscriber gets. */
import { WebSocket } from 'ws';
import { LIMITS, monotonicMs, parseExactJson } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { type JsonObject, numberOf, objectOf, textOf } from '../json-parts.ts';
import { inBatches, type Tell } from './batches.ts';
import type { Work } from './work.ts';

export const ROOM = 'demo-departures';

export interface Followed {
  readonly publishedMs: number;
  /** From the first event that was published until the last one has arrived. */
  readonly deliveredMs: number;
  readonly events: number;
  /** Whether each event came once and in the order of its offset. */
  readonly inOrder: boolean;
  /** The first ones, as they came. */
  readonly first: readonly JsonObject[];
}

const SHOWN = 3;

/** Makes the room anew. @throws ServerError */
export async function followEvents(
  client: ServerClient,
  routes: readonly Work[],
  tell: Tell,
): Promise<Followed> {
  await client.command('stream.get_or_create', { room: ROOM });
  await client.command('stream.delete', { room: ROOM });
  const departures = Array.from({ length: LIMITS.demoEvents }, (_, number) => {
    const { from, to } = routes[number % routes.length] ?? { from: null, to: null };
    const payload = { room: ROOM, event_type: 'departed', data: { flight: number, from, to } };
    return { command: 'stream.publish', payload };
  });
  const tail = new Tail(client, departures.length);
  try {
    await tail.subscribed;
    const startedMs = monotonicMs();
    await inBatches(
      departures,
      LIMITS.demoCommandsPerBatch,
      async (batch) => {
        await client.commands(batch);
      },
      (sent) => tell('events', sent, departures.length),
    );
    const publishedMs = monotonicMs() - startedMs;
    await tail.complete;
    const deliveredMs = monotonicMs() - startedMs;
    return { publishedMs, deliveredMs, events: tail.events, inOrder: tail.inOrder, first: tail.first };
  } finally {
    tail.close();
  }
}

/** A subscriber of its own connection. */
class Tail {
  /** Rejects when the subscription is refused or the connection does not come about. */
  readonly subscribed: Promise<void>;
  /** Resolves when the last event has come. */
  readonly complete: Promise<void>;
  events = 0;
  inOrder = true;
  readonly first: JsonObject[] = [];
  readonly #socket: WebSocket;
  readonly #total: number;
  #onSubscribed = (): void => {};
  #onComplete = (): void => {};
  #onFailure: ((error: Error) => void)[] = [];
  #patience: NodeJS.Timeout | undefined = undefined;

  constructor(client: ServerClient, total: number) {
    this.#total = total;
    this.subscribed = new Promise((resolve, reject) => {
      this.#onSubscribed = resolve;
      this.#onFailure.push(reject);
    });
    this.complete = new Promise((resolve, reject) => {
      this.#onComplete = resolve;
      this.#onFailure.push(reject);
    });
    // Whoever waits for one of them is told; the other one must not end the process.
    this.subscribed.catch(() => undefined);
    this.complete.catch(() => undefined);
    const url = new URL('api/v1/ws', client.url);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocket(url, { headers: client.socketHeaders, perMessageDeflate: false });
    this.#socket.on('open', () => {
      this.#socket.send(JSON.stringify({ command: 'stream.subscribe', payload: { room: ROOM } }));
    });
    this.#socket.on('message', (bytes: Buffer) => this.#take(objectOf(parseExactJson(bytes.toString()))));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('The connection of the subscriber was closed')));
    this.#wait();
  }

  close(): void {
    clearTimeout(this.#patience);
    this.#socket.terminate();
  }

  #take(message: JsonObject): void {
    this.#wait();
    if (message.type === 'event') {
      if (this.first.length < SHOWN) this.first.push(message);
      if (numberOf(message.offset) !== this.events) this.inOrder = false;
      this.events++;
      if (this.events >= this.#total) this.#onComplete();
    } else if (message.success === true) this.#onSubscribed();
    else this.#fail(new Error(textOf(objectOf(message.error).message) ?? 'The subscription was refused'));
  }

  /** Starts to wait for the next message. */
  #wait(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(
      () => this.#fail(new Error(`The subscriber got nothing for ${LIMITS.demoPatienceMs} ms`)),
      LIMITS.demoPatienceMs,
    );
  }

  #fail(error: Error): void {
    clearTimeout(this.#patience);
    for (const reject of this.#onFailure) reject(error);
  }
}
