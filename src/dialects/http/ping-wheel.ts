/**
 * Signs of life of all connections by one timer: each turn looks at a part of them, so that every one is looked at
 * once per LIMITS.socketPingMs. The timer runs while there are connections.
 */
import { LIMITS } from '../../base/index.ts';

interface Checked {
  checkAlive(): void;
}

const TURNS = 30;

export class PingWheel {
  readonly #slots: readonly Set<Checked>[] = Array.from({ length: TURNS }, () => new Set<Checked>());
  readonly #slotOf = new Map<Checked, Set<Checked>>();
  #turn = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  add(socket: Checked): void {
    // The slot whose turn was last: a connection is new for a whole round.
    const slot = this.#slots[(this.#turn + TURNS - 1) % TURNS] ?? new Set();
    slot.add(socket);
    this.#slotOf.set(socket, slot);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), LIMITS.socketPingMs / TURNS);
    this.#timer.unref();
  }

  remove(socket: Checked): void {
    this.#slotOf.get(socket)?.delete(socket);
    this.#slotOf.delete(socket);
    if (this.#slotOf.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const slot = this.#slots[this.#turn];
    this.#turn = (this.#turn + 1) % TURNS;
    for (const socket of slot ?? []) socket.checkAlive();
  }
}
