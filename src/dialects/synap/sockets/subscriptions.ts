/** What one connection of `GET /api/v1/ws` follows: rooms, each by a feed of its own, and topics by one feed. */
import { FacetError, type Json, LIMITS, roleAllows } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import {
  type PubsubMessage,
  pubsubSubscribe,
  pubsubUnsubscribe,
  type StreamEvent,
  streamSubscribe,
} from '../../../models/index.ts';
import { type FeedEnd, FeedPump, type LiveSocket } from '../../http/index.ts';
import { json } from '../command.ts';
import { fromOffset, topicsOf } from '../commands/index.ts';
import { errorText } from '../errors.ts';
import { Fields } from '../fields.ts';
import { eventFrames, messageFrames } from './frames.ts';

/** Commands that only make sense on a socket. */
export const SOCKET_COMMANDS: ReadonlySet<string> = new Set([
  'stream.subscribe',
  'stream.unsubscribe',
  'pubsub.subscribe',
  'pubsub.unsubscribe',
]);

export class Subscriptions {
  readonly #dispatch: Dispatch;
  readonly #socket: LiveSocket;
  readonly #rooms = new Map<string, FeedPump<StreamEvent>>();
  #topics: { readonly subscriberId: string; readonly pump: FeedPump<PubsubMessage> } | undefined = undefined;

  constructor(dispatch: Dispatch, socket: LiveSocket) {
    this.#dispatch = dispatch;
    this.#socket = socket;
  }

  /**
   * Runs one of SOCKET_COMMANDS. `answer` is called with the payload before the first event is written.
   * @throws FacetError
   */
  async run(
    command: string,
    payload: Json,
    session: Session,
    answer: (payload: string) => void,
  ): Promise<void> {
    const fields = Fields.of(payload);
    switch (command) {
      case 'stream.subscribe':
        return await this.#follow(fields, session, answer);
      case 'stream.unsubscribe':
        return this.#unfollow(fields, answer);
      case 'pubsub.subscribe':
        return await this.#subscribe(fields, session, answer);
      default:
        return await this.#unsubscribe(fields, session, answer);
    }
  }

  close(): void {
    for (const pump of this.#rooms.values()) pump.close();
    this.#rooms.clear();
    this.#topics?.pump.close();
    this.#topics = undefined;
  }

  async #follow(fields: Fields, session: Session, answer: (payload: string) => void): Promise<void> {
    const room = fields.string('room');
    if (this.#rooms.has(room)) {
      throw new FacetError(
        'INVALID_PARAMETER',
        `This connection follows room '${room.slice(0, 100)}' already`,
      );
    }
    if (this.#rooms.size >= LIMITS.socketSubscriptionsMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `A connection follows at most ${LIMITS.socketSubscriptionsMax} rooms (socketSubscriptionsMax)`,
      );
    }
    const { feed, fromOffset: first } = await this.#dispatch.call(
      streamSubscribe,
      {
        room,
        ...fromOffset(fields),
        replay: fields.flag('replay'),
        // Whoever may only read makes nothing.
        createRoom: session.principal !== undefined && roleAllows(session.principal.role, 'write'),
      },
      session,
    );
    if (!this.#socket.open) {
      feed.close();
      return;
    }
    const pump = new FeedPump(feed, this.#socket, eventFrames, (end) => {
      this.#rooms.delete(room);
      this.#socket.send(endText({ room }, end));
    });
    this.#rooms.set(room, pump);
    answer(json({ success: true, subscribed: true, room, from_offset: first }));
    pump.start();
  }

  #unfollow(fields: Fields, answer: (payload: string) => void): void {
    const room = fields.string('room');
    const pump = this.#rooms.get(room);
    pump?.close();
    this.#rooms.delete(room);
    answer(json({ success: pump !== undefined, unsubscribed: pump !== undefined, room }));
  }

  async #subscribe(fields: Fields, session: Session, answer: (payload: string) => void): Promise<void> {
    const asked = topicsOf(fields.strings('topics'));
    const known = this.#topics;
    const { feed, subscriberId, topics } = await this.#dispatch.call(
      pubsubSubscribe,
      { topics: [...asked], ...(known === undefined ? {} : { subscriberId: known.subscriberId }) },
      session,
    );
    if (!this.#socket.open) {
      feed.close();
      return;
    }
    answer(
      json({
        success: true,
        subscribed: true,
        subscriber_id: subscriberId,
        topics,
        subscription_count: topics.length,
      }),
    );
    if (known?.subscriberId === subscriberId) return;
    const pump = new FeedPump(feed, this.#socket, messageFrames, (end) => {
      this.#topics = undefined;
      this.#socket.send(endText({ topics }, end));
    });
    this.#topics = { subscriberId, pump };
    pump.start();
  }

  async #unsubscribe(fields: Fields, session: Session, answer: (payload: string) => void): Promise<void> {
    const known = this.#topics;
    if (known === undefined) {
      answer(json({ success: true, unsubscribed: 0 }));
      return;
    }
    const topics = fields.optionalStrings('topics');
    const { unsubscribed, remaining } = await this.#dispatch.call(
      pubsubUnsubscribe,
      { subscriberId: known.subscriberId, ...(topics === undefined ? {} : { topics }) },
      session,
    );
    if (remaining === 0) {
      known.pump.close();
      this.#topics = undefined;
    }
    answer(json({ success: true, unsubscribed }));
  }
}

/** Says that nothing more will come, why, and from where to go on. */
export const endText = (about: object, { reason, resumeOffset }: FeedEnd): string =>
  `{"type":"error",${json(about).slice(1, -1)},"error":${errorText(reason)},"resume_offset":${resumeOffset}}`;
