/**
 * Changes of rows -> the bytes of facet.v1.FollowResponse and AttachResponse, which are laid out alike. Cells are written as
 * in results of queries.
 */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Lsn, lsnText } from '../../../engine/index.ts';
import type { RowChange, SubscribedTable } from '../../../models/index.ts';
import { WireWriter } from '../../grpc/index.ts';
import { type CellWriter, cellWriterOf, writeRow } from './cells.ts';
import { FollowResponseSchema, type StartedSchema } from './gen/facet/v1/changes_pb.ts';

/** Field number and wire type. */
const ITEM = { change: 0x12 } as const;
const CHANGE = {
  event: 0x0a,
  lsn: 0x12,
  sequence: 0x18,
  xid: 0x20,
  committedAt: 0x2a,
  newRow: 0x32,
  oldRow: 0x3a,
  changedColumns: 0x42,
} as const;
const TIMESTAMP = { seconds: 0x08, nanos: 0x10 } as const;

/** The message that says what the places of columns mean. */
export const startedMessage = (table: SubscribedTable, fromLsn: Lsn): Uint8Array =>
  toBinary(
    FollowResponseSchema,
    create(FollowResponseSchema, { item: { case: 'started', value: startedOf(table, fromLsn) } }),
  );

const startedOf = (table: SubscribedTable, fromLsn: Lsn): MessageInitShape<typeof StartedSchema> => ({
  schema: table.schema,
  table: table.name,
  columns: table.columns.map(({ name }) => name),
  columnTypes: table.columns.map(({ type }) => type),
  keyColumns: table.columns.flatMap(({ key }, at) => (key ? [at] : [])),
  fromLsn: lsnText(fromLsn),
});

/** The same table may come as another object. */
const sameColumns = (one: SubscribedTable, other: SubscribedTable): boolean =>
  one.columns.length === other.columns.length &&
  one.columns.every(({ name, type, key }, at) => {
    const column = other.columns[at];
    return column?.name === name && column.type === type && column.key === key;
  });

/** Changes of one stream, each as a message. */
export class ChangeMessages {
  readonly #wire = new WireWriter();
  readonly #includeOldValues: boolean;
  #table: SubscribedTable | undefined = undefined;
  #writers: readonly CellWriter[] = [];

  constructor(options: { readonly table: SubscribedTable; readonly includeOldValues: boolean }) {
    this.#includeOldValues = options.includeOldValues;
    this.#follow(options.table);
  }

  /** The change, and before it, when the table has other columns since the last one, what they are now. */
  of(change: RowChange): readonly Uint8Array[] {
    const before = this.#table;
    if (change.table === before) return [this.#message(change)];
    this.#follow(change.table);
    if (before !== undefined && sameColumns(before, change.table)) return [this.#message(change)];
    return [startedMessage(change.table, change.commitLsn), this.#message(change)];
  }

  #message(change: RowChange): Uint8Array {
    const wire = this.#wire;
    wire.discard();
    const item = wire.beginField(ITEM.change);
    wire.string(CHANGE.event, change.operation);
    wire.string(CHANGE.lsn, lsnText(change.commitLsn));
    wire.uint64(CHANGE.sequence, change.sequence);
    wire.uint64(CHANGE.xid, change.xid);
    this.#time(change.committedAtMs);
    if (change.newRow !== undefined) this.#row(CHANGE.newRow, change.newRow);
    if (change.oldRow !== undefined && (this.#includeOldValues || change.operation === 'delete')) {
      this.#row(CHANGE.oldRow, change.oldRow);
    }
    if (change.changedColumns.length > 0) {
      const places = wire.beginField(CHANGE.changedColumns);
      for (const place of change.changedColumns) wire.packed(place);
      wire.endField(places);
    }
    wire.endField(item);
    return wire.message();
  }

  #follow(table: SubscribedTable): void {
    this.#table = table;
    this.#writers = table.columns.map(({ type }) => cellWriterOf(type));
  }

  #time(ms: number): void {
    const field = this.#wire.beginField(CHANGE.committedAt);
    const seconds = Math.floor(ms / 1_000);
    this.#wire.int64(TIMESTAMP.seconds, String(seconds));
    this.#wire.uint64(TIMESTAMP.nanos, Math.round((ms - seconds * 1_000) * 1_000) * 1_000);
    this.#wire.endField(field);
  }

  #row(tag: number, row: readonly (string | null)[]): void {
    const field = this.#wire.beginField(tag);
    writeRow(this.#wire, row, this.#writers);
    this.#wire.endField(field);
  }
}
