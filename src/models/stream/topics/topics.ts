/** Topics with partitions. A partition is a room: gapless offsets, batches, retention are those of rooms. */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { newEvent } from '../event.ts';
import { edges, historyOf } from '../history.ts';
import { checkName, partitionRoom } from '../names.ts';
import { read } from '../read.ts';
import { retentionParameters } from '../rooms.ts';
import { streamsOf } from '../streams.ts';
import { write } from '../write.ts';
import { type KnownTopic, knownTopicsOf } from './known-topics.ts';
import { partitionOf } from './partition-of.ts';
import type {
  ConsumeInput,
  ConsumeResult,
  CreateInput,
  CreateResult,
  DeleteResult,
  ListResult,
  PublishInput,
  PublishResult,
  StatsResult,
  TopicInput,
} from './schemas.ts';

const PARTITIONS_DEFAULT = 3;

/** The names of rooms are made of the id, see names.ts: '%' stands for it, and ranges over the partitions. */
const CREATE = statement(
  'topic.create',
  `WITH made AS (
     INSERT INTO stream.topic (name, partitions, replication_factor, segment_bytes)
     VALUES ($1, $2::int, $3::int, $4::bigint) ON CONFLICT (name) DO NOTHING RETURNING id)
   INSERT INTO stream.room (name, topic_id, events_max, age_ms_max, bytes_max)
   SELECT replace(given.name, '%', made.id::text), made.id, $6::bigint, $7::bigint, $8::bigint
   FROM made, unnest($5::text[]) AS given (name) RETURNING topic_id`,
);
const DELETE = statement('topic.delete', 'DELETE FROM stream.topic WHERE name = $1');
const LIST = statement(
  'topic.list',
  `SELECT name FROM stream.topic ORDER BY name LIMIT ${LIMITS.topicListMax}`,
);
const STATS = statement(
  'topic.stats',
  `SELECT t.partitions, t.replication_factor, t.segment_bytes, stream.ms(t.created_at),
     r.oldest_offset, r.next_offset, r.bytes_total - r.bytes_removed, r.events_max, r.age_ms_max, r.bytes_max
   FROM stream.topic AS t JOIN stream.room AS r ON r.topic_id = t.id WHERE t.name = $1 ORDER BY r.id`,
);

/** @throws INVALID_PARAMETER, TOPIC_EXISTS */
export async function create(context: OperationContext, input: CreateInput): Promise<CreateResult> {
  checkName('topic', input.topic);
  const partitions = input.partitions ?? PARTITIONS_DEFAULT;
  const replicationFactor = input.replicationFactor ?? 1;
  const rooms = Array.from({ length: partitions }, (_, n) => partitionRoom('%', n));
  const { affected } = await write(context, CREATE, [
    input.topic,
    String(partitions),
    String(replicationFactor),
    String(input.segmentBytes ?? LIMITS.topicSegmentBytesDefault),
    arrayLiteral(rooms),
    ...retentionParameters(input.retention),
  ]);
  if (affected === 0) throw new FacetError('TOPIC_EXISTS', `There is a topic '${input.topic}' already`);
  return { topic: input.topic, partitions, replicationFactor };
}

/** @throws INVALID_PARAMETER */
export async function remove(context: OperationContext, { topic }: TopicInput): Promise<DeleteResult> {
  checkName('topic', topic);
  const { affected } = await write(context, DELETE, [topic]);
  if (affected > 0) streamsOf(context.database).retention.written();
  return { deleted: affected > 0 };
}

export async function list(context: OperationContext): Promise<ListResult> {
  const { rows } = await read(context.database, LIST, [], context);
  return { topics: rows.map(([name]) => name ?? '') };
}

/**
 * Appends to the partition of the key, or to the next one in turn.
 * @throws INVALID_PARAMETER, VALUE_TOO_LARGE, TOPIC_NOT_FOUND, LOCK_TIMEOUT
 */
