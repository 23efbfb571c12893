/** The nearest so far: a bounded heap with the farthest on top, so that most candidates cost one comparison. Pure. */

export class Nearest {
  readonly #max: number;
  readonly #slots: number[] = [];
  readonly #distances: number[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** A distance that is NaN is not near. */
  offer(slot: number, distance: number): void {
    if (Number.isNaN(distance)) return;
    const slots = this.#slots;
    const distances = this.#distances;
    if (slots.length < this.#max) {
      slots.push(slot);
      distances.push(distance);
      this.#rise(slots.length - 1);
    } else if (distance < (distances[0] as number)) {
      slots[0] = slot;
      distances[0] = distance;
      this.#sink();
    }
  }

  /** Nearest first. */
  entries(): { readonly slot: number; readonly distance: number }[] {
    return this.#slots
      .map((slot, at) => ({ slot, distance: this.#distances[at] as number }))
      .sort((a, b) => a.distance - b.distance || a.slot - b.slot);
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#distances[parent] as number) >= (this.#distances[at] as number)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#slots.length) return;
      const right = left + 1;
      const farther =
        right < this.#slots.length && (this.#distances[right] as number) > (this.#distances[left] as number)
          ? right
          : left;
      if ((this.#distances[at] as number) >= (this.#distances[farther] as number)) return;
      this.#swap(at, farther);
      at = farther;
    }
  }

  #swap(a: number, b: number): void {
    [this.#slots[a], this.#slots[b]] = [this.#slots[b] as number, this.#slots[a] as number];
    [this.#distances[a], this.#distances[b]] = [this.#distances[b] as number, this.#distances[a] as number];
  }
}
