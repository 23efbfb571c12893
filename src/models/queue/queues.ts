/** Queues as a whole: making, removing, emptying, listing, counting, and looking at what waits. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { arrayLiteral, type Cell, type Parameter, statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { deskOf } from './desk.ts';
import { base64Of, checkQueue, messageIdOf, noQueue } from './names.ts';
import type {
  CreateInput,
  CreateResult,
  DeleteResult,
  ListResult,
  PeekInput,
  PeekResult,
  PurgeResult,
  QueueInput,
  StatsResult,
  TotalsResult,
} from './schemas.ts';

const MAKE = statement(
  'queue.create',
  'SELECT queue.make($1::int, $2::text, $3::bigint, $4::bigint, $5::int, $6::smallint, $7::int)',
);
const REMOVE = statement('queue.delete', 'SELECT queue.remove($1::text)');
const PURGE = statement('queue.purge', 'SELECT queue.purge($1::boolean, $2::text)');
const LIST = statement('queue.list', 'SELECT name FROM queue.queue ORDER BY name');

const STATS = statement(
  'queue.stats',
  `SELECT c.ready, c.leased, c.dead, c.published, c.consumed, c.acked, c.nacked, c.dead_lettered,
     (SELECT count(*) FILTER (WHERE consumer IS NULL)
        + count(DISTINCT consumer) FILTER (WHERE NOT consumer = ANY ($2::text[]))
      FROM queue.lease WHERE queue_id = q.id AND ends_at > statement_timestamp()),
     (SELECT (extract(epoch FROM statement_timestamp() - min(first.published_at)) * 1000)::bigint
      FROM generate_series(0, 9) AS r (rank)
      CROSS JOIN LATERAL (
        SELECT published_at FROM queue.ready AS w WHERE w.queue_id = q.id AND w.rank = r.rank
        ORDER BY w.seq LIMIT 1) AS first),
     q.max_depth, q.ack_deadline_ms, q.max_retries, q.default_priority, q.prefetch_limit
   FROM queue.queue AS q
   CROSS JOIN LATERAL (
     SELECT sum(ready) AS ready, sum(leased) AS leased, sum(dead) AS dead, sum(published) AS published,
       sum(consumed) AS consumed, sum(acked) AS acked, sum(nacked) AS nacked, sum(dead_lettered) AS dead_lettered
     FROM queue.counter WHERE queue_id = q.id) AS c
   WHERE q.name = $1`,
);

const TOTALS = statement(
  'queue.totals',
  `SELECT (SELECT count(*) FROM queue.queue), sum(c.ready), sum(c.leased), sum(c.dead)
   FROM queue.counter AS c JOIN queue.queue AS q ON q.id = c.queue_id`,
);

const PEEK = statement(
  'queue.peek',
  `SELECT w.id, w.body, w.bytes, 9 - w.rank, w.retry_count, w.max_retries, w.headers,
     (extract(epoch FROM w.published_at) * 1000)::bigint
   FROM queue.queue AS q LEFT JOIN LATERAL (
     SELECT * FROM queue.ready AS r
     WHERE r.queue_id = q.id AND (r.expires_at IS NULL OR r.expires_at > statement_timestamp())
     ORDER BY r.rank, r.seq LIMIT $2::int) AS w ON true
   WHERE q.name = $1 ORDER BY w.rank, w.seq`,
);

const text = (value: number | undefined): Parameter => (value === undefined ? null : String(value));

/** Makes a queue that is not there; one that is there stays as it is. @throws INVALID_PARAMETER, LIMIT_EXCEEDED */
export async function create(context: OperationContext, input: CreateInput): Promise<CreateResult> {
  checkQueue(input.queue);
  return { created: await makeQueue(context, input) };
}

/** True when it was not there. A transaction may be about to make it. @throws LIMIT_EXCEEDED, LOCK_TIMEOUT */
export async function makeQueue(context: OperationContext, input: CreateInput): Promise<boolean> {
  const { rows } = await deskOf(context.database).patiently(context, MAKE, [
    String(LIMITS.queuesMax),
    input.queue,
    text(input.maxDepth),
    text(input.ackDeadlineMs),
    text(input.maxRetries),
    text(input.defaultPriority),
    text(input.prefetchLimit),
  ]);
  const made = rows[0]?.[0];
  if (typeof made !== 'string') {
    throw new FacetError('LIMIT_EXCEEDED', `There are ${LIMITS.queuesMax} queues already (queuesMax)`);
  }
  return made === 't';
}

