/**
 * `POST /api/v1/query` with `Accept: application/x-ndjson`: rows as they arrive, one JSON text per line. The first
 * line has the columns, then one array per row, and the last line is `{"row_count":…}` or, when the statement fails
 * after the first line, `{"error":{…}}`: the status 200 is out by then. Nothing is gathered: PostgreSQL waits while
 * the client does.
 */
import { z } from 'zod';
import { monotonicMs } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { sqlStream } from '../../models/index.ts';
import { type HttpAnswer, LINES_TYPE } from '../http/index.ts';
import { type Call, reader } from './calls.ts';
import { rowToJson } from './cells.ts';
import { columnsMembers, encodersOf, milliseconds } from './codec.ts';

export const wantsStream = (accept: string | undefined): boolean => accept?.includes(LINES_TYPE) === true;

const read = reader(sqlStream.input, { source: 'body' });

export const STREAM_CALL: Call = {
  operation: sqlStream,
  source: 'body',
  contentType: LINES_TYPE,
  answers: z
    .string()
    .describe(
      'One JSON text per line: {"columns":[…],"column_types":[…]}, then one array per row, then ' +
        '{"row_count":n,"execution_time_ms":x}. A failure after the first line ends the stream with {"error":{…}}. ' +
        'Rows are sent as fast as they are read; closing the connection cancels the statement',
    ),
  answer: (request, session, dispatch) => stream(read(request), session, dispatch),
};

/** The columns are waited for, so that an earlier failure is still answered with a status of its own. */
async function stream(input: unknown, session: Session, dispatch: Dispatch): Promise<HttpAnswer> {
  const startedAtMs = monotonicMs();
  const { columns: describing, batches } = await dispatch.call(sqlStream, input, session);
  const columns = await describing;
  const encoders = encodersOf(columns);
  return {
    status: 200,
    contentType: LINES_TYPE,
    body: async (writer) => {
      await writer.add(`{${columnsMembers(columns)}}\n`);
      const rowCount = await writer.addRows(batches, (row) => rowToJson(row, encoders));
      const durationMs = milliseconds(monotonicMs() - startedAtMs);
      await writer.add(`{"row_count":${rowCount},"execution_time_ms":${durationMs}}\n`);
    },
  };
}
