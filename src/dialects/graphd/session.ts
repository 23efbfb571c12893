/** One client behind its Hello: its transaction, its open streams, and the answer to each of its messages. */
import { AnswerHold, asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import {
  batchMessage,
  type ClientRequest,
  errorEntry,
  type Pieces,
  type SmallMessage,
} from '../../strana/index.ts';
import { piecesEncoding, runBatch } from './batch.ts';
import { Cursor, Cursors } from './cursors.ts';
import { errorText } from './errors.ts';
import { NameNumbers } from './name-numbers.ts';
import { frameHead, resultPieces } from './result-frames.ts';
import { openStatement, runStatement } from './statements.ts';
import { TransactionState } from './transaction-state.ts';

type Message<Kind extends ClientRequest['kind']> = Extract<ClientRequest, { kind: Kind }>;

/** What is not an answer but the end of a connection is the socket's affair. */
export type SessionRequest = Exclude<ClientRequest, { kind: 'close' }>;

/** A large one counts in the memory of all answers: whoever has sent it releases it. */
export type Answer = (Pieces & { readonly hold?: AnswerHold }) | SmallMessage;

/** @throws UNAVAILABLE */
function held(answer: Pieces): Answer {
  if (answer.length <= LIMITS.answerBytesSmall) return answer;
  const hold = new AnswerHold();
  hold.take(answer.length);
  return { ...answer, hold };
}

export class GraphdSession {
  readonly #dispatch: Dispatch;
  /** Of the connection; messages have copies. */
  readonly caller: Session;
  readonly #names: NameNumbers;
  readonly #cursors = new Cursors();
  #transaction: TransactionState | undefined = undefined;

  constructor(dispatch: Dispatch, caller: Session) {
    this.#dispatch = dispatch;
    this.caller = caller;
    this.#names = new NameNumbers(dispatch);
  }

  /** Closes its streams and rolls back. Never rejects. */
  async close(): Promise<void> {
    await this.#cursors.closeAll();
    await this.#transaction?.abandon();
    this.#transaction = undefined;
  }

  /** A whole frame in pieces, or a message. @param caller for this message @throws FacetError, whose text is the answer */
  async answer(message: SessionRequest, caller: Session): Promise<Answer> {
    const requestId = message.kind === 'hello' ? undefined : message.requestId;
    const echo = requestId === undefined ? {} : { requestId };
    switch (message.kind) {
      case 'hello':
        throw new FacetError('INVALID_PARAMETER', 'Already authenticated');
      case 'execute':
        return await this.#execute(message, caller);
      case 'begin':
        await this.#begin(message, caller);
        return { case: 'beginOk', value: echo };
      case 'commit':
        await this.#commit(caller);
        return { case: 'commitOk', value: echo };
      case 'rollback':
        await this.#rollback(caller);
        return { case: 'rollbackOk', value: echo };
      case 'batch':
        return await this.#batch(message, caller);
      case 'fetch':
        return await this.#fetch(message, caller);
      case 'close-stream':
        await this.#cursors.close(this.#stream(message.streamId).id);
        return { case: 'closeStreamOk', value: { streamId: message.streamId, ...echo } };
    }
  }

  async #execute(message: Message<'execute'>, caller: Session): Promise<Answer> {
    const { fetchSize, requestId } = message;
    if (fetchSize === 0n) throw new FacetError('INVALID_PARAMETER', 'fetch_size must be >= 1');
    if (fetchSize !== undefined) this.#cursors.assertRoom();
    return await this.#inside(caller, async (session, readOnly) => {
      if (fetchSize === undefined) {
        const { columns, timingMs, ...rows } = await runStatement(this.#dispatch, session, message, readOnly);
        return await this.#result(session, { columns, timingMs, requestId }, rows);
      }
      const opened = await openStatement(this.#dispatch, session, message, readOnly);
      const cursor = new Cursor(opened, fetchSize, this.#transaction !== undefined);
      const { columns, timingMs } = opened;
      return await this.#part(session, cursor, undefined, { columns, timingMs, requestId });
    });
  }

  async #fetch({ streamId, requestId }: Message<'fetch'>, caller: Session): Promise<Answer> {
    const { id, cursor } = this.#stream(streamId);
    const { columns } = cursor;
    const fetched = (session: Session): Promise<Answer> =>
      this.#part(session, cursor, id, { columns, timingMs: 0, requestId });
    // The gate is asked as for any message; what runs the rows has passed it before.
    return cursor.bound ? await this.#inside(caller, fetched) : await fetched(caller);
  }

  /** The next rows of a stream, which has a number from its second part on. */
  async #part(
    session: Session,
    cursor: Cursor,
    id: number | undefined,
    frame: { columns: readonly string[]; timingMs: number; requestId: string | undefined },
  ): Promise<Answer> {
    let open = id;
    try {
      const { rows, hasMore } = await cursor.take();
      if (hasMore) open ??= this.#cursors.add(cursor);
      const more = hasMore ? { streamId: open, hasMore } : {};
      const answer = await this.#result(session, { ...frame, ...more }, { rows, heldBytes: 0 });
      if (!hasMore && open !== undefined) await this.#cursors.close(open);
      return answer;
    } catch (thrown) {
      if (open === undefined) await cursor.close();
      else await this.#cursors.close(open);
      throw thrown;
    }
  }

  async #result(
    session: Session,
    frame: Parameters<typeof resultPieces>[2],
    rows: Parameters<typeof resultPieces>[3],
  ): Promise<Answer> {
    return held(await resultPieces(this.#names, session, frame, rows, false, frameHead));
  }

  #stream(streamId: bigint): { readonly id: number; readonly cursor: Cursor } {
    const found = this.#cursors.get(streamId);
    if (found === undefined) throw new FacetError('OBJECT_NOT_FOUND', `Unknown stream_id: ${streamId}`);
    return found;
  }

  async #begin({ mode }: Message<'begin'>, caller: Session): Promise<void> {
    if (this.#transaction !== undefined) {
      throw new FacetError('INVALID_TRANSACTION_STATE', 'Transaction already active');
    }
    if (mode !== undefined && mode !== 'read' && mode !== 'write') {
      throw new FacetError('INVALID_PARAMETER', `Invalid transaction mode: ${mode}`);
    }
    this.#transaction = await TransactionState.begin(this.#dispatch, caller, mode === 'read');
  }

  async #commit(caller: Session): Promise<void> {
    const transaction = this.#active();
    // Which may take its time: the client waits, and is not idle.
    await transaction.using(() => this.#cursors.keepBound());
    await transaction.commit(caller);
    this.#transaction = undefined;
  }

  async #rollback(caller: Session): Promise<void> {
    const transaction = this.#active();
    await this.#cursors.keepBound();
    await transaction.rollback(caller);
    this.#transaction = undefined;
  }

  #active(): TransactionState {
    if (this.#transaction !== undefined) return this.#transaction;
    throw new FacetError('NO_ACTIVE_TRANSACTION', 'No active transaction');
  }

  async #batch({ statements, requestId }: Message<'batch'>, caller: Session): Promise<Answer> {
    const transaction = this.#transaction;
    const within: Session = transaction === undefined ? caller : { ...caller, transactionId: transaction.id };
    const readOnly = transaction?.readOnly === true;
    const run = () => runBatch(this.#dispatch, within, statements, readOnly, piecesEncoding(this.#names));
    try {
      const { entries } = transaction === undefined ? await run() : await transaction.using(run);
      return held(batchMessage(entries, requestId, frameHead));
    } catch (thrown) {
      return batchMessage([errorEntry(errorText(asFacetError(thrown)))], requestId, frameHead);
    }
  }

  /** Within the transaction, if there is one. */
  async #inside<T>(caller: Session, work: (session: Session, readOnly: boolean) => Promise<T>): Promise<T> {
    const transaction = this.#transaction;
    if (transaction === undefined) return await work(caller, false);
    const session: Session = { ...caller, transactionId: transaction.id };
    return await transaction.using(() => work(session, transaction.readOnly));
  }
}
