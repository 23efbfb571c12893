/**
 * What a query wants to know of the entities that it matches: nothing, which one it is, some properties, or all. So
 * that a matcher need not fetch what nobody reads.
 */
import type { Clause, MatchClause, NodePattern, RelationshipPattern } from '../../syntax/ast.ts';

export type Usage =
  | { readonly kind: 'none' | 'identity' | 'whole' }
  | {
      readonly kind: 'properties';
      /** Which one it is, too. */
      readonly identified: boolean;
      readonly keys: readonly string[];
      /** Nobody reads these but the pattern itself, which asks for their values. Not in `keys`. */
      readonly tested: readonly string[];
    };

export const WHOLE: Usage = { kind: 'whole' };

/** Functions that only ask which entity it is. */
const IDENTITY_FUNCTIONS = new Set(['count', 'id', 'elementid']);

/** Expressions whose values are found for many rows at once, and once for rows with the same entities. */
const ASKING_KINDS = new Set(['pattern', 'pattern-comprehension', 'subquery']);

/** What one MATCH of a query is asked for. */
export class Usages {
  readonly #own: Uses;
  readonly #later: Uses;
  readonly #at: number;

  /**
   * @param clause the one that matches
   * @param at its place among those that `later` was made of
   */
  constructor(clause: MatchClause, at: number, later: Uses) {
    this.#own = new Uses([]);
    this.#own.addMatch(clause);
    this.#later = later;
    this.#at = at;
  }

  /** @param pattern keys that the pattern asks for where the entity stands */
  of(name: string | undefined, pattern: readonly string[] = []): Usage {
    if (name !== undefined && (this.#own.isWhole(name, -1) || this.#later.isWhole(name, this.#at))) {
      return WHOLE;
    }
    const identified =
      name !== undefined && (this.#own.isIdentified(name, -1) || this.#later.isIdentified(name, this.#at));
    const read =
      name === undefined ? [] : [...this.#own.keysOf(name, -1), ...this.#later.keysOf(name, this.#at)];
    const keys = [...new Set(read)].sort();
    const known = new Set(keys);
    const tested = [...new Set(pattern)].filter((key) => !known.has(key));
    if (keys.length + tested.length > 0) return { kind: 'properties', identified, keys, tested };
    return { kind: identified ? 'identity' : 'none' };
  }
}

/**
 * For each name the place of the last clause that asks for something: so one walk over a query answers for all of its
 * MATCH clauses what those behind each of them ask for.
 */
export class Uses {
  readonly #whole = new Map<string, number>();
  readonly #identity = new Map<string, number>();
  readonly #keys = new Map<string, Map<string, number>>();
  /** Of the last `*`. */
  #everything = -1;
  #at = 0;
  /** Within something that is answered once for equal rows: which entity a row has then counts. */
  #within = 0;

  constructor(clauses: readonly Clause[]) {
    for (const [at, clause] of clauses.entries()) {
      this.#at = at;
      this.#walk(clause);
    }
  }

  isWhole = (name: string, behind: number): boolean =>
    this.#everything > behind || (this.#whole.get(name) ?? -1) > behind;

  isIdentified = (name: string, behind: number): boolean => (this.#identity.get(name) ?? -1) > behind;

  keysOf(name: string, behind: number): readonly string[] {
    const keys: string[] = [];
    for (const [key, at] of this.#keys.get(name) ?? []) if (at > behind) keys.push(key);
    return keys;
  }

  /** What a MATCH asks for of its own patterns, and in its condition. */
  addMatch({ patterns, where }: MatchClause): void {
    const parts = patterns.flatMap(({ nodes, relationships }) => [...nodes, ...relationships]);
    const times = new Map<string, number>();
    for (const { variable } of parts) {
      if (variable !== undefined) times.set(variable.name, (times.get(variable.name) ?? 0) + 1);
    }
    const met = new Set<string>();
    for (const part of parts) {
      const { variable, properties, where: condition } = part;
      if (variable !== undefined) {
        const { name } = variable;
        // Where a name is met for the first time its labels are looked up with it. Not so where it stands again.
        if (met.has(name) && hasLabels(part)) this.#whole.set(name, this.#at);
        met.add(name);
        const isRepeated = (times.get(name) ?? 0) > 1;
        if (isRepeated) this.#identity.set(name, this.#at);
        // A node that stands twice is fetched once, with what is tested in either place.
        if (isRepeated && properties?.kind === 'map') {
          for (const { key } of properties.entries) this.#addKey(name, key);
        } else if (properties !== undefined && properties.kind !== 'map') {
          this.#whole.set(name, this.#at);
        }
      }
      this.#walk(properties);
      this.#walk(condition);
    }
    this.#walk(where);
  }

  #walk(node: unknown): void {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) this.#walk(item);
      return;
    }
    const tree = node as Readonly<Record<string, unknown>>;
    const asksGraph = ASKING_KINDS.has(String(tree.kind));
    if (asksGraph) this.#within++;
    this.#walkTree(tree);
    if (asksGraph) this.#within--;
  }

  #walkTree(tree: Tree): void {
    if (tree.star === true) this.#everything = this.#at;
    if (tree.kind === 'with') this.#walkWith(tree);
    else if (tree.kind === 'variable') this.#whole.set(String(tree.name), this.#at);
    else if (tree.kind === 'property' && isVariable(tree.object))
      this.#addKey(tree.object.name, String(tree.key));
    else if (tree.kind === 'call' && isIdentityCall(tree))
      this.#identity.set(tree.arguments[0].name, this.#at);
    else if (isPatternPart(tree)) this.#walkPart(tree);
    else if (isPathWithValue(tree)) this.#walkPath(tree);
    else for (const [key, value] of Object.entries(tree)) if (key !== 'span') this.#walk(value);
  }

  /** A variable that is handed on under its own name is used by whoever uses it later. */
  #walkWith(tree: Readonly<Record<string, unknown>>): void {
    for (const item of tree.items as readonly { expression: unknown; name: string }[]) {
      if (isVariable(item.expression) && item.expression.name === item.name)
        this.#identity.set(item.name, this.#at);
      else this.#walk(item.expression);
    }
    for (const key of ['orderBy', 'skip', 'limit', 'where']) this.#walk(tree[key]);
  }

  #walkPart(tree: Readonly<Record<string, unknown>>): void {
    const isAsked = tree.labels !== undefined || tree.properties !== undefined || tree.types !== undefined;
    if (isVariable(tree.variable)) (isAsked ? this.#whole : this.#identity).set(tree.variable.name, this.#at);
    this.#walk(tree.properties);
    this.#walk(tree.where);
  }

  /** A path holds all of its entities. */
  #walkPath(tree: Readonly<Record<string, unknown>>): void {
    for (const part of [...(tree.nodes as readonly Tree[]), ...(tree.relationships as readonly Tree[])]) {
      if (isVariable(part.variable)) this.#whole.set(part.variable.name, this.#at);
      this.#walkPart(part);
    }
  }

