/**
 * Queues routes as work and lets workers drain them: each asks for a few messages, looks the airports up by their keys,
 * works out the distances, and says of each message that it is done or that it failed: three requests, so that the rate
 * of requests that a server allows by default is not what is measured. What goes wrong on the way is part of the show:
 * some first attempts fail, and routes to airports that have no key fail until they are dead letters.
 */
import { type Json, LIMITS, monotonicMs } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { type JsonObject, listOf, numberOf, objectOf, textOf } from '../json-parts.ts';
import { inBatches, type Tell } from './batches.ts';
import { airportKey } from './keys.ts';
import type { DemoData } from './load.ts';

export const QUEUE = 'demo-routes';

export const EARTH_RADIUS_KM = 6_371;

/** Attempts after the first one. */
const RETRIES_MAX = 2;
/** Of so many messages one fails at its first attempt. */
const STUMBLE_EVERY = 50;
/** Messages that a worker has at a time. */
const TAKEN_MAX = 25;
/** A worker waits so long for the first message before it looks whether all of them are done. */
const WAIT_SECONDS = 0.2;

export interface Work {
  readonly number: number;
  readonly from: string;
  readonly to: string;
}

export interface Drained {
  readonly publishedMs: number;
  readonly drainedMs: number;
  readonly deliveries: number;
  readonly acked: number;
  readonly nacked: number;
  readonly dead: readonly JsonObject[];
  readonly longest: { readonly work: Work; readonly km: number } | undefined;
}

/** Routes from all over the file; an airport without a code of its own goes by its number, which is no key. */
export function workOf({ airports, routes }: DemoData): readonly Work[] {
  const codes = new Map(airports.rows.map(([id, , , , iata]) => [id, iata]));
  const code = (id: string | null | undefined): string => codes.get(id ?? null) ?? `no-code-${id}`;
  const step = Math.max(1, Math.floor(routes.rows.length / LIMITS.demoWorkItems));
  return Array.from({ length: Math.min(LIMITS.demoWorkItems, routes.rows.length) }, (_, number) => {
    const [, from, to] = routes.rows[number * step] ?? [];
    return { number, from: code(from), to: code(to) };
  });
}

/** Makes the queue anew, fills it and drains it. @throws ServerError */
export async function drainWork(client: ServerClient, work: readonly Work[], tell: Tell): Promise<Drained> {
  await client.command('queue.delete', { queue: QUEUE });
  await client.command('queue.create', { queue: QUEUE, config: { max_retries: RETRIES_MAX } });
  const startedMs = monotonicMs();
  await inBatches(
    work,
    LIMITS.demoCommandsPerBatch,
    async (batch) => {
      await client.commands(
        batch.map((message) => ({
          command: 'queue.publish',
          payload: { queue: QUEUE, message: { ...message } },
        })),
      );
    },
    (sent) => tell('queued', sent, work.length),
  );
  const publishedMs = monotonicMs() - startedMs;
  const drain = new Drain(client, work.length, tell);
  const drainStartedMs = monotonicMs();
  await Promise.all(Array.from({ length: LIMITS.demoWorkers }, () => drain.work()));
  const drainedMs = monotonicMs() - drainStartedMs;
  const { messages } = await client.command('queue.dead_letters', { queue: QUEUE });
  const dead = listOf(messages).map(objectOf);
  return { publishedMs, drainedMs, ...drain.counts, dead, longest: drain.longest };
}

interface Taken {
  readonly messageId: string;
  readonly work: Work;
  readonly retryCount: number;
}

/** What the workers share: how much is done. */
class Drain {
  readonly counts = { deliveries: 0, acked: 0, nacked: 0 };
  longest: Drained['longest'] = undefined;
  readonly #client: ServerClient;
  readonly #total: number;
  readonly #tell: Tell;
  #ended = 0;
  #failed = false;
  #lastMessageMs = monotonicMs();

  constructor(client: ServerClient, total: number, tell: Tell) {
    this.#client = client;
    this.#total = total;
    this.#tell = tell;
  }

  /** One worker: until all messages are done or dead, or another worker failed. */
  async work(): Promise<void> {
    try {
      while (this.#ended < this.#total && !this.#failed) await this.#next();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  /** Takes a few messages, does their work and answers them. */
  async #next(): Promise<void> {
    const taken = await this.#take();
    if (taken.length === 0) {
      if (monotonicMs() - this.#lastMessageMs < LIMITS.demoPatienceMs) return;
      throw new Error(`No message came for ${LIMITS.demoPatienceMs} ms. Does somebody else read '${QUEUE}'?`);
    }
    this.#lastMessageMs = monotonicMs();
    this.counts.deliveries += taken.length;
    const distances = await this.#distances(taken.map(({ work }) => work));
    const answers = taken.map(({ messageId, work, retryCount }, at) => {
      const km = work.number % STUMBLE_EVERY === 0 && retryCount === 0 ? undefined : distances[at];
      if (km !== undefined && km > (this.longest?.km ?? 0)) this.longest = { work, km };
      const about = { queue: QUEUE, message_id: messageId };
      if (km !== undefined) return { command: 'queue.ack', payload: about };
      return { command: 'queue.nack', payload: { ...about, requeue: true } };
    });
    for (const [at, { action }] of (await this.#client.commands(answers)).entries()) {
      if (answers[at]?.command === 'queue.ack') this.counts.acked++;
      else this.counts.nacked++;
      if (action !== 'requeued') this.#end();
    }
  }

  async #take(): Promise<Taken[]> {
    const asked = Array.from({ length: TAKEN_MAX }, (_, at) => ({
      command: 'queue.consume',
      payload: { queue: QUEUE, timeout: at === 0 ? WAIT_SECONDS : 0 },
    }));
    const answers = await this.#client.commands(asked);
    return answers.flatMap(({ message_id, message, retry_count }) => {
      const messageId = textOf(message_id);
      if (messageId === undefined) return [];
      return [{ messageId, work: workIn(message), retryCount: numberOf(retry_count) ?? 0 }];
    });
  }

  /** Kilometres for each; undefined when one of the two airports has no key. */
  async #distances(works: readonly Work[]): Promise<(number | undefined)[]> {
    const keys = works.flatMap(({ from, to }) => [airportKey(from), airportKey(to)]);
    const { values } = await this.#client.command('kv.mget', { keys });
    const places = listOf(values).map(place);
    return works.map((_, at) => {
      const [start, end] = [places[at * 2], places[at * 2 + 1]];
      return start === undefined || end === undefined ? undefined : greatCircleKm(start, end);
    });
  }

  #end(): void {
    this.#ended++;
    this.#tell('drained', this.#ended, this.#total);
  }
}

function workIn(message: Json | undefined): Work {
  const { number, from, to } = objectOf(message);
  return { number: numberOf(number) ?? 0, from: textOf(from) ?? '', to: textOf(to) ?? '' };
}

interface Place {
  readonly lat: number;
  readonly lon: number;
}

function place(value: Json): Place | undefined {
  const { latitude, longitude } = objectOf(value);
  const [lat, lon] = [numberOf(latitude), numberOf(longitude)];
  return lat === undefined || lon === undefined ? undefined : { lat, lon };
}

/** On a sphere, as the SQL of the demo does it. */
function greatCircleKm(one: Place, other: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (degrees: number): number => Math.sin(radians(degrees) / 2) ** 2;
  const across = Math.cos(radians(one.lat)) * Math.cos(radians(other.lat));
  return (
    2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(half(other.lat - one.lat) + across * half(other.lon - one.lon)))
  );
}
