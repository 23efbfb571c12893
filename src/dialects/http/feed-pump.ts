/**
 * From a feed of a model to a socket: takes what came, writes it as frames, waits while the client reads slower. What
 * all subscribers of an event get is encoded once, and kept by the identity of the event as long as somebody has it.
 *
 * A slow client holds nothing up: its feed fills, the model ends it, and `ended` tells the client why.
 */
import { LIMITS, monotonicMs } from '../../base/index.ts';
import type { Feed } from '../../models/index.ts';
import { frameOf, type LiveSocket } from './live-socket.ts';

export type FeedEnd = NonNullable<Feed<unknown>['ended']>;

/**
 * Frames up to so many bytes go out as one chunk: copying them costs less than a vectored write, and subscribers that
 * take the same events at once share the copy.
 */
const JOINED_BYTES_MAX = 16 * 1024;

/** Frames by event; one encoder per shape of answer. */
export class FrameCache<T extends object> {
  readonly #frames = new WeakMap<T, Buffer>();
  readonly #encode: (item: T) => string;
  /** What was joined last. */
  #items: readonly T[] = [];
  #chunks: readonly Buffer[] = [];

  constructor(encode: (item: T) => string) {
    this.#encode = encode;
  }

  of(item: T): Buffer {
    let frame = this.#frames.get(item);
    if (frame === undefined) {
      frame = frameOf(this.#encode(item));
      this.#frames.set(item, frame);
    }
    return frame;
  }

  /** Their frames in order, in as few chunks as is worth while. The list must not change any more. */
  chunksOf(items: readonly T[]): readonly Buffer[] {
    if (items.length > 1 && areSame(items, this.#items)) return this.#chunks;
    const frames = items.map((item) => this.of(item));
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    if (frames.length < 2 || bytes > JOINED_BYTES_MAX) return frames;
    this.#items = items;
    this.#chunks = [Buffer.concat(frames, bytes)];
    return this.#chunks;
  }
}

function areSame(some: readonly object[], others: readonly object[]): boolean {
  return some.length === others.length && some.every((one, n) => one === others[n]);
}

/** Large ones must not all be on their way before the socket says that it is full. */
const EVENTS_PER_WRITE = 32;

/**
 * The longest pause after a round: what comes meanwhile is late by so much at most. 10 ms made 550,000 deliveries a
 * second, but where rounds are slow everything would wait twice as long.
 */
const PAUSE_MS_MAX = 5;

/**
 * Pumps that have something to write. All of them are flushed in one go, after everything that came with the first of
 * them has come, too: events that were committed together leave each socket in one system call, and the busier the
 * process, the more go together. Therefore also the pause: after a round that took long the next one waits as long, and
 * the process does something else. What comes meanwhile goes out together. With 1,000 subscribers and events as fast as
 * they are taken, this makes twice the deliveries (370,000 a second); with fewer events no round comes so soon.
 */
let round: { flush(): void }[] = [];
/** By the monotonic clock: when the pause ends. */
let pausedUntilMs = 0;
let flushing = false;

function inNextRound(pump: { flush(): void }): void {
  if (round.length === 0 && !flushing) planRound();
  round.push(pump);
}

function planRound(): void {
  const pauseMs = pausedUntilMs - monotonicMs();
  if (pauseMs < 1) setImmediate(flushRound);
  else setTimeout(flushRound, Math.floor(pauseMs));
}

function flushRound(): void {
  const pumps = round;
  round = [];
  flushing = true;
  const startedMs = monotonicMs();
  try {
    for (const pump of pumps) pump.flush();
  } finally {
    // A pump that throws does not end the rounds of the others.
    const endedMs = monotonicMs();
    flushing = false;
    pausedUntilMs = endedMs + Math.min(PAUSE_MS_MAX, endedMs - startedMs);
    // Who has not written everything.
    if (round.length > 0) planRound();
  }
}

export class FeedPump<T extends object> {
  readonly #feed: Feed<T>;
  readonly #socket: LiveSocket;
  readonly #frames: FrameCache<T>;
  readonly #ended: (end: FeedEnd) => void;
  #closed = false;

  constructor(feed: Feed<T>, socket: LiveSocket, frames: FrameCache<T>, ended: (end: FeedEnd) => void) {
    this.#feed = feed;
    this.#socket = socket;
    this.#frames = frames;
    this.#ended = ended;
  }

  start(): void {
    this.#feed.onReady(() => inNextRound(this));
  }

  close(): void {
    this.#closed = true;
    this.#feed.close();
  }

  /** Writes what there is. Called by the round. */
  flush(): void {
    if (this.#closed) return;
    if (this.#socket.full) {
      this.#endIfDropped();
      if (!this.#closed) this.#socket.onDrain(() => inNextRound(this));
      return;
    }
    for (let left = LIMITS.socketEventsAtOnce; left > 0 && !this.#socket.full; left -= EVENTS_PER_WRITE) {
      const items = this.#feed.take(EVENTS_PER_WRITE);
      if (items.length === 0) break;
      this.#socket.sendFrames(this.#frames.chunksOf(items));
    }
    if (this.#feed.waiting > 0) inNextRound(this);
    else this.#endIfDropped();
  }

  #endIfDropped(): void {
    const { ended } = this.#feed;
    if (ended === undefined || this.#feed.waiting > 0 || this.#closed) return;
    this.close();
    this.#ended(ended);
  }
}
