/**
 * `/ws/query`: statements whose rows are sent as they arrive, several at a time, told apart by the ids that the client
 * gives them. A query is answered by `metadata`, a `row` for each row, and `complete`; or by one `error`, after which
 * nothing of it comes any more. Until then its id is taken.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import { sqlStream } from '../../../models/index.ts';
import type { LiveSocket, SocketRequest, SocketRoute } from '../../http/index.ts';
import { fromWire, planOf } from '../field-names.ts';
import { MessageSocket } from './message-socket.ts';
import { type Message, optionalText, refuseOthers, requiredId } from './messages.ts';
import { assertParameters } from './parameters.ts';
import { RunningQuery } from './running-query.ts';

const PLAN = planOf(sqlStream.input);

export const querySocket: SocketRoute = {
  path: '/ws/query',
  operation: sqlStream,
  lateAuthentication: true,
  open: (request, dispatch) => {
    assertParameters(request.query);
    return new QuerySocket(request, dispatch);
  },
};

class QuerySocket extends MessageSocket {
  readonly #running = new Map<string, { readonly query: RunningQuery; readonly done: Promise<void> }>();
  /** Of the request to upgrade: queries may name it again, or none. */
  readonly #transactionId: string | undefined;

  constructor(request: SocketRequest, dispatch: Dispatch) {
    super(request, dispatch);
    this.#transactionId = request.session.transactionId;
  }

  protected handle(message: Message, session: Session, socket: LiveSocket): void {
    switch (message.type) {
      case 'query':
        this.#start(message, session, socket);
        break;
      case 'cancel':
        this.#cancel(message);
        break;
      default:
        throw new FacetError('INVALID_MESSAGE', `Unknown type: '${message.type.slice(0, 100)}'`, {
          hint: 'This socket takes query, cancel and auth.',
        });
    }
  }

  protected async end(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { query } of running) query.cancel();
    await Promise.all(running.map(({ done }) => done));
  }

  /** @throws DUPLICATE_ID, LIMIT_EXCEEDED, MISSING_PARAMETER, INVALID_PARAMETER */
  #start(message: Message, session: Session, socket: LiveSocket): void {
    const id = requiredId(message);
    if (this.#running.has(id)) {
      throw new FacetError('DUPLICATE_ID', `Query '${id}' is under way on this connection`);
    }
    if (this.#running.size >= LIMITS.socketQueriesMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `A connection has at most ${LIMITS.socketQueriesMax} queries under way (socketQueriesMax)`,
      );
    }
    const { id: _id, txn_id: _transaction, ...input } = message.members;
    const transactionId = this.#transactionOf(message);
    const query = new RunningQuery(id, socket, (error) => this.tell(socket, error, session.requestId, id));
    const done = query
      .run(this.dispatch, fromWire(input, PLAN), { ...session, transactionId, signal: query.signal })
      .finally(() => this.#running.delete(id));
    this.#running.set(id, { query, done });
  }

  /** Of a query that has ended, or never began, nothing is known: it is passed over, for the answer may be on its way. */
  #cancel(message: Message): void {
    refuseOthers(message.members, ['id']);
    this.#running.get(requiredId(message))?.query.cancel();
  }

  #transactionOf(message: Message): string | undefined {
    const own = optionalText(message, 'txn_id');
    if (own === undefined || this.#transactionId === undefined || own === this.#transactionId) {
      return own ?? this.#transactionId;
    }
    throw new FacetError('INVALID_PARAMETER', "'txn_id' is not the transaction of the connection");
  }
}