/** Removes a queue with all its messages, those under lease and dead ones, too. Who waits at it is told. */
export async function remove(context: OperationContext, { queue }: QueueInput): Promise<DeleteResult> {
  checkQueue(queue);
  const desk = deskOf(context.database);
  const { rows } = await desk.apart(context, REMOVE, [queue]);
  desk.written(context, () => desk.waiters.wake(queue));
  return { deleted: rows[0]?.[0] === 't' };
}

/** Removes the messages that wait; those under lease and dead ones stay. @throws QUEUE_NOT_FOUND */
export async function purge(context: OperationContext, { queue }: QueueInput): Promise<PurgeResult> {
  checkQueue(queue);
  const desk = deskOf(context.database);
  const { rows } = await desk.apart(context, PURGE, [String(context.transaction !== undefined), queue]);
  const purged = rows[0]?.[0];
  if (typeof purged !== 'string') throw noQueue(queue);
  desk.written(context, () => {});
  return { purged: Number(purged) };
}

/** The names of all queues. */
export async function list(context: OperationContext): Promise<ListResult> {
  const { transaction, signal, database } = context;
  const { rows } = await database.run(LIST, [], { transaction, signal, reads: true });
  return { queues: rows.map(([name]) => name ?? '') };
}

/**
 * Consumers are those who hold messages, in all processes, and those who wait in this one. Without a name nobody can tell
 * whether two of them are the same: each message and each wait is one.
 * @throws QUEUE_NOT_FOUND
 */
export async function stats(context: OperationContext, { queue }: QueueInput): Promise<StatsResult> {
  checkQueue(queue);
  const { transaction, signal, database } = context;
  const waiting = deskOf(database).waiters.consumersOf(queue);
  const named = [...new Set(waiting.filter((consumer) => consumer !== null))];
  const unnamed = waiting.filter((consumer) => consumer === null).length;
  const { rows } = await database.run(STATS, [queue, arrayLiteral(named)], { transaction, signal });
  const [row] = rows;
  if (row === undefined) throw noQueue(queue);
  // What other processes have not committed yet may be missing on one side only.
  const count = (column: number): number => Math.max(0, Number(row[column] ?? 0));
  const age = row[9];
  return {
    queue,
    depth: count(0),
    inFlight: count(1),
    deadLetters: count(2),
    published: count(3),
    consumed: count(4),
    acked: count(5),
    nacked: count(6),
    deadLettered: count(7),
    consumers: count(8) + named.length + unnamed,
    oldestMessageAgeMs: typeof age === 'string' ? Math.max(0, Number(age)) : null,
    config: {
      maxDepth: count(10),
      ackDeadlineMs: count(11),
      maxRetries: count(12),
      defaultPriority: count(13),
      prefetchLimit: count(14),
    },
  };
}

/** What is in all queues together. */
export async function totals(context: OperationContext): Promise<TotalsResult> {
  const { transaction, signal, database } = context;
  const { rows } = await database.run(TOTALS, [], { transaction, signal, reads: true });
  const [queues = 0, depth = 0, inFlight = 0, deadLetters = 0] = (rows[0] ?? []).map((cell) =>
    Math.max(0, Number(cell ?? 0)),
  );
  return { queues, depth, inFlight, deadLetters };
}

/** The messages that are next, without taking them. @throws QUEUE_NOT_FOUND */
export async function peek(context: OperationContext, input: PeekInput): Promise<PeekResult> {
  checkQueue(input.queue);
  const { transaction, signal, database } = context;
  const parameters = [input.queue, String(input.countMax ?? 1)];
  const { rows } = await database.run(PEEK, parameters, { transaction, signal });
  if (rows.length === 0) throw noQueue(input.queue);
  return { messages: rows.filter(([id]) => id !== null).map(messageOf) };
}

/** A row of id, JSON, bytes, priority, retry count, maximum, headers, time of publishing. */
export function messageOf(row: readonly Cell[]): PeekResult['messages'][number] {
  const [id, json, bytes, priority, retryCount, maxRetries, headers, publishedAtMs] = row;
  return {
    messageId: messageIdOf(id),
    messageJson: json ?? null,
    payloadBase64: base64Of(bytes),
    priority: Number(priority),
    retryCount: Number(retryCount),
    maxRetries: Number(maxRetries),
    headersJson: headers ?? null,
    publishedAtMs: Number(publishedAtMs),
  };
}
