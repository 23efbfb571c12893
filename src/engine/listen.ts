/**
 * The session of a namespace that listens to notifications of PostgreSQL, for all channels and listeners of this
 * process. Opened for the first listener; closed when there has been none for LIMITS.listenLingerMs.
 *
 * What is sent while the session is lost is lost with it: PostgreSQL keeps notifications only for those who listen. So
 * every listener is told `gap` once its channel is listened to, at first and again after each loss, and looks for
 * itself. A loss is noticed at once when PostgreSQL or the network say so, and by a heartbeat when nobody does, at the
 * latest LIMITS.listenHeartbeatMs and LIMITS.listenAnswerMsMax later. Then it is opened again: at once, and while that
 * fails after pauses that grow to LIMITS.listenRetryMsMax, each of a random length so that many processes do not come
 * at the same moment.
 */
import { FacetError, LIMITS, type Observe, randomFraction } from '../base/index.ts';
import { command } from './command.ts';
import type { ChannelListener, Subscription } from './contract.ts';
import type { Gate } from './gate.ts';
import { quoteIdentifier } from './identifiers.ts';
import type { OwnBackends } from './own-backends.ts';
import type { Notification, Session } from './session.ts';

export interface ChannelSessionParts {
  readonly open: () => Promise<Session>;
  readonly gate: Gate;
  readonly own: OwnBackends;
  readonly observe: Observe;
  /** Other times than those of LIMITS. */
  readonly times?: ChannelSessionTimes | undefined;
}

export interface ChannelSessionTimes {
  readonly heartbeatMs: number;
  readonly answerMsMax: number;
  readonly lingerMs: number;
}

interface Channel {
  readonly name: string;
  readonly listeners: Set<ChannelListener>;
  /** PostgreSQL has confirmed LISTEN on the present session. */
  listening: boolean;
}

const TIMES: ChannelSessionTimes = {
  heartbeatMs: LIMITS.listenHeartbeatMs,
  answerMsMax: LIMITS.listenAnswerMsMax,
  lingerMs: LIMITS.listenLingerMs,
};

/** The pause after the first failed attempt; it doubles from there. */
const RETRY_MS_FIRST = 100;

export class ChannelSession {
  readonly #parts: ChannelSessionParts;
  readonly #times: ChannelSessionTimes;
  readonly #channels = new Map<string, Channel>();
  #session: Session | undefined = undefined;
  #opening: Promise<void> | undefined = undefined;
  /** Attempts since it last listened. */
  #attempts = 0;
  /** The trouble has been told of. */
  #warned = false;
  #retry: NodeJS.Timeout | undefined = undefined;
  #heartbeat: NodeJS.Timeout | undefined = undefined;
  #linger: NodeJS.Timeout | undefined = undefined;
  #stopped = false;

  constructor(parts: ChannelSessionParts) {
    this.#parts = parts;
    this.#times = parts.times ?? TIMES;
  }

