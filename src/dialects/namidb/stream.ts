/**
 * `POST /v0/cypher/stream`: one JSON text per line. The first line is `{"columns":[…]}`, then comes one object per row,
 * keyed by column as in /v0/cypher, and the last line is `{"row_count":n}`, with `write_outcome` for a query that can
 * write. A failure after the first line ends the stream with `{"error":…}`: the status 200 is out by then.
 */
import type { GraphStream } from '../../models/index.ts';
import { type HttpAnswer, LINES_TYPE } from '../http/index.ts';
import { outcomeMembers, rowEncoder } from './codec.ts';

export const streamAnswer = ({ columns, batches, outcome, schema }: GraphStream): HttpAnswer => ({
  status: 200,
  contentType: LINES_TYPE,
  body: async (writer) => {
    await writer.add(`{"columns":${JSON.stringify(columns)}}\n`);
    const rowCount = await writer.addRows(batches, rowEncoder(columns));
    const written = outcomeMembers(outcome(), schema);
    await writer.add(`{"row_count":${rowCount}${written}}\n`);
  },
});
