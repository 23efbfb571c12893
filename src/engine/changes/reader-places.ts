/** How many cursors may read by themselves at once; others wait in the order they came. */

export class ReaderPlaces {
  readonly #count: number;
  #free: number;
  readonly #waiting = new Set<Place>();
  #settled: (() => void)[] = [];

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** Resolves when nobody holds a place. */
  async settled(): Promise<void> {
    if (this.#free === this.#count) return;
    await new Promise<void>((resolve) => {
      this.#settled.push(resolve);
    });
  }

  /** Cursors that wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Calls `granted` when there is a place, never before it returns. Leaving gives the place back, or the wait up. */
  ask(granted: () => void): Place {
    const place = new Place(granted, (held) => {
      this.#waiting.delete(place);
      if (!held) return;
      this.#free++;
      this.#grant();
      if (this.#free < this.#count) return;
      for (const resolve of this.#settled) resolve();
      this.#settled = [];
    });
    this.#waiting.add(place);
    queueMicrotask(() => this.#grant());
    return place;
  }

  #grant(): void {
    for (const place of this.#waiting) {
      if (this.#free === 0) return;
      this.#free--;
      this.#waiting.delete(place);
      place.grant();
    }
  }
}

export class Place {
  readonly #granted: () => void;
  readonly #left: (held: boolean) => void;
  #state: 'waiting' | 'held' | 'left' = 'waiting';

  constructor(granted: () => void, left: (held: boolean) => void) {
    this.#granted = granted;
    this.#left = left;
  }

  grant(): void {
    this.#state = 'held';
    this.#granted();
  }

  /** Idempotent. */
  leave(): void {
    const held = this.#state === 'held';
    if (this.#state === 'left') return;
    this.#state = 'left';
    this.#left(held);
  }
}
