/**
 * The variables that can be seen at one place of a query, with what is known of their values. A scope never changes;
 * binding a name gives a new one. Between two WITH clauses names are only added, so those scopes share one table and
 * each knows how much of it is its own: a query of a thousand CREATE clauses does not copy a thousand tables.
 */
import { describeType, isOnly, KIND, NODE, PATH, RELATIONSHIP, type StaticType } from './static-type.ts';

/** What a variable is bound to, as far as clauses treat it differently. */
export type VariableKind = 'node' | 'relationship' | 'relationship-list' | 'path' | 'value';

interface Entry {
  readonly type: StaticType;
  readonly position: number;
}

export class Scope {
  /** No variables, nothing around it. */
  static readonly EMPTY = new Scope(undefined, new Map(), 0);

  /** Names that stay visible whatever WITH leaves out: around a subquery, or around a comprehension. */
  readonly around: Scope | undefined;
  readonly #entries: Map<string, Entry>;
  readonly #size: number;

  private constructor(around: Scope | undefined, entries: Map<string, Entry>, size: number) {
    this.around = around;
    this.#entries = entries;
    this.#size = size;
  }

  /** Names of this scope, without those around it, in the order in which they were bound. */
  get names(): readonly string[] {
    const names: string[] = [];
    for (const [name, entry] of this.#entries) if (entry.position < this.#size) names.push(name);
    return names;
  }

  /** How many names can be seen, those that hide each other each for itself. */
  get width(): number {
    return this.#size + (this.around?.width ?? 0);
  }

  /** True if not one name can be seen. */
  get isEmpty(): boolean {
    return this.#size === 0 && (this.around === undefined || this.around.isEmpty);
  }

  /** The type of a variable of this scope or around it; undefined if there is none of that name. */
  typeOf(name: string): StaticType | undefined {
    return this.ownTypeOf(name) ?? this.around?.typeOf(name);
  }

  /** As typeOf, without what is around. */
  ownTypeOf(name: string): StaticType | undefined {
    const entry = this.#entries.get(name);
    return entry !== undefined && entry.position < this.#size ? entry.type : undefined;
  }

  /** What the variable is; undefined if there is none of that name. */
  kindOf(name: string): VariableKind | undefined {
    const type = this.typeOf(name);
    return type === undefined ? undefined : variableKind(type);
  }

  /** This scope and one more variable, which hides another one of its name. */
  with(name: string, type: StaticType): Scope {
    const shared = this.#size === this.#entries.size && !this.#entries.has(name);
    const entries = shared ? this.#entries : this.#copy(name);
    const position = entries.size;
    entries.set(name, { type, position });
    return new Scope(this.around, entries, position + 1);
  }

  /** An empty scope inside this one. */
  nest(): Scope {
    return new Scope(this, new Map(), 0);
  }

  /** An empty scope with the same surroundings: what WITH starts from. */
  cleared(): Scope {
    return new Scope(this.around, new Map(), 0);
  }

  /** A table of its own, without that name. */
  #copy(without: string): Map<string, Entry> {
    const copy = new Map<string, Entry>();
    for (const name of this.names) {
      const type = this.ownTypeOf(name);
      if (name !== without && type !== undefined) copy.set(name, { type, position: copy.size });
    }
    return copy;
  }
}

export const variableKind = (type: StaticType): VariableKind => {
  if (type === NODE) return 'node';
  if (type === RELATIONSHIP) return 'relationship';
  if (type === PATH) return 'path';
  const element = type.kinds === KIND.list ? type.element : undefined;
  return element !== undefined && element.kinds !== 0 && isOnly(element, KIND.relationship)
    ? 'relationship-list'
    : 'value';
};

/** For messages: `a node`, `a value of type STRING`. */
export const describeVariable = (type: StaticType): string => {
  const kind = variableKind(type);
  if (kind === 'relationship-list') return 'a list of relationships';
  return kind === 'value' ? `a value of type ${describeType(type)}` : `a ${kind}`;
};
