/**
 * A set and a map for what comes and goes all the time: those who wait, keys that are worked on. Where members stay,
 * use Set and Map.
 *
 * V8 gives a Set or a Map a new table now and then, and the old table refers to the new one. When one of these tables has
 * grown old before it was given up, it keeps all that come after it, with what was in them, from being freed young:
 * every minor collection copies it, until a major one comes. So here the whole Set or Map is replaced, in time.
 */

/** Replaced after so many additions, and twice as many as there are members: a member is copied less than once. */
const ADDITIONS_MIN = 64;

/** Members in the order in which they were added. An iteration may delete, and must not add. */
export class ChurnSet<Member> {
  #members = new Set<Member>();
  #added = 0;

  get size(): number {
    return this.#members.size;
  }

  add(member: Member): void {
    if (++this.#added > ADDITIONS_MIN + 2 * this.#members.size) {
      this.#members = new Set(this.#members);
      this.#added = 1;
    }
    this.#members.add(member);
  }

  /** False when it was not there. */
  delete(member: Member): boolean {
    return this.#members.delete(member);
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.#members.values();
  }
}

export class ChurnMap<Key, Value> {
  #entries = new Map<Key, Value>();
  #added = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: Key, value: Value): void {
    if (++this.#added > ADDITIONS_MIN + 2 * this.#entries.size) {
      this.#entries = new Map(this.#entries);
      this.#added = 1;
    }
    this.#entries.set(key, value);
  }

  /** False when it was not there. */
  delete(key: Key): boolean {
    return this.#entries.delete(key);
  }
}
