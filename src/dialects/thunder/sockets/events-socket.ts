/**
 * `/ws/events`: committed changes of tables as they happen. A subscription follows a table from now on, or from a position
 * that is still kept (`from_lsn`), or goes on where a durable subscription stands (`subscription_id`); several of them
 * share a connection, told apart by the ids that the client gives them.
 *
 * Who reads slower than changes come is not waited for: the connection is closed with TRY_AGAIN_LATER, after an error that
 * names the position to resume from.
 */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import { type Lsn, lsnText } from '../../../engine/index.ts';
import {
  type AttachResult,
  changesFollow,
  type Feed,
  type RowChange,
  type SubscribedTable,
  subscriptionAttach,
} from '../../../models/index.ts';
import {
  type FeedEnd,
  FeedPump,
  INTERNAL_FAULT,
  type LiveSocket,
  type SocketRequest,
  type SocketRoute,
  TRY_AGAIN_LATER,
} from '../../http/index.ts';
import { type EventForm, tableMembers } from '../event-text.ts';
import { fromWire, planOf } from '../field-names.ts';
import { Acknowledgements, readAck } from './acknowledgements.ts';
import { eventFrames } from './event-frames.ts';
import { MessageSocket } from './message-socket.ts';
import { type Message, optionalFlag, optionalText, refuseOthers, requiredId } from './messages.ts';
import { assertParameters } from './parameters.ts';

const PLAN = planOf(changesFollow.input);

const ALL_EVENTS = ['insert', 'update', 'delete'];

/** The id of the subscription that the URL asks for. */
const ID_OF_URL = 'default';

export const eventsSocket: SocketRoute = {
  path: '/ws/events',
  operation: changesFollow,
  lateAuthentication: true,
  open: (request, dispatch) => {
    assertParameters(request.query, ['table']);
    return new EventsSocket(request, dispatch);
  },
};

/** What a subscription begins with. */
interface Following {
  readonly feed: Feed<RowChange>;
  readonly table: SubscribedTable;
  readonly fromLsn: Lsn;
  /** As asked for; durable ones have theirs from when they were made. */
  readonly events?: readonly string[];
  /** Of durable ones. */
  readonly ack?: AttachResult['ack'];
}

interface Subscription {
  readonly acknowledgements: Acknowledgements | undefined;
  close(): void;
}

class EventsSocket extends MessageSocket {
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #tableOfUrl: string | null;

  constructor(request: SocketRequest, dispatch: Dispatch) {
    super(request, dispatch);
    this.#tableOfUrl = request.query.get('table');
  }

  protected override async begin(socket: LiveSocket, session: Session): Promise<void> {
    if (this.#tableOfUrl === null) return;
    try {
      await this.#follow(ID_OF_URL, { table: this.#tableOfUrl }, false, session, socket);
    } catch (thrown) {
      this.tell(socket, asFacetError(thrown), session.requestId, ID_OF_URL);
    }
  }

  protected async handle(message: Message, session: Session, socket: LiveSocket): Promise<void> {
    switch (message.type) {
      case 'subscribe':
        await this.#subscribe(message, session, socket);
        break;
      case 'unsubscribe':
        refuseOthers(message.members, ['id']);
        this.#unsubscribe(requiredId(message), socket);
        break;
      case 'ack':
        refuseOthers(message.members, ['id', 'lsn', 'sequence']);
        this.#acknowledge(message);
        break;
      default:
        throw new FacetError('INVALID_MESSAGE', `Unknown type: '${message.type.slice(0, 100)}'`, {
          hint: 'This socket takes subscribe, unsubscribe, ack and auth.',
        });
    }
  }

  protected async end(): Promise<void> {
    const all = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const subscription of all) subscription.close();
    await Promise.all(all.map(({ acknowledgements }) => acknowledgements?.settled()));
  }

