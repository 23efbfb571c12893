/** Messages to the client: SUCCESS, RECORD, IGNORED and FAILURE, gathered until they are taken for the socket. */
import type { Value } from '../../cypher/index.ts';
import { REPLIES } from './markers.ts';
import { PackWriter } from './pack-writer.ts';
import { writeList, writeValue } from './value-writer.ts';
import { isAtLeast, type Wire } from './versions.ts';

/**
 * Metadata of a reply. A whole number is an INTEGER, any other a FLOAT; an undefined member is left out. In a Map, and
 * in what it holds, values are Cypher's: every number is a FLOAT.
 */
export type Meta =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Meta[]
  | ReadonlyMap<string, Value>
  | { readonly [key: string]: Meta | undefined };

export interface Failure {
  /** As Neo4j names it: `Neo.ClientError.Statement.SyntaxError`. */
  readonly code: string;
  readonly message: string;
  /** Sent from Bolt 5.7 on. `50N42`, an error without a finer code, if it is not given. */
  readonly gqlStatus?: string | undefined;
  /** Sent from Bolt 5.7 on: what `gqlStatus` means, `error: syntax error or access rule violation - …`. */
  readonly description?: string | undefined;
  /** Sent from Bolt 5.7 on: members that differ from what drivers take if they are missing. */
  readonly diagnosticRecord?: { readonly [key: string]: Meta | undefined } | undefined;
  readonly cause?: Failure | undefined;
}

/** ISO/IEC 39075 with Neo4j's own part: an error that is not said more precisely. */
const STATUS_UNKNOWN = '50N42';
const DESCRIPTION_UNKNOWN = 'error: general processing exception - unexpected error';

export class ReplyWriter {
  /** Set anew when HELLO has told the patches of the client. */
  wire: Wire;
  readonly #writer = new PackWriter();

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** Bytes that `take` would give. */
  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  /** All replies since the last call, in chunks. The bytes are the caller's. */
  take(): Buffer {
    return this.#writer.take();
  }

  success(meta: { readonly [key: string]: Meta | undefined } = {}): void {
    this.#message(REPLIES.success, 1, () => {
      this.#meta(meta);
    });
  }

  /**
   * One row.
   * @throws RESULT_TOO_LARGE for a row beyond the bound, of which nothing is written then
   */
  record(values: readonly Value[]): void {
    const writer = this.#writer;
    try {
      writer.begin(REPLIES.record, 1);
      writeList(writer, values, this.wire);
      writer.end();
    } catch (error) {
      writer.undo();
      throw error;
    }
  }

  ignored(): void {
    this.#message(REPLIES.ignored, 0, () => undefined);
  }

  failure(failure: Failure): void {
    const meta = isAtLeast(this.wire, 5, 7)
      ? modernFailure(failure)
      : { code: failure.code, message: failure.message };
    this.#message(REPLIES.failure, 1, () => {
      this.#meta(meta);
    });
  }

  #message(tag: number, fields: number, write: () => void): void {
    try {
      this.#writer.begin(tag, fields);
      write();
      this.#writer.end();
    } catch (error) {
      this.#writer.undo();
      throw error;
    }
  }

  #meta(value: Meta): void {
    const writer = this.#writer;
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      writer.integer(value);
    } else if (typeof value !== 'object' || value === null || value instanceof Map) {
      writeValue(writer, value as Value, this.wire);
    } else if (Array.isArray(value)) {
      writer.listHeader(value.length);
      for (const item of value as readonly Meta[]) this.#meta(item);
    } else {
      const members = Object.entries(value as { readonly [key: string]: Meta | undefined });
      const present = members.filter(([, member]) => member !== undefined);
      writer.mapHeader(present.length);
      for (const [key, member] of present) {
        writer.string(key);
        this.#meta(member ?? null);
      }
    }
  }
}

/** Causes have no code of their own kind. */
function modernFailure(failure: Failure): { readonly [key: string]: Meta | undefined } {
  return { neo4j_code: failure.code, ...gqlPart(failure) };
}

const gqlPart = (failure: Failure): { readonly [key: string]: Meta | undefined } => ({
  message: failure.message,
  gql_status: failure.gqlStatus ?? STATUS_UNKNOWN,
  description: failure.description ?? DESCRIPTION_UNKNOWN,
  diagnostic_record: failure.diagnosticRecord,
  cause: failure.cause === undefined ? undefined : gqlPart(failure.cause),
});
