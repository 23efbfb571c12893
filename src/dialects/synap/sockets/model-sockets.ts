/** Sockets of one model each: a room, topics, keys, a queue. They push, and take little or nothing from the client. */
import { asFacetError, FacetError } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import * as models from '../../../models/index.ts';
import {
  FeedPump,
  INTERNAL_FAULT,
  type LiveSocket,
  POLICY_VIOLATION,
  type SocketHandler,
  type SocketRoute,
} from '../../http/index.ts';
import { json } from '../command.ts';
import { topicsOf } from '../commands/index.ts';
import { errorText } from '../errors.ts';
import { Fields } from '../fields.ts';
import { channelOf, keyFrames, roomFrames, topicFrames } from './frames.ts';
import { QueueSocket } from './queue-socket.ts';
import { endText } from './subscriptions.ts';

/** Opens something that ends with the connection, and says what went wrong before it closes. */
abstract class PushSocket implements SocketHandler {
  #close: (() => void) | undefined = undefined;
  #gone = false;

  opened(socket: LiveSocket): void {
    this.start(socket).then(
      (close) => {
        if (this.#gone) close();
        else this.#close = close;
      },
      (thrown: unknown) => closeWith(socket, asFacetError(thrown)),
    );
  }

  message(): void {
    // Unknown messages are passed over: there is nothing that a client could say here.
  }

  closed(): void {
    this.#gone = true;
    this.#close?.();
  }

  protected abstract start(socket: LiveSocket): Promise<() => void>;
}

/** Says what went wrong, and closes. */
export function closeWith(socket: LiveSocket, error: FacetError): void {
  socket.send(`{"type":"error","error":${errorText(error)}}`);
  socket.close(error.kind === 'internal' ? INTERNAL_FAULT : POLICY_VIOLATION, error.code);
}

class RoomSocket extends PushSocket {
  readonly #dispatch: Dispatch;
  readonly #session: Session;
  readonly #room: string;
  readonly #subscriber: string;
  readonly #fromOffset: number | null;

  constructor(
    dispatch: Dispatch,
    session: Session,
    given: { readonly room: string; readonly subscriber: string; readonly fromOffset: number | null },
  ) {
    super();
    this.#dispatch = dispatch;
    this.#session = session;
    this.#room = given.room;
    this.#subscriber = given.subscriber;
    this.#fromOffset = given.fromOffset;
  }

  protected async start(socket: LiveSocket): Promise<() => void> {
    const room = this.#room;
    const { feed } = await this.#dispatch.call(
      models.streamSubscribe,
      { room, fromOffset: this.#fromOffset },
      this.#session,
    );
    const pump = new FeedPump(feed, socket, roomFrames, (end) => {
      socket.send(endText({ room }, end));
      socket.close(POLICY_VIOLATION, end.reason.code);
    });
    socket.send(
      json({ type: 'connected', room, subscriber_id: this.#subscriber, from_offset: this.#fromOffset }),
    );
    pump.start();
    return () => pump.close();
  }
}

class TopicSocket extends PushSocket {
  readonly #dispatch: Dispatch;
  readonly #session: Session;
  readonly #topics: readonly string[];

  constructor(dispatch: Dispatch, session: Session, topics: readonly string[]) {
    super();
    this.#dispatch = dispatch;
    this.#session = session;
    this.#topics = topics;
  }

  protected async start(socket: LiveSocket): Promise<() => void> {
    const { feed, subscriberId, topics } = await this.#dispatch.call(
      models.pubsubSubscribe,
      { topics: [...this.#topics] },
      this.#session,
    );
    const pump = new FeedPump(feed, socket, topicFrames, (end) => {
      socket.send(endText({ topics }, end));
      socket.close(POLICY_VIOLATION, end.reason.code);
    });
    socket.send(
      json({ type: 'connected', subscriber_id: subscriberId, topics, subscription_count: topics.length }),
    );
    pump.start();
    return () => pump.close();
  }
}

class KeySocket extends PushSocket {
  readonly #dispatch: Dispatch;
  readonly #session: Session;
  readonly #keys: readonly string[];

  constructor(dispatch: Dispatch, session: Session, keys: readonly string[]) {
    super();
    this.#dispatch = dispatch;
    this.#session = session;
    this.#keys = keys;
  }

  protected async start(socket: LiveSocket): Promise<() => void> {
    const { feed, watcherId, keys } = await this.#dispatch.call(
      models.kvWatch,
      { keys: [...this.#keys] },
      this.#session,
    );
    const topics = keys.map(channelOf);
    const pump = new FeedPump(feed, socket, keyFrames, (end) => {
      socket.send(endText({ topics }, end));
      socket.close(POLICY_VIOLATION, end.reason.code);
    });
    socket.send(
      json({ type: 'connected', subscriber_id: watcherId, topics, subscription_count: topics.length }),
    );
    pump.start();
    return () => pump.close();
  }
}

const roomSocket: SocketRoute = {
  path: '/stream/:room/ws/:subscriber',
  operation: models.streamSubscribe,
  open: ({ params, query, session }, dispatch) => {
    const fields = new Fields({ from_offset: query.get('from_offset') }, { texts: new Set(['from_offset']) });
    return new RoomSocket(dispatch, session, {
      room: params.room ?? '',
      subscriber: params.subscriber ?? '',
      // 0 is the oldest that is kept, as clients of this socket expect.
      fromOffset: fields.optionalInteger('from_offset') ?? 0,
    });
  },
};

const topicSocket: SocketRoute = {
  path: '/pubsub/ws',
  operation: models.pubsubSubscribe,
  open: ({ query, session }, dispatch) => {
    const topics = (query.get('topics') ?? '').split(',').filter((topic) => topic !== '');
    return new TopicSocket(dispatch, session, topicsOf(topics));
  },
};

const queueSocket: SocketRoute = {
  path: '/queue/:queue/ws/:consumer',
  operation: models.queueConsume,
  open: ({ params, session }, dispatch) => {
    QueueSocket.assertPlace();
    return new QueueSocket(dispatch, session, {
      queue: params.queue ?? '',
      consumerId: params.consumer ?? '',
    });
  },
};

const keySocket: SocketRoute = {
  path: '/kv/ws',
  operation: models.kvWatch,
  open: ({ query, session }, dispatch) => {
    const keys = (query.get('keys') ?? '').split(',').filter((key) => key !== '');
    if (keys.length === 0) {
      throw new FacetError('INVALID_PARAMETER', 'Name the keys: ?keys=a,b, or with a * what they begin with');
    }
    return new KeySocket(dispatch, session, keys);
  },
};

export const MODEL_SOCKETS: readonly SocketRoute[] = [roomSocket, topicSocket, queueSocket, keySocket];
