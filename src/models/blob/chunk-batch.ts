/** Chunks that one statement stores: the order in the artifact, and each different one once, sorted by its hash. */
import { byteaArray, type OwnParameter } from '../../engine/index.ts';
import type { Chunk } from './chunker.ts';

export class ChunkBatch {
  /** Of its first chunk within the artifact. */
  readonly firstOrdinal: number;
  readonly #chunks: Chunk[] = [];
  bytes = 0;

  constructor(firstOrdinal: number) {
    this.firstOrdinal = firstOrdinal;
  }

  get length(): number {
    return this.#chunks.length;
  }

  add(chunk: Chunk): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.data.length;
  }

  /** Hashes in their order, the different ones sorted, and the bytes of those: three arrays of `bytea`. */
  parameters(): readonly [OwnParameter, OwnParameter, OwnParameter] {
    const different = new Map<string, Chunk>();
    for (const chunk of this.#chunks) different.set(chunk.sha256.toString('latin1'), chunk);
    const sorted = [...different.values()].sort((a, b) => Buffer.compare(a.sha256, b.sha256));
    return [
      byteaArray(this.#chunks.map(({ sha256 }) => sha256)),
      byteaArray(sorted.map(({ sha256 }) => sha256)),
      byteaArray(sorted.map(({ data }) => data)),
    ];
  }
}