  /** @throws UNAVAILABLE once stopped */
  listen(name: string, listener: ChannelListener): Subscription {
    if (this.#stopped) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    clearTimeout(this.#linger);
    // An object of its own for each call: the same listener may listen twice.
    const entry: ChannelListener = {
      notified: (payload, own) => listener.notified(payload, own),
      gap: () => listener.gap(),
    };
    const channel = this.#channels.get(name) ?? this.#add(name);
    channel.listeners.add(entry);
    if (channel.listening) {
      queueMicrotask(() => {
        if (channel.listeners.has(entry)) this.#tell(channel, () => entry.gap());
      });
    }
    return { close: () => this.#leave(channel, entry) };
  }

  /** Nothing is called afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#channels.clear();
    clearTimeout(this.#retry);
    clearTimeout(this.#linger);
    clearTimeout(this.#heartbeat);
    await this.#opening;
    await this.#session?.close();
  }

  #add(name: string): Channel {
    const channel: Channel = { name, listeners: new Set(), listening: false };
    this.#channels.set(name, channel);
    if (this.#session !== undefined) void this.#subscribe(this.#session, [channel]);
    else if (this.#opening === undefined && this.#retry === undefined) this.#connect();
    return channel;
  }

  #leave(channel: Channel, entry: ChannelListener): void {
    if (!channel.listeners.delete(entry) || channel.listeners.size > 0) return;
    if (this.#channels.get(channel.name) !== channel) return;
    this.#channels.delete(channel.name);
    const session = this.#session;
    if (session === undefined) return;
    const sql = `UNLISTEN ${quoteIdentifier(channel.name)}`;
    command(session, sql).catch((error) => this.#giveUp(session, error));
    this.#lingerUnused();
  }

  #lingerUnused(): void {
    if (this.#channels.size > 0) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => {
      if (this.#channels.size === 0) void this.#session?.close();
    }, this.#times.lingerMs).unref();
  }

  #connect(): void {
    this.#attempts++;
    const opening = this.#connectOnce().finally(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
  }

  /** Never rejects. */
  async #connectOnce(): Promise<void> {
    let session: Session;
    try {
      this.#parts.gate.check();
      session = await this.#parts.open();
    } catch (error) {
      this.#warn(error);
      this.#retryLater();
      return;
    }
    if (this.#stopped || session.closed) {
      await session.close();
      this.#retryLater();
      return;
    }
    this.#session = session;
    session.onNotification = (notification) => this.#notified(notification);
    session.onClosed = () => this.#lost();
    this.#beat(session);
    void this.#subscribe(session, [...this.#channels.values()]);
    this.#lingerUnused();
  }

  /** Listens, then tells the listeners that they may have missed something. Never rejects. */
  async #subscribe(session: Session, channels: readonly Channel[]): Promise<void> {
    if (channels.length === 0) return;
    try {
      // Queued behind an UNLISTEN of the same channel, if there is one.
      await command(session, channels.map(({ name }) => `LISTEN ${quoteIdentifier(name)}`).join('; '));
    } catch (error) {
      this.#giveUp(session, error);
      return;
    }
    if (session !== this.#session || session.closed) return;
    this.#attempts = 0;
    this.#warned = false;
    for (const channel of channels) {
      channel.listening = true;
      for (const listener of [...channel.listeners]) {
        if (channel.listeners.has(listener)) this.#tell(channel, () => listener.gap());
      }
    }
  }

  #notified({ channel: name, payload, processId }: Notification): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    const own = this.#parts.own.has(processId);
    for (const listener of channel.listeners) this.#tell(channel, () => listener.notified(payload, own));
  }

  #tell({ name }: Channel, call: () => void): void {
    if (this.#stopped) return;
    try {
      call();
    } catch (detail) {
      this.#parts.observe({ type: 'warning', message: `A listener to ${name} failed`, detail });
    }
  }

  #beat(session: Session): void {
    this.#heartbeat = setTimeout(() => {
      const late = new FacetError('UNAVAILABLE', `No answer in ${this.#times.answerMsMax} ms`);
      const deadline = setTimeout(() => this.#giveUp(session, late), this.#times.answerMsMax).unref();
      command(session, 'SELECT 1').then(
        () => {
          clearTimeout(deadline);
          if (session === this.#session) this.#beat(session);
        },
        (error) => {
          clearTimeout(deadline);
          this.#giveUp(session, error);
        },
      );
    }, this.#times.heartbeatMs).unref();
  }

  #giveUp(session: Session, error: unknown): void {
    if (session.closed) return;
    this.#warn(error);
    session.abandon(new FacetError('UNAVAILABLE', 'The session that listens was given up', { cause: error }));
  }

  #lost(): void {
    clearTimeout(this.#heartbeat);
    this.#session = undefined;
    for (const channel of this.#channels.values()) channel.listening = false;
    if (this.#attempts > 0) this.#retryLater();
    else if (!this.#stopped && this.#channels.size > 0) this.#connect();
  }

  #retryLater(): void {
    if (this.#stopped || this.#channels.size === 0) return;
    const pauseMs = Math.min(LIMITS.listenRetryMsMax, RETRY_MS_FIRST * 2 ** Math.min(this.#attempts - 1, 16));
    clearTimeout(this.#retry);
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        this.#connect();
      },
      pauseMs * (0.5 + randomFraction() / 2),
    ).unref();
  }

  #warn(detail: unknown): void {
    if (this.#warned || this.#stopped) return;
    this.#warned = true;
    this.#parts.observe({ type: 'warning', message: 'Notifications cannot be followed', detail });
  }
}
