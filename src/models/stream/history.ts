/** Reading what rooms keep: by offset, or as a subscriber with a name, whose position is remembered. */
import { asFacetError, type FacetError, LIMITS } from '../../base/index.ts';
import { type Cell, type Parameter, statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { assertRoom } from '../plan-limits.ts';
import { noRoom } from './append.ts';
import { checkName } from './names.ts';
import { EVENT_COLUMNS, OFFSET_MAX, outOfRange, type Page, pageOf, read } from './read.ts';
import type { ConsumeInput, ConsumeResult, HistoryInput, HistoryResult } from './schemas.ts';
import { write } from './write.ts';

/** Where `$2` begins in a room: null and 0 at the oldest, -n with the last n, n there. */
const FROM = `CASE WHEN coalesce($2::bigint, 0) = 0 THEN r.oldest_offset
  WHEN $2::bigint < 0 THEN greatest(r.oldest_offset, r.next_offset + $2::bigint) ELSE $2::bigint END`;

const HISTORY = statement(
  'stream.history',
  `SELECT r.id, r.oldest_offset, r.next_offset, ${EVENT_COLUMNS}
   FROM stream.room AS r
   LEFT JOIN LATERAL stream.page(r.id, ${FROM}, $3::bigint, $4::int, $5::bigint) AS e ON true
   WHERE r.name = $1`,
);

/** As history, from where the subscriber is when `$2` is null; then remembers where it is. Nothing new is not written. */
const CONSUME = statement(
  'stream.consume',
  `WITH room AS (
     SELECT r.id, r.oldest_offset, r.next_offset, s.next_offset AS position,
       CASE WHEN $2::bigint IS NULL THEN coalesce(s.next_offset, r.oldest_offset) ELSE ${FROM} END AS start
     FROM stream.room AS r LEFT JOIN stream.subscriber AS s ON s.room_id = r.id AND s.name = $3
     WHERE r.name = $1),
   page AS (
     SELECT e.* FROM room AS r, stream.page(r.id, r.start, ${OFFSET_MAX}, $4::int, $5::bigint) AS e
     WHERE r.start >= r.oldest_offset),
   told AS (
     INSERT INTO stream.subscriber AS s (room_id, name, next_offset, consumed, seen_at)
     SELECT r.id, $3, coalesce((SELECT max(e."offset") + 1 FROM page AS e), r.start),
       (SELECT count(*) FROM page), statement_timestamp()
     FROM room AS r
     WHERE r.start >= r.oldest_offset AND (r.position IS NULL AND $6::boolean
       OR r.position IS NOT NULL AND EXISTS (SELECT FROM page))
     ON CONFLICT (room_id, name) DO UPDATE SET next_offset = excluded.next_offset,
       consumed = s.consumed + excluded.consumed, seen_at = excluded.seen_at)
   SELECT r.position, r.start, r.id, r.oldest_offset, r.next_offset, ${EVENT_COLUMNS}
   FROM room AS r LEFT JOIN page AS e ON true ORDER BY e."offset"`,
);

/**
 * One page of what a room keeps, in the order of offsets. Beyond the end it is empty.
 * @throws INVALID_PARAMETER, ROOM_NOT_FOUND, OFFSET_OUT_OF_RANGE
 */
export async function history(context: OperationContext, input: HistoryInput): Promise<HistoryResult> {
  checkName('room', input.room);
  const page = await historyOf(context, input.room, input);
  if (page === undefined) throw noRoom(input.room);
  return page;
}

/** As `history`, under the name by which the caller's clients know the room; undefined when there is no such room. */
export async function historyOf(
  context: OperationContext,
  room: string,
  input: Omit<HistoryInput, 'room'>,
  shownAs: string = room,
): Promise<HistoryResult | undefined> {
  const from = input.fromOffset ?? null;
  const { rows } = await read(
    context.database,
    HISTORY,
    [
      room,
      from === null ? null : String(from),
      String(input.toOffset ?? OFFSET_MAX),
      String(input.limit ?? LIMITS.streamPageEventsDefault),
      String(LIMITS.streamPageBytesMax),
    ],
    context,
  );
  const page = pageOfRoom(shownAs, rows);
  if (page === undefined) return undefined;
  if (from !== null && from > 0 && from < page.oldestOffset) throw outOfRange(from, page.oldestOffset);
  return { events: [...page.events], ...edges(page), nextOffset: page.nextOffset };
}

/**
 * One page for a subscriber with a name, and remembers where it is then. Subscribers do not take events from each other.
 * @throws INVALID_PARAMETER, ROOM_NOT_FOUND, OFFSET_OUT_OF_RANGE, LOCK_TIMEOUT; QUOTA_EXCEEDED for a new subscriber when
 * the namespace is as large as the plan allows
 */
export async function consume(context: OperationContext, input: ConsumeInput): Promise<ConsumeResult> {
  checkName('room', input.room);
  checkName('subscriber', input.subscriberId);
  const from = input.fromOffset ?? null;
  const noRoomLeft = storageRefusal(context);
  const parameters: Parameter[] = [
    input.room,
    from === null ? null : String(from),
    input.subscriberId,
    String(input.limit ?? LIMITS.streamPageEventsDefault),
    String(LIMITS.streamPageBytesMax),
    String(noRoomLeft === undefined),
  ];
  // A transaction may hold the room, or the place of the subscriber.
  const { rows } = await write(context, CONSUME, parameters);
  const [first] = rows;
  const page = pageOfRoom(
    input.room,
    rows.map((row) => row.slice(2)),
  );
  if (first === undefined || page === undefined) throw noRoom(input.room);
  if (first[0] === null && noRoomLeft !== undefined) throw noRoomLeft;
  const start = Number(first[1]);
  if (start < page.oldestOffset) throw outOfRange(start, page.oldestOffset);
  return { events: [...page.events], nextOffset: (page.events.at(-1)?.offset ?? start - 1) + 1 };
}

/** Why nothing more may be stored. */
function storageRefusal(context: OperationContext): FacetError | undefined {
  try {
    assertRoom(context);
    return undefined;
  } catch (thrown) {
    return asFacetError(thrown);
  }
}

/** Rows that begin with the generation of the room. */
function pageOfRoom(room: string, rows: readonly (readonly Cell[])[]): Page | undefined {
  const generation = rows[0]?.[0] ?? '';
  return pageOf(
    { generation, name: room },
    rows.map((row) => row.slice(1)),
  );
}

/** The offsets of the oldest and the newest event that are kept. */
export function edges({ oldestOffset, nextOffset }: { oldestOffset: number; nextOffset: number }): {
  oldestOffset: number | null;
  newestOffset: number | null;
} {
  if (oldestOffset === nextOffset) return { oldestOffset: null, newestOffset: null };
  return { oldestOffset, newestOffset: nextOffset - 1 };
}
