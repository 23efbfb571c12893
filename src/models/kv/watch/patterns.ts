/** What followers asked for: keys by name, and beginnings of keys. Who gets a change is a look-up and a short walk. */
import { FacetError } from '../../../base/index.ts';
import { storedKey } from '../entry.ts';

export interface Pattern {
  readonly text: string;
  /** The key, or what keys begin with. */
  readonly name: string;
  readonly prefix: boolean;
}

/**
 * A key, or with `*` at its end all keys that begin so.
 * @throws INVALID_PARAMETER also for a key that is longer than the index holds: changes of those are not told
 */
export function patternOf(text: string): Pattern {
  const prefix = text.endsWith('*');
  const name = prefix ? text.slice(0, -1) : text;
  if (name === '' && prefix) return { text, name, prefix };
  if (storedKey(name).longKey !== null) {
    throw new FacetError('INVALID_PARAMETER', 'A key that is followed has at most 2,048 bytes');
  }
  return { text, name, prefix };
}

export class Patterns<T> {
  readonly #keys = new Map<string, Set<T>>();
  readonly #prefixes = new Map<string, Set<T>>();

  add({ name, prefix }: Pattern, value: T): void {
    const map = prefix ? this.#prefixes : this.#keys;
    const values = map.get(name);
    if (values === undefined) map.set(name, new Set([value]));
    else values.add(value);
  }

  remove({ name, prefix }: Pattern, value: T): void {
    const map = prefix ? this.#prefixes : this.#keys;
    const values = map.get(name);
    values?.delete(value);
    if (values?.size === 0) map.delete(name);
  }

  /** Each value once, however many of its patterns the key fits. */
  match(key: string): ReadonlySet<T> {
    const found = new Set(this.#keys.get(key));
    for (const [prefix, values] of this.#prefixes) {
      if (!key.startsWith(prefix)) continue;
      for (const value of values) found.add(value);
    }
    return found;
  }

  /** Different ones. */
  get size(): number {
    return this.#keys.size + this.#prefixes.size;
  }

  get keys(): readonly string[] {
    return [...this.#keys.keys()];
  }

  get prefixes(): readonly string[] {
    return [...this.#prefixes.keys()];
  }
}
