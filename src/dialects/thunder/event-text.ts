/**
 * A change of a row as JSON text, in the words of the ThunderDB API reference (WebSocket API, /ws/events): an insert has
 * `row`, an update `old_row`, `new_row` and `changed_columns`, a delete `row`. `sequence` and, outside of the schema
 * `public`, `schema` are additions.
 */
import { timestamp } from '../../base/index.ts';
import { type Cell, lsnText } from '../../engine/index.ts';
import type { RowChange, SubscribedTable } from '../../models/index.ts';
import { type CellEncoder, encoderOf } from './cells.ts';

/** How much of an update is told. */
export interface EventForm {
  /** Rows of updates are whole; else they have the key and what changed, as the reference shows them. */
  readonly fullRows: boolean;
  /** Updates have `old_row`. */
  readonly oldRows: boolean;
}

interface TableText {
  /** `"id":`, in the order of the columns. */
  readonly names: readonly string[];
  readonly quotedNames: readonly string[];
  readonly encoders: readonly CellEncoder[];
  readonly hasKey: boolean;
  /** `"table":"orders"`. */
  readonly members: string;
}

const TABLES = new WeakMap<SubscribedTable, TableText>();

function textOf(table: SubscribedTable): TableText {
  const known = TABLES.get(table);
  if (known !== undefined) return known;
  const quotedNames = table.columns.map(({ name }) => JSON.stringify(name));
  const made: TableText = {
    quotedNames,
    names: quotedNames.map((name) => `${name}:`),
    encoders: table.columns.map(({ type }) => encoderOf(type)),
    hasKey: table.columns.some(({ key }) => key),
    members:
      `"table":${JSON.stringify(table.name)}` +
      (table.schema === 'public' ? '' : `,"schema":${JSON.stringify(table.schema)}`),
  };
  TABLES.set(table, made);
  return made;
}

/** `"table":"orders"`, and the schema when it is not `public`: members without braces. */
export const tableMembers = (table: SubscribedTable): string => textOf(table).members;

/**
 * The rows of a change, as members without braces: `"row":{…}`, or `"old_row":{…},"new_row":{…}`.
 */
export function rowMembers(change: RowChange, form: EventForm): string {
  const { operation, newRow = [], oldRow = [] } = change;
  if (operation !== 'update')
    return `"row":${rowText(change.table, operation === 'insert' ? newRow : oldRow)}`;
  const places = form.fullRows ? undefined : toldPlaces(change);
  const before = form.oldRows ? `"old_row":${rowText(change.table, oldRow, places)},` : '';
  return `${before}"new_row":${rowText(change.table, newRow, places)}`;
}

/** The names of the columns that an update changed, as a JSON array. */
export function changedColumnsText({ table, changedColumns }: RowChange): string {
  const { quotedNames } = textOf(table);
  return `[${changedColumns.map((place) => quotedNames[place] ?? 'null').join(',')}]`;
}

/** All of an event but its first members, which say for whom it is: from `"table"` on, without braces. */
export function eventMembers(change: RowChange, form: EventForm): string {
  const changed = change.operation === 'update' ? `,"changed_columns":${changedColumnsText(change)}` : '';
  return (
    `${tableMembers(change.table)},"operation":"${change.operation}",${rowMembers(change, form)}${changed},` +
    `"lsn":"${lsnText(change.commitLsn)}","timestamp":"${timestamp(change.committedAtMs)}",` +
    `"sequence":${change.sequence}`
  );
}

/** Key and changed columns. A row without a key cannot be told from others by less than the whole. */
function toldPlaces({ table, changedColumns }: RowChange): ReadonlySet<number> | undefined {
  if (!textOf(table).hasKey) return undefined;
  const places = new Set(changedColumns);
  for (const [place, { key }] of table.columns.entries()) if (key) places.add(place);
  return places;
}

/** @param places which columns; absent: all */
export function rowText(table: SubscribedTable, row: readonly Cell[], places?: ReadonlySet<number>): string {
  const { names, encoders } = textOf(table);
  let text = '{';
  for (let place = 0; place < names.length; place++) {
    if (places !== undefined && !places.has(place)) continue;
    const cell = row[place] ?? null;
    if (text !== '{') text += ',';
    text += names[place];
    text += cell === null ? 'null' : (encoders[place]?.(cell) ?? 'null');
  }
  return `${text}}`;
}
