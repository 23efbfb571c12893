/** Dead messages: reading them, putting them back, dropping them. */
import { FacetError } from '../../base/index.ts';
import { arrayLiteral, statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { pageOf, paginationOf } from '../pagination.ts';
import { deskOf } from './desk.ts';
import { checkQueue, noQueue, parseMessageId, shown } from './names.ts';
import { messageOf } from './queues.ts';
import type {
  DeadLettersInput,
  DeadLettersResult,
  PurgeResult,
  QueueInput,
  Reason,
  RedriveInput,
  RedriveResult,
} from './schemas.ts';

const LIST = statement(
  'queue.dead_letters',
  `SELECT d.id, d.body, d.bytes, d.priority, d.retry_count, d.max_retries, d.headers,
     (extract(epoch FROM d.published_at) * 1000)::bigint, d.reason,
     (extract(epoch FROM d.died_at) * 1000)::bigint,
     (SELECT count(*) FROM queue.dead WHERE queue_id = q.id)
   FROM queue.queue AS q LEFT JOIN LATERAL (
     SELECT * FROM queue.dead WHERE queue_id = q.id ORDER BY seq LIMIT $2::int OFFSET $3::int) AS d ON true
   WHERE q.name = $1 ORDER BY d.seq`,
);
const REDRIVE = statement('queue.redrive', 'SELECT queue.redrive($1::boolean, $2::text, $3::bigint[])');
const PURGE = statement('queue.purge_dead_letters', 'SELECT queue.purge_dead($1::boolean, $2::text)');

/** The dead messages of a queue, the one that died first before the others. @throws QUEUE_NOT_FOUND, INVALID_CURSOR */
export async function deadLetters(
  context: OperationContext,
  input: DeadLettersInput,
): Promise<DeadLettersResult> {
  checkQueue(input.queue);
  const page = pageOf(input);
  const { transaction, signal, database } = context;
  const parameters = [input.queue, String(page.limit), String(page.offset)];
  const { rows } = await database.run(LIST, parameters, { transaction, signal });
  if (rows.length === 0) throw noQueue(input.queue);
  const messages = rows
    .filter(([id]) => id !== null)
    .map((row) => ({ ...messageOf(row), reason: row[8] as Reason, diedAtMs: Number(row[9]) }));
  return { messages, pagination: paginationOf(page, Number(rows[0]?.[10])) };
}

/**
 * Puts dead messages back to the end of their queue, as if they had never failed and without a time to live. Ids that
 * are not there are passed over: their number is missing in the answer.
 * @throws QUEUE_NOT_FOUND, QUEUE_FULL when there is no room for all, MESSAGE_NOT_FOUND for what is no id
 */
export async function redrive(context: OperationContext, input: RedriveInput): Promise<RedriveResult> {
  const { queue, messageIds } = input;
  checkQueue(queue);
  const ids = messageIds?.map((id) => parseMessageId(id).id);
  const desk = deskOf(context.database);
  const own = String(context.transaction !== undefined);
  const { rows } = await desk.apart(context, REDRIVE, [
    own,
    queue,
    ids === undefined ? null : arrayLiteral(ids),
  ]);
  const redriven = Number(rows[0]?.[0]);
  if (redriven === -1) throw noQueue(queue);
  if (redriven === -2) {
    throw new FacetError('QUEUE_FULL', `The queue '${shown(queue)}' has no room for all of them`);
  }
  desk.written(context, () => desk.waiters.wake(queue));
  return { redriven };
}

/** Drops all dead messages of a queue. @throws QUEUE_NOT_FOUND */
export async function purgeDeadLetters(
  context: OperationContext,
  { queue }: QueueInput,
): Promise<PurgeResult> {
  checkQueue(queue);
  const desk = deskOf(context.database);
  const { rows } = await desk.apart(context, PURGE, [String(context.transaction !== undefined), queue]);
  const purged = rows[0]?.[0];
  if (typeof purged !== 'string') throw noQueue(queue);
  desk.written(context, () => {});
  return { purged: Number(purged) };
}
