/** The messages that journals and snapshots consist of. Numbers of them are safe integers here. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FacetError } from '../base/index.ts';
import type { MapValue } from '../cypher/index.ts';
import { type JournalEntry, JournalEntrySchema, SnapshotMetaSchema } from './gen/graphd_pb.ts';
import { exactEntriesOf, parametersOf } from './parameters.ts';

/** One writing query. */
export interface JournalRecord {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly query: string;
  readonly parameters: MapValue;
  readonly timestampMs: number;
}

/** Where in the journal a snapshot was taken. */
export interface SnapshotRecord {
  /** Of the last entry that is in the snapshot; 0 where there was none. */
  readonly sequence: number;
  /** 32 bytes: the hash of that entry. */
  readonly chainHash: Uint8Array;
  readonly timestampMs: number;
  /** Of the program that wrote it. */
  readonly version: string;
}

/** @throws FacetError INVALID_VALUE for parameters that are nodes, relationships or paths */
export const encodeJournalEntry = (record: JournalRecord): Uint8Array =>
  toBinary(
    JournalEntrySchema,
    create(JournalEntrySchema, {
      sequence: BigInt(record.sequence),
      query: record.query,
      params: exactEntriesOf(record.parameters),
      timestampMs: BigInt(record.timestampMs),
    }),
  );

/** The message as it is, its parameters unread. @throws FacetError INVALID_VALUE for bytes that are no entry */
export const readJournalEntry = (bytes: Uint8Array): JournalEntry =>
  reading('a journal entry', () => fromBinary(JournalEntrySchema, bytes));

/** @throws FacetError INVALID_VALUE for bytes that are no entry */
export function decodeJournalEntry(bytes: Uint8Array): JournalRecord {
  const entry = readJournalEntry(bytes);
  return {
    sequence: Number(entry.sequence),
    query: entry.query,
    parameters: parametersOf(entry.params),
    timestampMs: Number(entry.timestampMs),
  };
}

export const encodeSnapshotMeta = (record: SnapshotRecord): Uint8Array =>
  toBinary(
    SnapshotMetaSchema,
    create(SnapshotMetaSchema, {
      sequence: BigInt(record.sequence),
      chainHash: Uint8Array.from(record.chainHash),
      timestampMs: BigInt(record.timestampMs),
      version: record.version,
    }),
  );

/** @throws FacetError INVALID_VALUE for bytes that are no meta data of a snapshot */
export function decodeSnapshotMeta(bytes: Uint8Array): SnapshotRecord {
  const meta = reading('the meta data of a snapshot', () => fromBinary(SnapshotMetaSchema, bytes));
  return {
    sequence: Number(meta.sequence),
    chainHash: meta.chainHash,
    timestampMs: Number(meta.timestampMs),
    version: meta.version,
  };
}

function reading<Message>(what: string, read: () => Message): Message {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FacetError('INVALID_VALUE', `The bytes are not ${what}: ${reason}`);
  }
}
