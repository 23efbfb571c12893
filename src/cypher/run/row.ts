/**
 * Rows while a query runs, and the numbering of their slots, which is done when it is compiled: at run time nothing is
 * looked up by name.
 */
import type { Value } from '../values/value.ts';

/** Values by slot. A slot behind the end, or one that nobody filled, is not read. */
export type Row = Value[];

/** Names, to be asked for one at a time. */
export interface Names {
  has(name: string): boolean;
}

interface Counter {
  next: number;
}

/**
 * Names that an expression can see, with the slots of their values. Scopes form a chain, in which an inner name hides
 * an outer one. All scopes of a chain draw their slots from one counter, so each variable of a list comprehension has
 * a slot of its own and never overwrites what another expression holds.
 */
export class Slots {
  readonly #parent: Slots | undefined;
  readonly #counter: Counter;
  readonly #names = new Map<string, number>();

  constructor(names: Iterable<string> = [], parent?: Slots) {
    this.#parent = parent;
    this.#counter = parent === undefined ? { next: 0 } : parent.#counter;
    for (const name of names) this.add(name);
  }

  /** Slots given out so far, over all scopes of the chain: how long a row gets. */
  get width(): number {
    return this.#counter.next;
  }

  slotOf(name: string): number | undefined {
    return this.#names.get(name) ?? this.#parent?.slotOf(name);
  }

  /** A new slot for `name` in this scope. A name that this scope has already keeps its slot. */
  add(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const slot = this.unnamed();
    this.#names.set(name, slot);
    return slot;
  }

  /** A slot for something without a name: the value of an aggregate, say. */
  unnamed(): number {
    const slot = this.#counter.next;
    this.#counter.next += 1;
    return slot;
  }

  /** Gives a name to a slot that exists: an alias of the same value. */
  alias(name: string, slot: number): void {
    this.#names.set(name, slot);
  }

  /** A scope inside this one. */
  child(): Slots {
    return new Slots([], this);
  }

  /** The names that can be seen now, whatever is added later. Asking costs what is asked for, not all there are. */
  bound(): Names {
    const width = this.width;
    return { has: (name) => (this.slotOf(name) ?? width) < width };
  }

  /** Names of this scope and those around it, the inner ones winning, in order of their slots. */
  names(): readonly string[] {
    const all = new Map<string, number>();
    for (let scope: Slots | undefined = this; scope !== undefined; scope = scope.#parent) {
      for (const [name, slot] of scope.#names) if (!all.has(name)) all.set(name, slot);
    }
    return [...all].sort((left, right) => left[1] - right[1]).map(([name]) => name);
  }
}
