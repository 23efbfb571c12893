/**
 * `GET /queue/{queue}/ws/{consumer}`: messages are pushed as they come, up to LIMITS.socketLeasesMax that the client has not
 * settled; it settles them by `{command: "ack" | "nack", message_id}`.
 *
 * However the connection ends, what was pushed and not settled goes back to its place in the queue at once, without
 * counting as a failure: nobody knows whether the client has looked at it. What the client had settled before is
 * settled first. Deliveries are given back by their receipts, so a message that somebody else has by then stays there.
 */
import { asFacetError, FacetError, LIMITS, nowMs } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import { queueAck, queueConsume, queueNack, queueRelease } from '../../../models/index.ts';
import {
  commandSession,
  decodeBody,
  INTERNAL_FAULT,
  type LiveSocket,
  POLICY_VIOLATION,
  type SocketHandler,
} from '../../http/index.ts';
import { json } from '../command.ts';
import { headersText, payloadText } from '../commands/index.ts';
import { errorText } from '../errors.ts';
import { Fields } from '../fields.ts';

/** A message under way. */
interface Held {
  readonly receipt: string;
  readonly leaseEndsAtMs: number;
}

export class QueueSocket implements SocketHandler {
  readonly #dispatch: Dispatch;
  readonly #session: Session;
  readonly #queue: string;
  readonly #consumerId: string;
  #socket: LiveSocket | undefined = undefined;
  /** Messages that were pushed and not settled, by id. */
  readonly #held = new Map<string, Held>();
  readonly #settling = new Set<Promise<void>>();
  #pushing: Promise<void> = Promise.resolve();
  #room: (() => void) | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(
    dispatch: Dispatch,
    session: Session,
    given: { readonly queue: string; readonly consumerId: string },
  ) {
    this.#dispatch = dispatch;
    this.#session = session;
    this.#queue = given.queue;
    this.#consumerId = given.consumerId;
  }

  /** Open ones of this process. */
  static #open = 0;

  /** @throws UNAVAILABLE when there are LIMITS.queueSocketsMax */
  static assertPlace(): void {
    if (QueueSocket.#open < LIMITS.queueSocketsMax) return;
    throw new FacetError(
      'UNAVAILABLE',
      `More than ${LIMITS.queueSocketsMax} sockets of queues are open (queueSocketsMax)`,
    );
  }

  opened(socket: LiveSocket): void {
    this.#socket = socket;
    QueueSocket.#open++;
    socket.send(json({ type: 'connected', queue: this.#queue, consumer_id: this.#consumerId }));
    this.#pushing = this.#push(socket).catch((thrown: unknown) => {
      const error = asFacetError(thrown);
      if (!socket.open) return;
      socket.send(`{"type":"error","error":${errorText(error)}}`);
      socket.close(error.kind === 'internal' ? INTERNAL_FAULT : POLICY_VIOLATION, error.code);
    });
  }

  /** Resolves when nothing is held any more; never rejects. */
  async closed(): Promise<void> {
    if (this.#socket === undefined) return;
    this.#socket = undefined;
    QueueSocket.#open--;
    clearTimeout(this.#timer);
    this.#room?.();
    // A consume under way may still bring something.
    await Promise.all([this.#pushing, ...this.#settling]);
    await this.#giveBack();
  }

  message(bytes: Buffer): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    const settling = this.#settle(bytes, socket).finally(() => {
      this.#settling.delete(settling);
      if (this.#settling.size * 2 < LIMITS.socketMessagesWaitingMax) this.#readOn(socket);
    });
    this.#settling.add(settling);
    if (this.#settling.size >= LIMITS.socketMessagesWaitingMax) socket.pause();
  }

  /** A client that does not read what it is told is not listened to: each wrong message is answered. */
  #readOn(socket: LiveSocket): void {
    if (!socket.full) {
      socket.resume();
      return;
    }
    socket.pause();
    socket.onDrain(() => socket.resume());
  }

  async #push(socket: LiveSocket): Promise<void> {
    while (socket.open) {
      this.#dropEnded();
      const free = LIMITS.socketLeasesMax - this.#held.size;
      if (free <= 0 || socket.full) {
        await new Promise<void>((resolve) => {
          this.#room = resolve;
          if (socket.full) socket.onDrain(resolve);
          else this.#wakeAtLeaseEnd(resolve);
        });
        clearTimeout(this.#timer);
        continue;
      }
      const { messages } = await this.#dispatch.call(
        queueConsume,
        {
          queue: this.#queue,
          consumerId: this.#consumerId,
          autoCreate: true,
          timeoutMs: LIMITS.queueWaitMsMax,
          countMax: Math.min(free, LIMITS.queueTakeMax),
        },
        this.#session,
      );
      for (const message of messages) {
        const { receipt, leaseEndsAtMs } = message;
        this.#held.set(message.messageId, { receipt, leaseEndsAtMs });
        socket.send(
          `{"type":"message","message_id":${json(message.messageId)},"payload":${payloadText(message)},` +
            `"message":${message.messageJson ?? 'null'},"priority":${message.priority},` +
            `"retry_count":${message.retryCount},"created_at":${Math.floor(message.deliveredAtMs / 1_000)},` +
            `"headers":${headersText(message)},"receipt":${json(receipt)}}`,
        );
      }
    }
  }

  /** Never rejects. What is settled is not answered; what cannot be is. */
  async #settle(bytes: Buffer, socket: LiveSocket): Promise<void> {
    let messageId: string | null = null;
    try {
      const fields = Fields.of(decodeBody(bytes), 'The message');
      const command = fields.optionalWord(['ack', 'nack'], 'command') ?? unknownCommand();
      messageId = fields.string('message_id');
      // By its receipt, where we know it: the message may be somebody else's by now.
      const delivery = this.#held.get(messageId)?.receipt ?? messageId;
      const input = { queue: this.#queue, messageId: delivery, consumerId: this.#consumerId };
      const session = commandSession(this.#session, this.#session.requestId, bytes.length);
      if (command === 'ack') await this.#dispatch.call(queueAck, input, session);
      else {
        const requeue = fields.optionalBoolean('requeue') ?? true;
        await this.#dispatch.call(queueNack, { ...input, requeue }, session);
      }
      this.#release(messageId);
    } catch (thrown) {
      const error = asFacetError(thrown);
      // Its lease has ended: it is nobody's, or somebody else's.
      if (error.code === 'MESSAGE_NOT_FOUND' && messageId !== null) this.#release(messageId);
      socket.send(`{"type":"error","message_id":${json(messageId)},"error":${errorText(error)}}`);
    }
  }

  /** Never rejects: what cannot be given back comes back when its lease ends. */
  async #giveBack(): Promise<void> {
    this.#dropEnded();
    const receipts = [...this.#held.values()].map(({ receipt }) => receipt);
    this.#held.clear();
    if (receipts.length === 0) return;
    // The session's own signal has ended with the connection.
    const session = {
      ...this.#session,
      signal: AbortSignal.timeout(LIMITS.queueReleaseMsMax),
      partial: true,
    };
    await this.#dispatch.call(queueRelease, { queue: this.#queue, receipts }, session).catch(() => undefined);
  }

  /** Those whose lease has ended are not ours any more: a client that settles nothing would else get nothing. */
  #dropEnded(): void {
    const now = nowMs();
    for (const [messageId, { leaseEndsAtMs }] of this.#held) {
      if (leaseEndsAtMs <= now) this.#held.delete(messageId);
    }
  }

  #wakeAtLeaseEnd(resolve: () => void): void {
    const first = Math.min(...[...this.#held.values()].map(({ leaseEndsAtMs }) => leaseEndsAtMs));
    this.#timer = setTimeout(resolve, Math.max(first - nowMs(), 0) + 1);
    this.#timer.unref();
  }

  #release(messageId: string): void {
    this.#held.delete(messageId);
    this.#room?.();
  }
}

function unknownCommand(): never {
  throw new FacetError('MISSING_PARAMETER', "'command' is required");
}
