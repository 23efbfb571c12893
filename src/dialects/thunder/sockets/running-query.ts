/**
 * One query of a socket, from its message to its last frame. Rows are encoded as PostgreSQL sends them and go out in
 * chunks; while the client reads slower than they come, PostgreSQL waits. So a query holds no more than a step of rows and
 * what the connection has buffered, however many rows there are.
 */
import { asFacetError, FacetError, monotonicMs } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import { type QueryStream, sqlStream } from '../../../models/index.ts';
import { FrameChunk, type LiveSocket } from '../../http/index.ts';
import { rowToJson } from '../cells.ts';
import { columnsMembers, encodersOf, milliseconds } from '../codec.ts';

/** Frames are written when so much has come together, and whenever PostgreSQL has no more for the moment. */
const WRITE_BYTES = 64 * 1024;

export class RunningQuery {
  readonly #idText: string;
  readonly #socket: LiveSocket;
  readonly #failed: (error: FacetError) => void;
  readonly #ended = new AbortController();
  readonly #frames = new FrameChunk();
  #soon: NodeJS.Immediate | undefined = undefined;
  #wake: (() => void) | undefined = undefined;

  constructor(id: string, socket: LiveSocket, failed: (error: FacetError) => void) {
    this.#idText = JSON.stringify(id);
    this.#socket = socket;
    this.#failed = failed;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Has PostgreSQL give up the statement. It ends with QUERY_CANCELLED, unless it has ended. */
  cancel(): void {
    this.#ended.abort();
    this.#wake?.();
  }

  /** Never rejects: what goes wrong is told. */
  async run(dispatch: Dispatch, input: unknown, session: Session): Promise<void> {
    const startedAtMs = monotonicMs();
    try {
      const stream = await dispatch.call(sqlStream, input, session);
      const rowCount = await this.#send(stream);
      const affected = stream.rowsAffected();
      const affectedText = affected === null ? '' : `"rows_affected":${affected},`;
      const durationMs = milliseconds(monotonicMs() - startedAtMs);
      this.#frames.add(
        `{"type":"complete","id":${this.#idText},"row_count":${rowCount},${affectedText}` +
          `"execution_time_ms":${durationMs}}`,
      );
      this.#write();
    } catch (thrown) {
      // What was encoded and not sent is not worth it any more.
      this.#frames.take();
      this.#failed(asFacetError(thrown));
    } finally {
      clearImmediate(this.#soon);
    }
  }

  async #send({ columns: describing, batches }: QueryStream): Promise<number> {
    const columns = await describing;
    const encoders = encodersOf(columns);
    this.#frames.add(`{"type":"metadata","id":${this.#idText},${columnsMembers(columns)}}`);
    this.#writeSoon();
    const start = `{"type":"row","id":${this.#idText},"data":`;
    let rowCount = 0;
    for await (const batch of batches) {
      for (const row of batch) {
        this.#frames.add(`${start}${rowToJson(row, encoders)}}`);
        if (this.#frames.bytes >= WRITE_BYTES) await this.#writeInTurn();
      }
      rowCount += batch.length;
      this.#writeSoon();
    }
    return rowCount;
  }

  /** Writes when the client has room for it. @throws QUERY_CANCELLED when the query was cancelled meanwhile */
  async #writeInTurn(): Promise<void> {
    if (this.#socket.full) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        void this.#socket.drained().then(resolve);
      });
    }
    if (this.signal.aborted) throw new FacetError('QUERY_CANCELLED', 'The query was cancelled');
    this.#write();
  }

  /** After what is there already: a small answer leaves in one piece, and none waits for rows that are long in coming. */
  #writeSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      if (this.#socket.full) this.#socket.onDrain(() => this.#write());
      else this.#write();
    });
  }

  #write(): void {
    const frames = this.#frames.take();
    if (frames.length > 0) this.#socket.sendFrames(frames);
  }
}
