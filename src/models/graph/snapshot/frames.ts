/**
 * The form of a dumped graph: a line that says what it is, then frames. A frame is one letter for its kind, four bytes
 * for the length of its body (little-endian), and the body, which is JSON where nothing else is said.
 *
 *   M  SnapshotMeta of graphd's protocol: where in the journal the dump was taken; always the first
 *   G  facts of the graph as a whole: identities that were given out, whether the journal is on
 *   N  nodes: [[id, [labels], {properties as stored}], …]
 *   R  relationships: [[id, type, start, end, {properties as stored}], …]
 *   S  indexes and constraints, in the order in which they were made
 *   T  a line with the name of a table of the catalog, then all of its rows
 *   Z  the end: SHA-256 of every byte before it, 32 bytes
 */
import { createHash } from 'node:crypto';
import { FacetError, LIMITS } from '../../../base/index.ts';
import { ByteReader } from '../sealed/index.ts';

export const DUMP_MAGIC: Buffer = Buffer.from('facet graph 1\n', 'latin1');
const HEAD_BYTES = 5;
const DIGEST_BYTES = 32;

const KINDS = ['M', 'G', 'N', 'R', 'S', 'T', 'Z'] as const;
export type FrameKind = (typeof KINDS)[number];

export interface Frame {
  readonly kind: Exclude<FrameKind, 'Z'>;
  readonly body: Buffer;
}

/** Puts frames one behind the other and knows how they end. */
export class FrameWriter {
  readonly #digest = createHash('sha256');

  begin(): Buffer {
    this.#digest.update(DUMP_MAGIC);
    return DUMP_MAGIC;
  }

  /** @throws LIMIT_EXCEEDED for a body that no reader would take */
  frame(kind: Frame['kind'], content: string | Uint8Array): Buffer {
    const body = typeof content === 'string' ? Buffer.from(content) : content;
    if (body.length > LIMITS.snapshotFrameBytesMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `A part of the graph has ${body.length} bytes, more than ${LIMITS.snapshotFrameBytesMax} (snapshotFrameBytesMax)`,
      );
    }
    const bytes = framed(kind, body);
    this.#digest.update(bytes);
    return bytes;
  }

  end(): Buffer {
    return framed('Z', this.#digest.digest());
  }
}

function framed(kind: FrameKind, body: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES, kind, 'latin1');
  head.writeUInt32LE(body.length, 1);
  return Buffer.concat([head, body]);
}

export const isDump = (bytes: Uint8Array): boolean =>
  DUMP_MAGIC.equals(bytes.subarray(0, DUMP_MAGIC.length)) && bytes.length >= DUMP_MAGIC.length;

/** The frames before the end. @throws FILE_DAMAGED with the place; at the end when a byte before it was changed */
export async function* readFrames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const reader = new ByteReader(pieces);
  const digest = createHash('sha256');
  try {
    const magic = await reader.take(DUMP_MAGIC.length);
    if (!isDump(magic)) throw new FacetError('FILE_DAMAGED', 'This is not a dump of a graph');
    digest.update(magic);
    for (let first = true; ; first = false) {
      const at = reader.offset;
      const head = await reader.take(HEAD_BYTES);
      const kind = KINDS.find((known) => known.charCodeAt(0) === head[0]);
      if (head.length < HEAD_BYTES) throw cut(reader.offset);
      const length = head.readUInt32LE(1);
      const isPossible = length <= LIMITS.snapshotFrameBytesMax && (kind === 'M') === first;
      if (kind === undefined || !isPossible) throw changed(at);
      const body = await reader.take(length);
      if (body.length < length) throw cut(reader.offset);
      if (kind === 'Z') {
        if (length !== DIGEST_BYTES || !digest.digest().equals(body)) {
          throw new FacetError(
            'FILE_DAMAGED',
            'The dump is not what was written: its SHA-256 is another one',
          );
        }
        if ((await reader.peek(1)).length > 0) {
          throw new FacetError('FILE_DAMAGED', `The dump goes on behind its end, at byte ${reader.offset}`);
        }
        return;
      }
      digest.update(head).update(body);
      yield { kind, body };
    }
  } finally {
    await reader.close();
  }
}

const changed = (at: number): FacetError =>
  new FacetError('FILE_DAMAGED', `The dump has something else at byte ${at} than the beginning of a part`);

const cut = (at: number): FacetError =>
  new FacetError('FILE_DAMAGED', `The dump ends at byte ${at}, too early`);
