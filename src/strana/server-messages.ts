/**
 * Messages of the server, as bytes. A Result may have more rows than should be encoded in one go: then it is added up in
 * parts, which are sent one behind the other.
 */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Value } from '../cypher/index.ts';
import { BackwardWriter } from './backward-writer.ts';
import { BatchResultEntrySchema, ServerMessageSchema } from './gen/graphd_pb.ts';
import type { IdTable } from './graph-value.ts';
import { writeRows } from './result-rows.ts';

type Rows = readonly (readonly Value[])[];

/** What a Result says beside its rows. Absent members are not sent. */
export interface ResultFrame {
  readonly columns: readonly string[];
  readonly timingMs: number;
  readonly requestId?: string | undefined;
  readonly streamId?: number | undefined;
  readonly hasMore?: boolean | undefined;
}

/** Bytes in several pieces, in their order. */
export interface Pieces {
  readonly pieces: Buffer[];
  readonly length: number;
}

/** Written in front of a message, which has so many bytes. */
export type Head = (writer: BackwardWriter, bytes: number) => void;

/** `results` of BatchResult, `result` of BatchResultEntry and of ServerMessage, `batch_result` of ServerMessage. */
const ENTRY = 0x0a;
const RESULT_OF_ENTRY = 0x0a;
const RESULT = 0x1a;
const BATCH_RESULT = 0x42;

/** One Result in the making. */
export class ResultMessage {
  readonly #writer = new BackwardWriter();
  readonly #pieces: Buffer[] = [];
  #length = 0;

  /**
   * Rows that others follow. Nothing is added when it throws.
   * @throws RESULT_TOO_LARGE, LIMIT_EXCEEDED
   */
  add(rows: Rows, from: number, to: number, ids: IdTable): void {
    const writer = this.#writer;
    writer.renew();
    this.#undoing(() => writeRows(writer, rows, from, to, ids));
    this.#keep();
  }

  /** The last rows, and everything else: the whole ServerMessage. @throws as `add` */
  message(frame: ResultFrame, rows: Rows, from: number, ids: IdTable, head?: Head): Pieces {
    return this.#finish(frame, rows, from, ids, (writer, bytes) => {
      const length = enclosed(writer, bytes, RESULT);
      head?.(writer, length);
    });
  }

  /** The same as an entry of a BatchResult. @throws as `add` */
  entry(frame: ResultFrame, rows: Rows, from: number, ids: IdTable): Pieces {
    return this.#finish(frame, rows, from, ids, (writer, bytes) => {
      enclosed(writer, enclosed(writer, bytes, RESULT_OF_ENTRY), ENTRY);
    });
  }

  #finish(frame: ResultFrame, rows: Rows, from: number, ids: IdTable, enclose: Head): Pieces {
    const writer = this.#writer;
    writer.renew();
    this.#undoing(() => {
      writeEnd(writer, frame);
      writeRows(writer, rows, from, rows.length, ids);
    });
    if (this.#pieces.length > 0) this.#keep();
    this.#undoing(() => {
      for (let index = frame.columns.length - 1; index >= 0; index--) {
        writer.text(frame.columns[index] ?? '');
        writer.byte(0x0a);
      }
      enclose(writer, this.#length + writer.length);
    });
    const first = writer.take();
    return { pieces: [first, ...this.#pieces], length: this.#length + first.length };
  }

  #keep(): void {
    const piece = this.#writer.take();
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  #undoing(write: () => void): void {
    try {
      write();
    } catch (thrown) {
      this.#writer.reset();
      throw thrown;
    }
  }
}

/** Fields of a Result that come behind its rows. */
function writeEnd(writer: BackwardWriter, { hasMore, streamId, requestId, timingMs }: ResultFrame): void {
  if (hasMore !== undefined) {
    writer.byte(hasMore ? 1 : 0);
    writer.byte(0x30);
  }
  if (streamId !== undefined) {
    writer.varint(streamId);
    writer.byte(0x28);
  }
  if (requestId !== undefined) {
    writer.text(requestId);
    writer.byte(0x22);
  }
  if (timingMs !== 0) {
    writer.double(timingMs);
    writer.byte(0x19);
  }
}

/** Puts length and tag in front; returns how much it is with them. */
function enclosed(writer: BackwardWriter, bytes: number, tag: number): number {
  const before = writer.length;
  writer.varint(bytes);
  writer.byte(tag);
  return bytes + writer.length - before;
}

/** A BatchResult of entries that were made before. */
export function batchMessage(entries: readonly Pieces[], requestId: string | undefined, head?: Head): Pieces {
  const pieces = entries.flatMap((entry) => entry.pieces);
  const writer = new BackwardWriter();
  let length = entries.reduce((sum, entry) => sum + entry.length, 0);
  if (requestId !== undefined) {
    writer.text(requestId);
    writer.byte(0x12);
    const end = writer.take();
    pieces.push(end);
    length += end.length;
  }
  const bytes = enclosed(writer, length, BATCH_RESULT);
  head?.(writer, bytes);
  const first = writer.take();
  return { pieces: [first, ...pieces], length: length + first.length };
}

/** An entry of a BatchResult that says what went wrong. */
export function errorEntry(message: string): Pieces {
  const entry = toBinary(
    BatchResultEntrySchema,
    create(BatchResultEntrySchema, { entry: { case: 'error', value: { message } } }),
  );
  const writer = new BackwardWriter();
  enclosed(writer, entry.length, ENTRY);
  const first = writer.take();
  return { pieces: [first, Buffer.from(entry)], length: first.length + entry.length };
}

type Message = Exclude<
  NonNullable<MessageInitShape<typeof ServerMessageSchema>['msg']>,
  { case?: undefined }
>;

/** What has no rows. */
export type SmallMessage = Exclude<Message, { case: 'result' | 'batchResult' }>;

export const serverMessage = (msg: SmallMessage): Uint8Array =>
  toBinary(ServerMessageSchema, create(ServerMessageSchema, { msg }));
