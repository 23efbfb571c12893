/** Making, deleting, listing and looking at rooms. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { type Parameter, statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { noRoom } from './append.ts';
import { edges } from './history.ts';
import { checkName } from './names.ts';
import { read } from './read.ts';
import type {
  CreateInput,
  CreateResult,
  DeleteResult,
  RetentionInput,
  RoomInput,
  RoomsInput,
  RoomsResult,
  StatsResult,
  TotalsResult,
} from './schemas.ts';
import { streamsOf } from './streams.ts';
import { write } from './write.ts';

const CREATE = statement(
  'stream.create',
  `INSERT INTO stream.room (name, events_max, age_ms_max, bytes_max)
   VALUES ($1, $2::bigint, $3::bigint, $4::bigint) ON CONFLICT (name) DO NOTHING RETURNING id`,
);
const FIND = statement(
  'stream.find',
  'SELECT id, oldest_offset, next_offset FROM stream.room WHERE name = $1',
);
const DELETE = statement('stream.delete', 'DELETE FROM stream.room WHERE name = $1');
const LIST = statement(
  'stream.rooms',
  `SELECT name, (SELECT count(*) FROM stream.room WHERE topic_id IS NULL) FROM (
     SELECT name FROM stream.room
     WHERE topic_id IS NULL AND starts_with(name, $1) AND name > $2 COLLATE "C"
     ORDER BY name LIMIT $3::int) AS page`,
);
const COUNT = statement('stream.count', 'SELECT count(*) FROM stream.room WHERE topic_id IS NULL');
const STATS = statement(
  'stream.stats',
  `SELECT r.id, stream.ms(r.created_at), r.oldest_offset, r.next_offset, r.bytes_total - r.bytes_removed,
     r.events_max, r.age_ms_max, r.bytes_max, count(s.name), coalesce(sum(s.consumed), 0)
   FROM stream.room AS r LEFT JOIN stream.subscriber AS s ON s.room_id = r.id
   WHERE r.name = $1 GROUP BY r.id`,
);

/** A room as it was when it was looked at. */
export interface FoundRoom {
  readonly generation: string;
  readonly oldestOffset: number;
  readonly nextOffset: number;
}

/** @throws INVALID_PARAMETER, ROOM_EXISTS */
export async function create(context: OperationContext, input: CreateInput): Promise<CreateResult> {
  const result = await getOrCreate(context, input);
  if (!result.created) throw new FacetError('ROOM_EXISTS', `There is a room '${input.room}' already`);
  return result;
}

/** A room that is there keeps its events and its retention. @throws INVALID_PARAMETER */
export async function getOrCreate(context: OperationContext, input: CreateInput): Promise<CreateResult> {
  const { transaction } = context;
  const { room } = input;
  checkName('room', room);
  const parameters = [room, ...retentionParameters(input.retention)];
  for (;;) {
    const { rows } = await write(context, CREATE, parameters);
    const made = rows[0]?.[0] ?? null;
    if (made !== null) return { room, created: true, generation: made };
    const found = await find(context, room);
    if (found !== undefined) return { room, created: false, generation: found.generation };
    // Deleted in between. In a transaction that does not see the other's room this would go on for ever.
    if (transaction !== undefined && transaction.isolationLevel !== 'read_committed') {
      throw new FacetError('SERIALIZATION_FAILURE', `The room '${room}' was made by another transaction`);
    }
  }
}

export async function find(context: OperationContext, room: string): Promise<FoundRoom | undefined> {
  const { rows } = await read(context.database, FIND, [room], context);
  const [row] = rows;
  if (row === undefined) return undefined;
  return { generation: row[0] ?? '', oldestOffset: Number(row[1]), nextOffset: Number(row[2]) };
}

/** Its events are removed in the background, and its live subscribers are told. @throws INVALID_PARAMETER */
export async function remove(context: OperationContext, { room }: RoomInput): Promise<DeleteResult> {
  checkName('room', room);
  const { affected } = await write(context, DELETE, [room]);
  if (affected > 0) streamsOf(context.database).retention.written();
  return { deleted: affected > 0 };
}

export async function list(context: OperationContext, input: RoomsInput): Promise<RoomsResult> {
  const limit = input.limit ?? LIMITS.streamPageEventsMax;
  const { rows } = await read(
    context.database,
    LIST,
    [input.prefix ?? '', input.after ?? '', String(limit)],
    context,
  );
  const counted = rows[0]?.[1] ?? (await read(context.database, COUNT, [], context)).rows[0]?.[0];
  return { rooms: rows.map(([name]) => name ?? ''), count: Number(counted) };
}

/** What there is of all rooms together. */
export async function totals(context: OperationContext): Promise<TotalsResult> {
  const { rows } = await read(context.database, COUNT, [], context);
  return { rooms: Number(rows[0]?.[0]), subscriberCount: streamsOf(context.database).tails.followers };
}

/** @throws INVALID_PARAMETER, ROOM_NOT_FOUND */
export async function stats(context: OperationContext, { room }: RoomInput): Promise<StatsResult> {
  checkName('room', room);
  const found = await statsOf(context, room);
  if (found === undefined) throw noRoom(room);
  return found;
}

export async function statsOf(context: OperationContext, room: string): Promise<StatsResult | undefined> {
  const { rows } = await read(context.database, STATS, [room], context);
  const [row] = rows;
  if (row === undefined) return undefined;
  const cell = (n: number): number => Number(row[n]);
  const bound = (n: number): number | null => (row[n] === null ? null : cell(n));
  const generation = row[0] ?? '';
  const oldestOffset = cell(2);
  const nextOffset = cell(3);
  return {
    room,
    generation,
    createdAtMs: cell(1),
    messageCount: nextOffset - oldestOffset,
    bytes: cell(4),
    ...edges({ oldestOffset, nextOffset }),
    nextOffset,
    subscriberCount: streamsOf(context.database).tails.subscribers(generation),
    consumerCount: cell(8),
    totalPublished: nextOffset,
    totalConsumed: cell(9),
    totalRemoved: oldestOffset,
    retention: { eventsMax: bound(5), ageMsMax: bound(6), bytesMax: bound(7) },
  };
}

/** events_max, age_ms_max and bytes_max of a new room. */
export function retentionParameters(given: RetentionInput = {}): readonly Parameter[] {
  const text = (value: number | null | undefined, absent: number): Parameter =>
    value === null ? null : String(value ?? absent);
  return [
    text(given.eventsMax, LIMITS.streamRetentionEventsDefault),
    text(given.ageMsMax, LIMITS.streamRetentionMsDefault),
    text(given.bytesMax, LIMITS.streamRetentionBytesDefault),
  ];
}
