/**
 * PackStream and chunks as Neo4j's own driver writes and reads them: what the codec of the server is compared with. It
 * is found from the driver, whose inner part it is.
 */
import { createRequire } from 'node:module';
import type { BoltVersion } from '../../src/dialects/bolt/codec.ts';

interface DriverBuffer {
  reset(): void;
  writeBytes(bytes: DriverBuffer): void;
  remaining(): number;
  toBuffer?: () => Buffer;
  readonly _buffer: Buffer;
}

interface DriverChunker {
  messageBoundary(): void;
  flush(): void;
}

interface DriverDechunker {
  onmessage: (message: DriverBuffer) => void;
  write(buffer: DriverBuffer): void;
}

interface Structure {
  readonly signature: number;
  readonly fields: readonly unknown[];
}

interface Inner {
  readonly packstream: {
    readonly v1: {
      readonly Packer: new (
        chunker: DriverChunker,
      ) => { packable(value: unknown, toStructure: (value: unknown) => unknown): () => void };
      readonly Unpacker: new () => {
        unpack(buffer: DriverBuffer, fromStructure: (structure: Structure) => unknown): unknown;
      };
    };
    readonly structure: { readonly Structure: new (tag: number, fields: readonly unknown[]) => Structure };
  };
  readonly channel: {
    readonly Chunker: new (channel: { write(buffer: DriverBuffer): void }, bytes?: number) => DriverChunker;
    readonly Dechunker: new () => DriverDechunker;
    alloc(bytes: number | Buffer): DriverBuffer;
  };
}

interface Transformer {
  fromStructure(structure: Structure): unknown;
  toStructure(value: unknown): unknown;
}

type Factories = Readonly<Record<string, (config: object, log: object) => unknown>>;

const INNER = 'neo4j-driver-bolt-connection';
const requireOfTests = createRequire(import.meta.url);
const requireOfDriver = createRequire(requireOfTests.resolve('neo4j-driver'));
const { packstream, channel } = requireOfDriver(INNER) as Inner;
const { default: TransformerOf } = requireOfDriver(`${INNER}/lib/bolt/transformer.js`) as {
  default: new (factories: readonly unknown[]) => Transformer;
};

const log = { warn: () => undefined };

/** Of Bolt 4.4 with and without the patch, and of 5.x, the driver has transformers of its own. */
function transformerOf({ major, minor }: BoltVersion): Transformer {
  const { default: factories } = requireOfDriver(
    `${INNER}/lib/bolt/bolt-protocol-v${major}x${minor}.transformer.js`,
  ) as { default: Factories };
  return new TransformerOf(Object.values(factories).map((make) => make({}, log)));
}

/** One message as the driver sends it, in chunks of at most `chunkBytes`. */
export function encodeByDriver(
  tag: number,
  fields: readonly unknown[],
  version: BoltVersion,
  chunkBytes?: number,
): Buffer {
  const pieces: Buffer[] = [];
  const write = (buffer: DriverBuffer): void => {
    buffer.reset();
    pieces.push(Buffer.from(buffer._buffer.subarray(0, buffer.remaining())));
  };
  const chunker = new channel.Chunker({ write }, chunkBytes);
  const packer = new packstream.v1.Packer(chunker);
  const transformer = transformerOf(version);
  packer.packable(new packstream.structure.Structure(tag, fields), (value) =>
    transformer.toStructure(value),
  )();
  chunker.messageBoundary();
  chunker.flush();
  return Buffer.concat(pieces);
}

/** The messages that the driver reads, with values as its users see them; integers are its own class. */
export function decodeByDriver(
  bytes: Buffer,
  version: BoltVersion,
): { readonly tag: number; readonly fields: readonly unknown[] }[] {
  const found: { tag: number; fields: readonly unknown[] }[] = [];
  const transformer = transformerOf(version);
  const dechunker = new channel.Dechunker();
  dechunker.onmessage = (message) => {
    const read = new packstream.v1.Unpacker().unpack(message, (structure) =>
      transformer.fromStructure(structure),
    ) as Structure;
    found.push({ tag: read.signature, fields: read.fields });
  };
  dechunker.write(channel.alloc(bytes));
  return found;
}
