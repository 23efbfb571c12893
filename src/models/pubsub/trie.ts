/**
 * Patterns by their levels, and what has them. Matching walks the levels of a topic once per branch that fits: names
 * are looked up, `*` is one more branch, globs within a level are tried one by one, `#` ends a branch wherever it stands.
 *
 * What a topic matched is remembered until a pattern comes or goes, so that in the steady state publishing is a look-up.
 */
import { LIMITS } from '../../base/index.ts';
import { fitsLevel } from './topic.ts';

interface Node<T> {
  readonly names: Map<string, Node<T>>;
  /** Levels with a `*` among other characters. */
  readonly globs: Map<string, Node<T>>;
  /** A level `*`. */
  one: Node<T> | undefined;
  /** Patterns that end here. */
  readonly here: Set<T>;
  /** Patterns that go on with `#`. */
  readonly rest: Set<T>;
}

const node = <T>(): Node<T> => ({
  names: new Map(),
  globs: new Map(),
  one: undefined,
  here: new Set(),
  rest: new Set(),
});

export class Trie<T> {
  readonly #root = node<T>();
  readonly #matched = new Map<string, readonly T[]>();

  /** The same pair twice counts once. */
  add(levels: readonly string[], value: T): void {
    this.#matched.clear();
    let at = this.#root;
    for (const level of levels) {
      if (level === '#') {
        at.rest.add(value);
        return;
      }
      at = this.#child(at, level);
    }
    at.here.add(value);
  }

  remove(levels: readonly string[], value: T): void {
    this.#matched.clear();
    this.#remove(this.#root, levels, 0, value);
  }

  /** Each value whose patterns match, once however many do. Not to be changed. */
  match(topic: string): readonly T[] {
    const known = this.#matched.get(topic);
    if (known !== undefined) return known;
    const found = new Set<T>();
    collect(this.#root, topic.split('.'), 0, found);
    const values = [...found];
    if (this.#matched.size >= LIMITS.pubsubTopicsMax) this.#matched.clear();
    this.#matched.set(topic, values);
    return values;
  }

  get empty(): boolean {
    return isEmpty(this.#root);
  }

  #child(parent: Node<T>, level: string): Node<T> {
    if (level === '*') {
      parent.one ??= node();
      return parent.one;
    }
    const map = level.includes('*') ? parent.globs : parent.names;
    let child = map.get(level);
    if (child === undefined) {
      child = node();
      map.set(level, child);
    }
    return child;
  }

  #remove(at: Node<T>, levels: readonly string[], depth: number, value: T): void {
    const level = levels[depth];
    if (level === undefined) at.here.delete(value);
    else if (level === '#') at.rest.delete(value);
    else if (level === '*') {
      if (at.one === undefined) return;
      this.#remove(at.one, levels, depth + 1, value);
      if (isEmpty(at.one)) at.one = undefined;
    } else {
      const map = level.includes('*') ? at.globs : at.names;
      const child = map.get(level);
      if (child === undefined) return;
      this.#remove(child, levels, depth + 1, value);
      if (isEmpty(child)) map.delete(level);
    }
  }
}

function collect<T>(at: Node<T>, levels: readonly string[], depth: number, found: Set<T>): void {
  for (const value of at.rest) found.add(value);
  const level = levels[depth];
  if (level === undefined) {
    for (const value of at.here) found.add(value);
    return;
  }
  const named = at.names.get(level);
  if (named !== undefined) collect(named, levels, depth + 1, found);
  if (at.one !== undefined) collect(at.one, levels, depth + 1, found);
  for (const [glob, child] of at.globs) {
    if (fitsLevel(glob, level)) collect(child, levels, depth + 1, found);
  }
}

function isEmpty<T>({ names, globs, one, here, rest }: Node<T>): boolean {
  return names.size === 0 && globs.size === 0 && one === undefined && here.size === 0 && rest.size === 0;
}
