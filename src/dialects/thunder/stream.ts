/**
 * `POST /api/v1/query` with `Accept: application/x-ndjson`: rows as they arrive, one JSON text per line. The first
 * line has the columns, then one array per row, and the last line is `{"row_count":…}` or, when the statement fails
 * after the first line, `{"error":{…}}`: the status 200 is out by then. Nothing is gathered: PostgreSQL waits while
 * the client does.
 */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { asFacetError, monotonicMs, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { type QueryStream, sqlStream } from '../../models/index.ts';
import { PieceWriter } from '../http-piece-writer.ts';
import { reader, type StreamCall } from './calls.ts';
import { type CellEncoder, rowToJson } from './cells.ts';
import { columnsMembers, encodersOf, milliseconds } from './codec.ts';
import { errorObject } from './errors.ts';

export const STREAM_TYPE = 'application/x-ndjson';

export const wantsStream = (accept: string | undefined): boolean => accept?.includes(STREAM_TYPE) === true;

export const STREAM_CALL: StreamCall = {
  kind: 'stream',
  operation: sqlStream,
  source: 'body',
  contentType: STREAM_TYPE,
  answers: z
    .string()
    .describe(
      'One JSON text per line: {"columns":[…],"column_types":[…]}, then one array per row, then ' +
        '{"row_count":n,"execution_time_ms":x}. A failure after the first line ends the stream with {"error":{…}}. ' +
        'Rows are sent as fast as they are read; closing the connection cancels the statement',
    ),
  read: reader(sqlStream.input, { source: 'body' }),
};

/**
 * Runs the statement and writes its rows. `open` sends the head of the response and hands over the rest; it is
 * called once the columns are known, so an earlier failure can still be answered with a status of its own.
 * @throws FacetError before `open` was called, never after
 */
export async function serveStream(
  dispatch: Dispatch,
  input: unknown,
  session: Session,
  open: () => ServerResponse,
  observe: Observe,
): Promise<void> {
  const startedAtMs = monotonicMs();
  const stream = await dispatch.call(sqlStream, input, session);
  const columns = await stream.columns;
  const writer = new PieceWriter(open());
  try {
    await writer.add(`{${columnsMembers(columns)}}\n`);
    const rowCount = await writeRows(stream, encodersOf(columns), writer);
    const durationMs = milliseconds(monotonicMs() - startedAtMs);
    await writer.add(`{"row_count":${rowCount},"execution_time_ms":${durationMs}}\n`);
  } catch (thrown) {
    const error = asFacetError(thrown);
    // The gate saw a stream begin well; what happens later only this place sees.
    if (error.kind === 'internal') {
      const message = `the stream of request ${session.requestId} failed`;
      observe({ type: 'warning', message, detail: error.cause ?? error });
    }
    await writer.add(`{"error":${errorObject(error, session.requestId)}}\n`);
  }
  await writer.end();
}

/** Leaves the loop, and by that cancels the statement, when nobody reads any more. */
async function writeRows(
  stream: QueryStream,
  encoders: readonly CellEncoder[],
  writer: PieceWriter,
): Promise<number> {
  let rowCount = 0;
  for await (const batch of stream.batches) {
    for (const row of batch) {
      const full = writer.addLine(rowToJson(row, encoders));
      if (full) await writer.flush();
    }
    rowCount += batch.length;
    // The next batch may be long in coming: what is there goes out.
    await writer.flush();
    if (writer.closed) break;
  }
  return rowCount;
}
