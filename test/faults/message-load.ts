/**
 * Messages published, consumed, acked, nacked and left lying while servers die. Every delivery is written down with the
 * time of its request, so that one that came too early, or after the ack, is found.
 */
import { expect } from 'vitest';
import { eventually } from './server-under-fire.ts';
import { type Aim, mustAnswer, SynapCaller } from './synap-load.ts';

const QUEUE = 'work';
const PUBLISHERS = 2;
const CONSUMERS = 4;
/** Long enough for an answer on a busy machine, short enough that what was left lying comes back in the test. */
const LEASE_SECONDS = 3;
const LEASE_MS = LEASE_SECONDS * 1_000;
const ACKED_SHARE = 0.75;
const NACKED_SHARE = 0.15;
const DRAIN_MS = 60_000;

interface Delivery {
  /** Number of the message, as its publisher counted. */
  readonly number: number;
  /** When the consumer asked: its lease began no earlier. */
  readonly askedMs: number;
  readonly receivedMs: number;
  nackSent: boolean;
  ackSent: boolean;
  /** When the answer to the ack was read; undefined when there was none. */
  ackedMs: number | undefined;
}

const mayHaveEnded = ({ askedMs }: Delivery, atMs: number): boolean => atMs - askedMs >= LEASE_MS;

export class MessageLoad {
  readonly #aim: Aim;
  readonly #publishers = Array.from({ length: PUBLISHERS }, () => new SynapCaller());
  readonly #consumers = Array.from({ length: CONSUMERS }, () => new SynapCaller());
  readonly #published = new Set<number>();
  /** By id of the message, in the order in which they came. */
  readonly #deliveries = new Map<string, Delivery[]>();
  /** Answers that blame the consumer, though nothing was wrong with what it asked. */
  readonly #wrong: string[] = [];
  #attempted = 0;
  #settled = 0;
  #drained = false;

  constructor(aim: Aim) {
    this.#aim = aim;
  }

  get acknowledged(): number {
    return this.#published.size + this.#settled;
  }

  get refusals(): readonly string[] {
    const callers = [...this.#publishers, ...this.#consumers];
    // Expected after a lease; those that came too early are among the wrong ones.
    return callers
      .flatMap(({ refusals }) => [...refusals])
      .filter((refusal) => !refusal.startsWith('404 MESSAGE_NOT_FOUND'));
  }

  async prepare(asker: SynapCaller): Promise<void> {
    const config = { ack_deadline_secs: LEASE_SECONDS, default_max_retries: 1_000_000 };
    await mustAnswer(asker, this.#aim.port, 'queue.create', { queue: QUEUE, config });
  }

  async run(): Promise<void> {
    await Promise.all([
      ...this.#publishers.map((caller) => this.#publish(caller)),
      ...this.#consumers.map((caller, at) => this.#consume(caller, `consumer-${at}`)),
    ]);
  }

  async #publish(caller: SynapCaller): Promise<void> {
    while (!this.#aim.stopped) {
      const number = this.#attempted++;
      const payload = { queue: QUEUE, message: { number }, priority: number % 10 };
      if ((await caller.command(this.#aim.port, 'queue.publish', payload)) !== undefined) {
        this.#published.add(number);
      }
    }
    caller.close();
  }

  async #consume(caller: SynapCaller, consumer: string): Promise<void> {
    while (!this.#drained) {
      const askedMs = performance.now();
      const payload = { queue: QUEUE, consumer_id: consumer, timeout: 1 };
      const message = (await caller.command(this.#aim.port, 'queue.consume', payload))?.message;
      if (message === undefined || message === null) continue;
      const { number } = JSON.parse(Buffer.from(message.payload).toString('utf8'));
      const receivedMs = performance.now();
      const delivery = { number, askedMs, receivedMs, nackSent: false, ackSent: false, ackedMs: undefined };
      const before = this.#deliveries.get(message.id);
      if (before === undefined) this.#deliveries.set(message.id, [delivery]);
      else before.push(delivery);
      await this.#settle(caller, message.id, delivery);
    }
    caller.close();
  }

  async #settle(caller: SynapCaller, id: string, delivery: Delivery): Promise<void> {
    const lot = this.#aim.stopped ? 0 : Math.random();
    if (lot >= ACKED_SHARE + NACKED_SHARE) return;
    const acks = lot < ACKED_SHARE;
    if (acks) delivery.ackSent = true;
    else delivery.nackSent = true;
    const command = acks ? 'queue.ack' : 'queue.nack';
    const notFound = `404 MESSAGE_NOT_FOUND (${command})`;
    caller.refusals.delete(notFound);
    const payload = { queue: QUEUE, message_id: id };
    const answer = await caller.command(this.#aim.port, command, payload);
    if (answer !== undefined) {
      this.#settled++;
      if (acks) delivery.ackedMs = performance.now();
      return;
    }
    if (caller.refusals.has(notFound) && !mayHaveEnded(delivery, performance.now())) {
      this.#wrong.push(`${command} of ${id} within its lease: not found`);
    }
  }

  /** Holds at any moment of the load. */
  check(): void {
    const faults: string[] = [];
    for (const [id, deliveries] of this.#deliveries) {
      deliveries.forEach((delivery, at) => {
        const next = deliveries[at + 1];
        if (next === undefined) return;
        if (!delivery.nackSent && !mayHaveEnded(delivery, next.receivedMs)) {
          faults.push(`${id} came twice within one lease`);
        }
      });
      faults.push(...afterAck(id, deliveries));
    }
    expect(faults).toEqual([]);
    expect(this.#wrong).toEqual([]);
  }

  /** After the end of the load: what is left is drained, and everything is accounted for. */
  async checkDrained(asker: SynapCaller): Promise<string> {
    const { port } = this.#aim;
    const stats = await eventually(
      'an empty queue',
      DRAIN_MS,
      () => mustAnswer(asker, port, 'queue.stats', { queue: QUEUE }),
      ({ depth, in_flight }) => depth === 0 && in_flight === 0,
    );
    this.#drained = true;
    const seen = [...this.#deliveries.values()].map(([first]) => first?.number ?? -1);
    const numbers = new Set(seen);
    expect(numbers.size, 'a message is there twice').toBe(seen.length);
    expect([...this.#published].filter((number) => !numbers.has(number))).toEqual([]);
    expect(Math.max(...numbers)).toBeLessThan(this.#attempted);
    expect(stats).toMatchObject({
      dead_letters: 0,
      published_total: seen.length,
      acked_total: seen.length,
    });
    const unanswered = [...this.#deliveries].filter(([, all]) => !all.some(({ ackSent }) => ackSent));
    expect(unanswered, 'gone without an ack').toEqual([]);
    const deliveries = [...this.#deliveries.values()].reduce((sum, all) => sum + all.length, 0);
    return `${seen.length} messages in ${deliveries} deliveries`;
  }
}

/**
 * Deliveries that began after an acknowledged ack. One that was asked for before it may be an earlier claim of another
 * consumer, but only when the lease of the acked delivery can have ended by then.
 */
function afterAck(id: string, deliveries: readonly Delivery[]): string[] {
  const acked = deliveries.find(({ ackedMs }) => ackedMs !== undefined);
  const ackedMs = acked?.ackedMs;
  if (acked === undefined || ackedMs === undefined) return [];
  const later = deliveries.filter((delivery) => delivery !== acked && delivery.receivedMs > ackedMs);
  return later
    .filter(({ askedMs }) => askedMs > ackedMs || !mayHaveEnded(acked, ackedMs))
    .map(() => `${id} came again after its ack`);
}