  async #subscribe(message: Message, session: Session, socket: LiveSocket): Promise<void> {
    const id = requiredId(message);
    const { id: _id, full_rows: _fullRows, subscription_id: _subscription, ...input } = message.members;
    const fullRows = optionalFlag(message.members, 'full_rows') ?? false;
    const subscriptionId = optionalText(message, 'subscription_id');
    if (subscriptionId === undefined)
      await this.#follow(id, fromWire(input, PLAN), fullRows, session, socket);
    else {
      refuseOthers(input, []);
      await this.#attach(id, subscriptionId, fullRows, session, socket);
    }
  }

  async #follow(
    id: string,
    input: unknown,
    fullRows: boolean,
    session: Session,
    socket: LiveSocket,
  ): Promise<void> {
    this.#assertFree(id);
    const following = await this.dispatch.call(changesFollow, input, session);
    const events = (input as { readonly events?: readonly string[] }).events ?? ALL_EVENTS;
    this.#begin(id, { ...following, events }, { fullRows, oldRows: true }, socket, session);
  }

  async #attach(
    id: string,
    subscriptionId: string,
    fullRows: boolean,
    session: Session,
    socket: LiveSocket,
  ): Promise<void> {
    this.#assertFree(id);
    const following = await this.dispatch.call(subscriptionAttach, { subscriptionId }, session);
    this.#begin(id, following, { fullRows, oldRows: following.includeOldValues }, socket, session);
  }

  /** @throws DUPLICATE_ID, LIMIT_EXCEEDED */
  #assertFree(id: string): void {
    if (this.#subscriptions.has(id)) {
      throw new FacetError('DUPLICATE_ID', `Subscription '${id}' is open on this connection`);
    }
    if (this.#subscriptions.size >= LIMITS.socketSubscriptionsMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `A connection has at most ${LIMITS.socketSubscriptionsMax} subscriptions (socketSubscriptionsMax)`,
      );
    }
  }

  #begin(
    id: string,
    { feed, table, fromLsn, events, ack }: Following,
    form: EventForm,
    socket: LiveSocket,
    { requestId }: Session,
  ): void {
    if (!socket.open) {
      feed.close();
      return;
    }
    const { frames, leave } = eventFrames(form, id);
    const pump = new FeedPump(feed, socket, frames, (end) => {
      this.#close(id);
      this.#ended(id, end, socket, requestId);
    });
    this.#subscriptions.set(id, {
      acknowledgements:
        ack === undefined
          ? undefined
          : new Acknowledgements(ack, (error) => this.tell(socket, error, requestId, id)),
      close: () => {
        pump.close();
        leave();
      },
    });
    const eventsText = events === undefined ? '' : `"events":${JSON.stringify(events)},`;
    socket.send(
      `{"type":"subscribed","id":${JSON.stringify(id)},${tableMembers(table)},${eventsText}"lsn":"${lsnText(fromLsn)}"}`,
    );
    pump.start();
  }

  /** Of the others on this connection nobody knows how far the client has read, but they wait behind the same reader. */
  #ended(id: string, { reason }: FeedEnd, socket: LiveSocket, requestId: string): void {
    this.tell(socket, reason, requestId, id);
    if (reason.code === 'SUBSCRIBER_TOO_SLOW') {
      socket.close(TRY_AGAIN_LATER, closeReason(reason));
    } else if (reason.kind === 'internal') socket.close(INTERNAL_FAULT, reason.code);
  }

  #unsubscribe(id: string, socket: LiveSocket): void {
    if (!this.#close(id)) throw unknownId(id);
    socket.send(`{"type":"unsubscribed","id":${JSON.stringify(id)}}`);
  }

  #close(id: string): boolean {
    const subscription = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    subscription?.close();
    return subscription !== undefined;
  }

  #acknowledge(message: Message): void {
    const id = requiredId(message);
    const ack = readAck(message);
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) throw unknownId(id);
    if (subscription.acknowledgements === undefined) {
      throw new FacetError(
        'INVALID_PARAMETER',
        `Subscription '${id}' is not a durable one: nothing is kept of it`,
      );
    }
    subscription.acknowledgements.add(ack);
  }
}

const unknownId = (id: string): FacetError =>
  new FacetError('SUBSCRIPTION_NOT_FOUND', `No subscription '${id}' is open on this connection`);

/** RFC 6455 section 5.5: a close frame has room for 123 bytes of it. */
const closeReason = ({ code, detail }: FacetError): string => `${code}: ${detail ?? ''}`.slice(0, 120);
