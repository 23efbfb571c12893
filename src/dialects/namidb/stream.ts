/**
 * `POST /v0/cypher/stream`: one JSON text per line. The first line is `{"columns":[…]}`, then comes one object per row,
 * keyed by column as in /v0/cypher, and the last line is `{"row_count":n}`, with `write_outcome` for a query that can
 * write. A failure after the first line ends the stream with `{"error":…}`: the status 200 is out by then.
 */
import type { ServerResponse } from 'node:http';
import { asFacetError, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { type GraphStream, graphStream } from '../../models/index.ts';
import { PieceWriter } from '../http-piece-writer.ts';
import { outcomeMember, rowEncoder } from './codec.ts';
import { errorBody } from './errors.ts';

export const STREAM_TYPE = 'application/x-ndjson';

export interface StreamRequest {
  readonly input: unknown;
  /** For the place in messages. */
  readonly query: string | undefined;
  readonly session: Session;
  /** Sends the head of the response and hands over the rest. */
  readonly open: () => ServerResponse;
  readonly observe: Observe;
}

/** @throws FacetError before `open` was called, never after */
export async function serveStream(dispatch: Dispatch, request: StreamRequest): Promise<void> {
  const { session } = request;
  const stream = await dispatch.call(graphStream, request.input, session);
  const writer = new PieceWriter(request.open());
  try {
    await writer.add(`{"columns":${JSON.stringify(stream.columns)}}\n`);
    const rowCount = await writeRows(stream, writer);
    const counters = stream.outcome();
    const outcome = counters === undefined ? '' : `,${outcomeMember(counters)}`;
    await writer.add(`{"row_count":${rowCount}${outcome}}\n`);
  } catch (thrown) {
    const error = asFacetError(thrown);
    // The gate saw a stream begin well; what happens later only this place sees.
    if (error.kind === 'internal') {
      const message = `the stream of request ${session.requestId} failed`;
      request.observe({ type: 'warning', message, detail: error.cause ?? error });
    }
    await writer.add(`${errorBody(error, request.query)}\n`);
  }
  await writer.end();
}

/** Leaves the loop, and by that ends the query, when nobody reads any more. */
async function writeRows({ columns, batches }: GraphStream, writer: PieceWriter): Promise<number> {
  const encode = rowEncoder(columns);
  let rowCount = 0;
  for await (const batch of batches) {
    for (const row of batch) {
      const full = writer.addLine(encode(row));
      if (full) await writer.flush();
    }
    rowCount += batch.length;
    await writer.flush();
    if (writer.closed) break;
  }
  return rowCount;
}
