/** Results as JSON text of graphd's HTTP API: rows are arrays, in the order of the columns. */
import { AnswerHold, LIMITS } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import { ByteCount } from '../http/index.ts';
import type { Encoding } from './batch.ts';
import { errorJson } from './http-bodies.ts';
import { valueToJson } from './json-values.ts';
import type { NameNumbers } from './name-numbers.ts';
import type { Answered } from './statements.ts';

/** Rows that are written between two looks at the clock. */
const ROWS_PER_LOOK = 64;

/** @throws RESULT_TOO_LARGE, UNAVAILABLE */
export async function resultJson(names: NameNumbers, session: Session, answered: Answered): Promise<string> {
  const hold = new AnswerHold();
  try {
    if (answered.heldBytes > LIMITS.answerBytesSmall) hold.take(answered.heldBytes);
    return await resultText(names, session, answered, new ByteCount('The result', hold));
  } finally {
    hold.release();
  }
}

async function resultText(
  names: NameNumbers,
  session: Session,
  { columns, rows, timingMs }: Answered,
  count: ByteCount,
): Promise<string> {
  let text = '';
  for (let from = 0; from < rows.length; from += ROWS_PER_LOOK) {
    const to = Math.min(rows.length, from + ROWS_PER_LOOK);
    text += await names.writing(rows, from, to, session, () => {
      let some = '';
      for (let index = from; index < to; index++) {
        const cells = (rows[index] ?? []).map((value) => valueToJson(value, names, count));
        some += `${index === 0 ? '' : ','}[${cells.join(',')}]`;
      }
      return some;
    });
    await count.turn();
  }
  return `{"type":"result","columns":${JSON.stringify(columns)},"rows":[${text}],"timing_ms":${timingMs}}`;
}

export const jsonEncoding = (names: NameNumbers): Encoding<string> => ({
  result: (answered, session) => resultJson(names, session, answered),
  error: errorJson,
  bytes: ({ length }) => length,
});
