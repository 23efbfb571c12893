/** Stores groups of messages by one statement, and says where they stand. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { arrayLiteral, type Parameter, type ResultSet, statement } from '../../engine/index.ts';
import { byteaOf, messageIdOf, noQueue, type Run, shown } from './names.ts';
import type { Message, Published } from './schemas.ts';

/** Messages for one queue that are stored together or not at all. */
export interface Group {
  readonly queue: string;
  readonly creates: boolean;
  readonly messages: readonly Message[];
  readonly bytes: number;
}

const PUBLISH = statement(
  'queue.publish',
  `SELECT status, ids, default_priority, ahead
   FROM queue.publish($1::boolean, $2::int, $3::text[], $4::boolean[], $5::int[],
     $6::smallint[], $7::text[], $8::bytea[], $9::text[], $10::int[], $11::bigint[])`,
);

/** Stores groups, those of one queue side by side, and answers in their order. */
export async function runPublish(
  run: Run,
  own: boolean,
  groups: readonly Group[],
): Promise<readonly (readonly Published[] | FacetError)[]> {
  const messages = groups.flatMap((group) => group.messages);
  const { rows } = await run(PUBLISH, [
    String(own),
    String(LIMITS.queuesMax),
    arrayLiteral(groups.map(({ queue }) => queue)),
    arrayLiteral(groups.map(({ creates }) => String(creates))),
    arrayLiteral(groups.map((group) => String(group.messages.length))),
    column(messages, ({ priority }) => number(priority)),
    column(messages, ({ messageJson }) => messageJson ?? null),
    column(messages, ({ payloadBase64 }) => byteaOf(payloadBase64)),
    column(messages, ({ headersJson }) => headersJson ?? null),
    column(messages, ({ maxRetries }) => number(maxRetries)),
    column(messages, ({ ttlMs }) => number(ttlMs)),
  ]);
  return answersOf(groups, rows);
}

/** One array parameter; null, which stands for any number of nulls, when nobody has a value. */
function column(messages: readonly Message[], cellOf: (message: Message) => Parameter): Parameter {
  const values = messages.map(cellOf);
  return values.every((value) => value === null) ? null : arrayLiteral(values);
}

const number = (value: number | undefined): Parameter => (value === undefined ? null : String(value));

function answersOf(
  groups: readonly Group[],
  rows: ResultSet['rows'],
): readonly (readonly Published[] | FacetError)[] {
  let queue: string | undefined;
  let ahead: number[] = [];
  return groups.map((group, n) => {
    const [status, ids, defaultPriority, before] = rows[n] ?? [];
    if (status !== '0') return refusal(group.queue, status);
    // Those of one queue stand side by side: what one group adds is before the next.
    if (queue !== group.queue) ahead = numbers(before);
    queue = group.queue;
    const list = numberTexts(ids);
    return group.messages.map(({ priority = Number(defaultPriority) }, index) => {
      ahead[priority] = (ahead[priority] ?? 0) + 1;
      let position = 0;
      for (let p = priority; p <= 9; p++) position += ahead[p] ?? 0;
      // Counters of processes that work at the same moment may be behind by what those have not committed.
      return { messageId: messageIdOf(list[index]), position: Math.max(1, position) };
    });
  });
}

const numberTexts = (cell: Parameter | undefined): readonly string[] =>
  (cell ?? '{}').slice(1, -1).split(',');
const numbers = (cell: Parameter | undefined): number[] => numberTexts(cell).map(Number);

function refusal(queue: string, status: Parameter | undefined): FacetError {
  if (status === '1') return noQueue(queue);
  if (status === '2') {
    return new FacetError('QUEUE_FULL', `The queue '${shown(queue)}' is full`, { retryAfterSeconds: 1 });
  }
  return tooManyQueues();
}

export const tooManyQueues = (): FacetError =>
  new FacetError('LIMIT_EXCEEDED', `There are ${LIMITS.queuesMax} queues already (queuesMax)`);
