/**
 * A bounded map that forgets what was not asked for lately: what is asked for moves to a young half, and the old half is
 * dropped when the young one is full. Cheaper than an exact order of use, where most entries come once and never again.
 */
export class RecentMap<Key, Value> {
  readonly #halfMax: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  /** Holds at most so many entries, and at least half of them. */
  constructor(max: number) {
    this.#halfMax = Math.ceil(max / 2);
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#halfMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
