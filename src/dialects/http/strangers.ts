/**
 * WebSockets whose clients have not said yet who they are. They hold memory and a place, and nobody has vouched for them:
 * so there are few, they send little, and they do not stay.
 */
import type { Socket } from 'node:net';
import { FacetError, LIMITS } from '../../base/index.ts';
import { UNAUTHORIZED_CLOSE } from './close-codes.ts';
import type { LiveSocket } from './live-socket.ts';

export class Strangers {
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  /**
   * Takes a place for a client of that address.
   * @returns gives the place back; to be called any number of times
   * @throws UNAVAILABLE when there are too many (LIMITS.socketStrangersMax, LIMITS.socketStrangersOfAddressMax)
   */
  enter(address: string): () => void {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#count >= LIMITS.socketStrangersMax || ofAddress >= LIMITS.socketStrangersOfAddressMax) {
      throw new FacetError('UNAVAILABLE', 'Too many connections have not said yet who they are', {
        hint: 'Send credentials with the request to upgrade.',
        retryAfterSeconds: 1,
      });
    }
    this.#count++;
    this.#byAddress.set(address, ofAddress + 1);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#count--;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    };
  }
}

/**
 * Closes the connection unless the client says in time, and briefly, who it is.
 * @returns ends the watch
 */
export function watchStranger(live: LiveSocket, socket: Socket): () => void {
  const bytesReadMax = socket.bytesRead + LIMITS.socketAuthBytesMax;
  const late = setTimeout(() => {
    live.close(UNAUTHORIZED_CLOSE, `Say who you are within ${LIMITS.socketAuthMsMax} ms`);
  }, LIMITS.socketAuthMsMax);
  late.unref();
  const measure = (): void => {
    if (socket.bytesRead <= bytesReadMax) return;
    stop();
    live.close(UNAUTHORIZED_CLOSE, 'Say who you are before you send more');
    // What it goes on sending is not kept until it closes, too.
    socket.destroySoon();
  };
  const stop = (): void => {
    clearTimeout(late);
    socket.off('data', measure);
  };
  socket.on('data', measure);
  return stop;
}
