/** Bounds what request bodies may hold in memory together, whoever sends them and however slowly. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FacetError, LIMITS } from '../base/index.ts';

export class BodyBudget {
  readonly #bytesMax: number;
  readonly #bodyBytesMax: number;
  #bytes = 0;

  /** @param bodyBytesMax what a body counts that does not say how long it is */
  constructor(bytesMax: number, bodyBytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** Counts the body of `request` until `response` is closed; an error when there is no room for it. */
  take(request: IncomingMessage, response: ServerResponse): FacetError | undefined {
    const bytes = this.#bytesOf(request);
    if (bytes === 0) return undefined;
    if (this.#bytes + bytes > this.#bytesMax) {
      return new FacetError(
        'UNAVAILABLE',
        `The bodies of requests under way would be larger than ${this.#bytesMax} bytes together (bodiesBytesMax)`,
        { retryAfterSeconds: 1 },
      );
    }
    this.#bytes += bytes;
    response.once('close', () => {
      this.#bytes -= bytes;
    });
    return undefined;
  }

  /** Small ones are left out: connections bound those well enough. One that is too large is refused elsewhere. */
  #bytesOf({ headers }: IncomingMessage): number {
    if (headers['transfer-encoding'] !== undefined) return this.#bodyBytesMax;
    const bytes = Number(headers['content-length'] ?? 0);
    return bytes <= LIMITS.bodyBytesSmall || bytes > this.#bodyBytesMax ? 0 : bytes;
  }
}
