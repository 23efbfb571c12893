/**
 * What whole answers hold in memory, of all requests of the process together: rows that are gathered, text that is made
 * of them, and what waits for a client to read it. Each of these stages has its own hold and releases it. Streams hold
 * next to nothing and are left out.
 */
import { FacetError } from './errors.ts';
import { heapBytesMax } from './heap.ts';
import { LIMITS } from './limits.ts';

const BYTES_MAX = Math.floor(heapBytesMax * LIMITS.answersOfHeapMax);

/** Of all holds. */
let allBytes = 0;

export class AnswerHold {
  #bytes = 0;

  /**
   * Makes room for more. What is alone always gets it: other bounds have it end, and it would never succeed otherwise.
   * @throws UNAVAILABLE when others hold too much; what was taken before stays taken
   */
  take(bytes: number): void {
    if (allBytes + bytes > BYTES_MAX && allBytes > this.#bytes) throw noRoom();
    this.#bytes += bytes;
    allBytes += bytes;
  }

  /** Gives everything back. More than once is the same as once. */
  release(): void {
    allBytes -= this.#bytes;
    this.#bytes = 0;
  }
}

const noRoom = (): FacetError =>
  new FacetError(
    'UNAVAILABLE',
    `The answers under way hold more than ${BYTES_MAX} bytes in memory together (answersOfHeapMax)`,
    {
      retryAfterSeconds: 1,
      hint: 'Ask for less, or stream it. If the request was to change something, look whether it has.',
    },
  );
