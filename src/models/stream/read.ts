/** Reading pages of a room, for history and for live subscribers that have to catch up. */
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import {
  type Cell,
  type Database,
  type Parameter,
  type ResultSet,
  type Statement,
  statement,
  type Transaction,
} from '../../engine/index.ts';
import { eventOf, type StreamEvent } from './event.ts';

export interface Page {
  readonly events: readonly StreamEvent[];
  /** Of the oldest event that is kept; `nextOffset` when there is none. */
  readonly oldestOffset: number;
  readonly nextOffset: number;
}

/** Where a page begins: an offset, the last events, or everything that is kept. */
export const EVENT_COLUMNS = `e."offset", e.type, e.data, e.metadata, stream.ms(e.published_at)`;

/** Of a room by its generation, which is how those who follow it know it. */
const FOLLOW = statement(
  'stream.follow',
  `SELECT r.oldest_offset, r.next_offset, ${EVENT_COLUMNS}
   FROM stream.room AS r LEFT JOIN LATERAL stream.page(r.id, $2::bigint, $3::bigint, $4::int, $5::bigint) AS e ON true
   WHERE r.id = $1::bigint`,
);

/** For `to_offset`: no bound. */
export const OFFSET_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Runs a statement that only reads. What takes too long on the lane of reads, because events are large or the machine
 * is busy, moves to the pool.
 */
export async function read(
  database: Database,
  statement: Statement,
  parameters: readonly Parameter[],
  options: { transaction?: Transaction | undefined; signal?: AbortSignal | undefined } = {},
): Promise<ResultSet> {
  const { transaction, signal } = options;
  try {
    return await database.run(statement, parameters, { transaction, signal, reads: true });
  } catch (thrown) {
    if (transaction !== undefined || asFacetError(thrown).code !== 'QUERY_TIMEOUT') throw thrown;
    return database.inTransaction(
      (own) => database.run(statement, parameters, { transaction: own, signal }),
      {
        signal,
        readOnly: true,
      },
    );
  }
}

/** Events of the room `generation` from an offset on; undefined when the room is gone. */
export async function follow(
  database: Database,
  room: { readonly generation: string; readonly name: string },
  from: number,
  to: number,
  eventsMax: number,
): Promise<Page | undefined> {
  const { rows } = await read(database, FOLLOW, [
    room.generation,
    String(from),
    String(to),
    String(eventsMax),
    String(LIMITS.streamBatchBytesMax),
  ]);
  return pageOf(room, rows);
}

/** The page of rows with the columns oldest_offset, next_offset and those of an event. */
export function pageOf(
  room: { readonly generation: string; readonly name: string },
  rows: readonly (readonly Cell[])[],
): Page | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const events: StreamEvent[] = [];
  for (const row of rows) {
    if (row[2] !== null) events.push(eventOf(room.generation, room.name, row.slice(2)));
  }
  return { events, oldestOffset: Number(first[0]), nextOffset: Number(first[1]) };
}

export const outOfRange = (offset: number, oldestOffset: number): FacetError =>
  new FacetError(
    'OFFSET_OUT_OF_RANGE',
    `Offset ${offset} is out of range; the earliest retained offset is ${oldestOffset}`,
    { detail: `The earliest retained offset is ${oldestOffset}` },
  );
