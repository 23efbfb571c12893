/** Appending events: one statement for all that came in together, whatever rooms they are for. */
import { assert, FacetError, LIMITS } from '../../base/index.ts';
import {
  arrayLiteral,
  type Parameter,
  type ResultSet,
  type Statement,
  statement,
} from '../../engine/index.ts';
import { eventIdOf, type NewEvent, type StreamEvent } from './event.ts';

/** Runs one statement, by itself or in the caller's transaction. */
export type Run = (statement: Statement, parameters: readonly Parameter[]) => Promise<ResultSet>;

/** Events of one room that stand behind each other. */
export interface Appended {
  readonly generation: string;
  readonly room: string;
  readonly events: readonly StreamEvent[];
}

const APPEND = statement(
  'stream.append',
  `SELECT * FROM stream.append($1::text[], $2::int[], $3::bigint[], $4::boolean[],
     $5::text[], $6::text[], $7::text[], $8::bigint[], ${LIMITS.streamRetentionEventsDefault},
     ${LIMITS.streamRetentionMsDefault}, ${LIMITS.streamRetentionBytesDefault})`,
);

/**
 * Appends `items`, which stand room by room. Returns per room what was appended, or undefined when there is no such
 * room, in the order of the rooms.
 */
export async function append(
  run: Run,
  items: readonly NewEvent[],
): Promise<readonly (Appended | undefined)[]> {
  const groups = byRoom(items);
  const { rows } = await run(APPEND, parametersOf(groups, items));
  assert(rows.length === groups.length, 'every room of a batch is answered');
  return groups.map((group, n) => {
    const [generation = null, first = null, atMs = null] = rows[n] ?? [];
    const room = group[0]?.room ?? '';
    if (generation === null) return undefined;
    return {
      generation,
      room,
      events: group.map((item, index) => {
        const offset = Number(first) + index;
        return {
          eventId: eventIdOf(generation, offset),
          room,
          offset,
          eventType: item.eventType,
          dataJson: item.dataJson,
          metadata: item.metadata,
          publishedAtMs: Number(atMs),
          bytes: item.bytes,
        };
      }),
    };
  });
}

export const noRoom = (room: string): FacetError =>
  new FacetError('ROOM_NOT_FOUND', `No room '${room}'`, { hint: 'Create it first.' });

function byRoom(items: readonly NewEvent[]): NewEvent[][] {
  const groups: NewEvent[][] = [];
  let group: NewEvent[] = [];
  for (const item of items) {
    if (group[0]?.room !== item.room) {
      group = [];
      groups.push(group);
    }
    group.push(item);
  }
  return groups;
}

function parametersOf(groups: readonly (readonly NewEvent[])[], items: readonly NewEvent[]): Parameter[] {
  const sizes: string[] = [];
  const befores: string[] = [];
  for (const group of groups) {
    let bytes = 0;
    for (const item of group) {
      befores.push(String(bytes));
      bytes += item.bytes;
    }
    sizes.push(String(bytes));
  }
  return [
    arrayLiteral(groups.map((group) => group[0]?.room ?? '')),
    arrayLiteral(groups.map((group) => String(group.length))),
    arrayLiteral(sizes),
    arrayLiteral(groups.map((group) => (group.some(({ createRoom }) => createRoom) ? 't' : 'f'))),
    arrayLiteral(items.map(({ eventType }) => eventType)),
    arrayLiteral(items.map(({ dataJson }) => dataJson)),
    arrayLiteral(items.map(({ metadataJson }) => metadataJson)),
    arrayLiteral(befores),
  ];
}
