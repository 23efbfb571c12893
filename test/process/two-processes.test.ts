/**
 * Two Facet processes on one PostgreSQL: keys, messages, events and topics of one are those of the other, who waits at
 * one is woken by the other, and when one of them is killed the other goes on.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ignoreObservations } from '../../src/base/index.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/engine/embedded/index.ts';
import { type FacetServer, startFacet } from '../support/facet-process.ts';
import type { Leaves } from '../support/leaves.ts';

const PATIENCE_MS = 20_000;
/** As long as a consumer is given to begin its wait. */
const SETTLE_MS = 300;

let postgres: EmbeddedServer;
let one: FacetServer;
let two: FacetServer;

const start = (): Promise<FacetServer> => {
  const host = encodeURIComponent(postgres.socketDirectory);
  const store = `postgres://postgres@/postgres?host=${host}&port=${postgres.port}`;
  return startFacet(['--store', store, '--rate-limit-enabled', 'false']);
};

beforeAll(async () => {
  postgres = await startEmbedded({ durable: true, observe: ignoreObservations });
  // Together: both find an empty database, and one of them prepares it.
  [one, two] = await Promise.all([start(), start()]);
}, 120_000);
afterAll(async () => {
  await one?.stop();
  await two?.stop();
  await postgres?.stop();
}, 60_000);