export async function publish(context: OperationContext, input: PublishInput): Promise<PublishResult> {
  checkName('topic', input.topic);
  const topics = knownTopicsOf(context.database);
  for (let attempt = 0; ; attempt++) {
    const topic = await topics.find(context, input.topic, attempt > 0);
    if (topic === undefined) throw noTopic(input.topic);
    const partition = partitionFor(topic, input.key ?? null);
    const event = newEvent({ ...input, room: partitionRoom(topic.id, partition) }, false);
    try {
      const { offset, eventId } = await streamsOf(context.database).publish(context, event);
      return { topic: input.topic, partition, offset, eventId };
    } catch (thrown) {
      if (asFacetError(thrown).code !== 'ROOM_NOT_FOUND') throw thrown;
      // Deleted, and perhaps made again.
      if (attempt > 0) throw noTopic(input.topic);
    }
  }
}

/** @throws INVALID_PARAMETER, TOPIC_NOT_FOUND, OFFSET_OUT_OF_RANGE */
export async function consume(context: OperationContext, input: ConsumeInput): Promise<ConsumeResult> {
  checkName('topic', input.topic);
  const topics = knownTopicsOf(context.database);
  for (let attempt = 0; ; attempt++) {
    const topic = await topics.find(context, input.topic, attempt > 0);
    if (topic === undefined) throw noTopic(input.topic);
    const { fromOffset, limit, partition } = input;
    if (partition < topic.partitions) {
      const room = partitionRoom(topic.id, partition);
      const page = await historyOf(context, room, { fromOffset, limit }, input.topic);
      if (page !== undefined) {
        const { events, oldestOffset, nextOffset } = page;
        const last = events.at(-1);
        const from = (fromOffset ?? 0) > 0 ? (fromOffset ?? 0) : (oldestOffset ?? nextOffset);
        return { topic: input.topic, partition, events, nextOffset: last ? last.offset + 1 : from };
      }
    }
    if (attempt === 0) continue;
    if (partition < topic.partitions) throw noTopic(input.topic);
    throw new FacetError(
      'INVALID_PARAMETER',
      `Topic '${input.topic}' has the partitions 0 to ${topic.partitions - 1}`,
    );
  }
}

/** @throws INVALID_PARAMETER, TOPIC_NOT_FOUND */
export async function stats(context: OperationContext, { topic }: TopicInput): Promise<StatsResult> {
  checkName('topic', topic);
  const { rows } = await read(context.database, STATS, [topic], context);
  const [first] = rows;
  if (first === undefined) throw noTopic(topic);
  const perPartition = rows.map((row, partition) => {
    const oldestOffset = Number(row[4]);
    const nextOffset = Number(row[5]);
    return {
      partition,
      messageCount: nextOffset - oldestOffset,
      bytes: Number(row[6]),
      ...edges({ oldestOffset, nextOffset }),
      nextOffset,
    };
  });
  const bound = (n: number): number | null => ((first[n] ?? null) === null ? null : Number(first[n]));
  return {
    topic,
    partitions: Number(first[0]),
    replicationFactor: Number(first[1]),
    segmentBytes: Number(first[2]),
    createdAtMs: Number(first[3]),
    messageCount: perPartition.reduce((sum, { messageCount }) => sum + messageCount, 0),
    bytes: perPartition.reduce((sum, { bytes }) => sum + bytes, 0),
    perPartition,
    retention: { eventsMax: bound(7), ageMsMax: bound(8), bytesMax: bound(9) },
  };
}

export const noTopic = (topic: string): FacetError =>
  new FacetError('TOPIC_NOT_FOUND', `No topic '${topic}'`);

function partitionFor(topic: KnownTopic, key: string | null): number {
  if (key !== null) return partitionOf(key, topic.partitions);
  topic.turn = (topic.turn + 1) % topic.partitions;
  return topic.turn;
}
