/** Answers that are written as they come: line by line, such as NDJSON, or bytes. */
import type { ServerResponse } from 'node:http';

/** Lines go out in pieces of about this size: fewer, larger writes cost no latency that a client can see. */
const PIECE_CHARACTERS = 64 * 1024;

/** Gathers lines into pieces, and waits while the client reads slower than rows come. */
export class PieceWriter {
  readonly #response: ServerResponse;
  #piece = '';

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get closed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** True when it is time to flush. */
  addLine(line: string): boolean {
    this.#piece += `${line}\n`;
    return this.#piece.length >= PIECE_CHARACTERS;
  }

  async add(text: string): Promise<void> {
    this.#piece += text;
    await this.flush();
  }

  /**
   * One line per row; returns how many rows there were. Leaves the loop, and by that cancels what makes the rows,
   * when nobody reads any more.
   */
  async addRows<Row>(batches: AsyncIterable<readonly Row[]>, encode: (row: Row) => string): Promise<number> {
    let rowCount = 0;
    for await (const batch of batches) {
      for (const row of batch) {
        const full = this.addLine(encode(row));
        if (full) await this.flush();
      }
      rowCount += batch.length;
      // The next batch may be long in coming: what is there goes out.
      await this.flush();
      if (this.closed) break;
    }
    return rowCount;
  }

  /** Bytes as they are. @returns false when nobody reads any more */
  async addBytes(bytes: Uint8Array): Promise<boolean> {
    await this.#write(bytes);
    return !this.closed;
  }

  async flush(): Promise<void> {
    const piece = this.#piece;
    this.#piece = '';
    await this.#write(piece);
  }

  async end(): Promise<void> {
    await this.flush();
    if (!this.closed) this.#response.end();
  }

  async #write(piece: string | Uint8Array): Promise<void> {
    if (piece.length === 0 || this.closed) return;
    if (this.#response.write(piece)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done);
        this.#response.off('close', done);
        resolve();
      };
      this.#response.on('drain', done);
      this.#response.on('close', done);
    });
  }
}