async function ok(server: FacetServer, command: string, payload: object = {}): Promise<Leaves> {
  const response = await fetch(`${server.url}/api/v1/command`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ command, payload }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${command}: ${response.status} ${text}`);
  return (JSON.parse(text) as { payload: Leaves }).payload;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A socket that gathers what it is sent. */
class Listener {
  readonly messages: Leaves[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString())));
    socket.on('error', () => {});
  }

  /** Resolves when the server has said that it is connected. */
  static async open(server: FacetServer, path: string): Promise<Listener> {
    const listener = new Listener(
      new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { perMessageDeflate: false }),
    );
    await listener.until(() => listener.messages.some(({ type }) => type === 'connected'));
    listener.messages.length = 0;
    return listener;
  }

  async until(good: () => boolean): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!good()) {
      if (performance.now() > end) throw new Error(`it did not come: ${JSON.stringify(this.messages)}`);
      await pause(20);
    }
  }

  close(): void {
    this.#socket.terminate();
  }
}

describe('two processes', () => {
  test('have the same keys', async () => {
    await ok(one, 'kv.set', { key: 'shared', value: { from: 'one' } });
    expect((await ok(two, 'kv.get', { key: 'shared' })).value).toStrictEqual({ from: 'one' });
    await ok(two, 'hash.set', { key: 'h', field: 'f', value: 'v' });
    expect((await ok(one, 'key.type', { key: 'h' })).type).toBe('hash');
    expect((await ok(one, 'kv.set', { key: 'brief', value: 1, ttl: 1 })).success).toBe(true);
    const adds = Array.from({ length: 100 }, (_, n) => ok(n % 2 === 0 ? one : two, 'kv.incr', { key: 'n' }));
    const values = (await Promise.all(adds)).map(({ value }) => value);
    expect(values.toSorted((a, b) => a - b)).toStrictEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    await pause(1_100);
    expect((await ok(two, 'kv.get', { key: 'brief' })).found).toBe(false);
  });

  test('have the same queues, and a consumer who waits at one is woken by the other', async () => {
    await ok(one, 'queue.create', { queue: 'jobs' });
    for (const [waits, publishes] of [
      [one, two],
      [two, one],
    ] as const) {
      const waiting = ok(waits, 'queue.consume', { queue: 'jobs', timeout: 60 });
      await pause(SETTLE_MS);
      const { message_id: id } = await ok(publishes, 'queue.publish', { queue: 'jobs', message: 'work' });
      expect(await waiting).toMatchObject({ message_id: id, message: 'work' });
      expect((await ok(publishes, 'queue.ack', { queue: 'jobs', message_id: id })).success).toBe(true);
    }
    expect(await ok(two, 'queue.stats', { queue: 'jobs' })).toMatchObject({ acked_total: 2, depth: 0 });
  });

  test('hand out each message once between them', async () => {
    await ok(one, 'queue.create', { queue: 'many' });
    for (let n = 0; n < 100; n++) {
      await ok(n % 2 === 0 ? one : two, 'queue.publish', { queue: 'many', message: n });
    }
    const got: number[] = [];
    const consume = async (server: FacetServer): Promise<void> => {
      for (;;) {
        const { message } = await ok(server, 'queue.consume', { queue: 'many' });
        if (message === null) return;
        got.push(message);
      }
    };
    await Promise.all([consume(one), consume(two), consume(one), consume(two)]);
    expect(got.toSorted((a, b) => a - b)).toStrictEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test('have the same rooms, and one who follows at one sees what is published at both, in one order', async () => {
    await ok(one, 'stream.create', { room: 'news' });
    const listeners = [
      await Listener.open(one, '/stream/news/ws/a'),
      await Listener.open(two, '/stream/news/ws/b'),
    ];
    const published = Array.from({ length: 60 }, (_, n) =>
      ok(n % 2 === 0 ? one : two, 'stream.publish', { room: 'news', event_type: 'n', data: n }),
    );
    const offsets = (await Promise.all(published)).map(({ offset }) => offset);
    expect(offsets.toSorted((a, b) => a - b)).toStrictEqual(Array.from({ length: 60 }, (_, n) => n));
    for (const listener of listeners) {
      await listener.until(() => listener.messages.length >= 60);
      expect(listener.messages.map(({ offset }) => offset)).toStrictEqual(
        Array.from({ length: 60 }, (_, n) => n),
      );
      for (const { offset, data } of listener.messages) expect(offsets[data]).toBe(offset);
      listener.close();
    }
  });

  test('have the same topics: a message of any size reaches subscribers of both, and they are counted', async () => {
    const listeners = [
      await Listener.open(one, '/pubsub/ws?topics=sport.*'),
      await Listener.open(two, '/pubsub/ws?topics=sport.%23'),
    ];
    const large = 'x'.repeat(100_000);
    const seenByBoth = async (): Promise<void> => {
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const answer = await ok(one, 'pubsub.publish', { topic: 'sport.chess', message: 'small' });
        if (answer.subscribers_notified === 2) return;
        // How many the other process has comes to this one a moment after they subscribed.
        if (performance.now() > end) throw new Error(`only ${answer.subscribers_notified} subscribers`);
        await pause(50);
      }
    };
    await seenByBoth();
    await ok(two, 'pubsub.publish', { topic: 'sport.chess', message: large });
    for (const listener of listeners) {
      await listener.until(() => listener.messages.some(({ payload }) => payload === large));
      expect(listener.messages.filter(({ payload }) => payload === large)).toHaveLength(1);
      expect(listener.messages[0]).toMatchObject({ type: 'message', topic: 'sport.chess', payload: 'small' });
      listener.close();
    }
  });

  test('when one is killed, the other goes on, and a new one joins', async () => {
    await ok(one, 'queue.create', { queue: 'heirs', config: { ack_deadline_secs: 5 } });
    await ok(one, 'queue.publish', { queue: 'heirs', message: 'inherited' });
    await ok(one, 'kv.set', { key: 'last', value: 'words' });
    const listener = await Listener.open(two, '/stream/news/ws/b?from_offset=60');
    const topics = await Listener.open(two, '/pubsub/ws?topics=news');
    // Leased through the one that dies: the lease ends for the other.
    expect((await ok(one, 'queue.consume', { queue: 'heirs' })).message).toBe('inherited');
    const waiting = ok(two, 'queue.consume', { queue: 'heirs', timeout: 60 });
    one.kill('SIGKILL');
    await one.exited;
    const inherited = await waiting;
    expect(inherited).toMatchObject({ message: 'inherited', retry_count: 1 });
    await ok(two, 'queue.ack', { queue: 'heirs', message_id: inherited.message_id });
    expect((await ok(two, 'kv.get', { key: 'last' })).value).toBe('words');
    await ok(two, 'stream.publish', { room: 'news', event_type: 'n', data: 60 });

    one = await start();
    await ok(one, 'stream.publish', { room: 'news', event_type: 'n', data: 61 });
    await listener.until(() => listener.messages.length >= 2);
    expect(listener.messages.map(({ offset, data }) => [offset, data])).toStrictEqual([
      [60, 60],
      [61, 61],
    ]);
    await ok(one, 'pubsub.publish', { topic: 'news', message: 'back' });
    await topics.until(() => topics.messages.some(({ payload }) => payload === 'back'));
    const next = ok(two, 'queue.consume', { queue: 'heirs', timeout: 60 });
    await pause(SETTLE_MS);
    await ok(one, 'queue.publish', { queue: 'heirs', message: 'new' });
    expect((await next).message).toBe('new');
    listener.close();
    topics.close();
  });
});