  #addKey(name: string, key: string): void {
    if (this.#within > 0) this.#identity.set(name, this.#at);
    const known = this.#keys.get(name);
    if (known === undefined) this.#keys.set(name, new Map([[key, this.#at]]));
    else known.set(key, this.#at);
  }
}

interface NamedVariable {
  readonly kind: 'variable';
  readonly name: string;
}

const isVariable = (node: unknown): node is NamedVariable =>
  typeof node === 'object' && node !== null && 'kind' in node && node.kind === 'variable';

function isIdentityCall(
  tree: Readonly<Record<string, unknown>>,
): tree is Readonly<Record<string, unknown>> & { readonly arguments: readonly [NamedVariable] } {
  const { name, arguments: given } = tree;
  return (
    IDENTITY_FUNCTIONS.has(String(name).toLowerCase()) &&
    Array.isArray(given) &&
    given.length === 1 &&
    isVariable(given[0])
  );
}

type Tree = Readonly<Record<string, unknown>>;

const hasLabels = (part: NodePattern | RelationshipPattern): boolean =>
  ('labels' in part ? part.labels : part.types) !== undefined;

const isPathWithValue = (tree: Tree): boolean =>
  'nodes' in tree && 'relationships' in tree && (tree.variable !== undefined || tree.shortest !== undefined);

/** A node or relationship of a pattern: no other part of the tree has properties and a condition, and no kind. */
const isPatternPart = (tree: Readonly<Record<string, unknown>>): boolean =>
  tree.kind === undefined && 'properties' in tree && 'variable' in tree;
