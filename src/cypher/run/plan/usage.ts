/**
 * What a query wants to know of the entities that it matches: nothing, which one it is, some properties, or all. So
 * that a matcher need not fetch what nobody reads.
 */
import type { Clause, NodePattern, RelationshipPattern } from '../../syntax/ast.ts';

export type Usage =
  | { readonly kind: 'none' | 'identity' | 'whole' }
  | { readonly kind: 'properties'; readonly keys: readonly string[] };

export const WHOLE: Usage = { kind: 'whole' };

/** Functions that only ask which entity it is. */
const IDENTITY_FUNCTIONS = new Set(['count', 'id', 'elementid']);

export class Usages {
  readonly #whole = new Set<string>();
  readonly #identity = new Set<string>();
  readonly #keys = new Map<string, Set<string>>();
  #everything = false;

  /** @param clauses the clause that matches, and all that follow it */
  constructor(clauses: readonly Clause[]) {
    const [first, ...later] = clauses;
    if (first?.kind === 'match') {
      const parts = first.patterns.flatMap(({ nodes, relationships }) => [...nodes, ...relationships]);
      const names = parts.map(({ variable }) => variable?.name);
      // Where a name is met for the first time its labels are looked up with it. Not so where it stands again.
      for (const [at, { variable, labels }] of parts.map(labelled).entries()) {
        if (variable !== undefined && labels && names.indexOf(variable) !== at) this.#whole.add(variable);
      }
      for (const { variable, properties, where } of parts) {
        // A node that stands twice is fetched once, with what is tested in either place.
        if (variable !== undefined && properties?.kind === 'map') {
          for (const { key } of properties.entries) this.#addKey(variable.name, key);
        } else if (variable !== undefined && properties !== undefined) this.#whole.add(variable.name);
        this.#walk(properties);
        this.#walk(where);
      }
      for (const name of names) if (name !== undefined) this.#identity.add(name);
      this.#walk(first.where);
    } else this.#walk(first);
    for (const clause of later) this.#walk(clause);
  }

  of(name: string | undefined, tested: readonly string[] = []): Usage {
    if (name === undefined)
      return tested.length === 0 ? { kind: 'none' } : { kind: 'properties', keys: tested };
    if (this.#everything || this.#whole.has(name)) return WHOLE;
    const keys = new Set([...(this.#keys.get(name) ?? []), ...tested]);
    if (keys.size > 0) return { kind: 'properties', keys: [...keys].sort() };
    return { kind: this.#identity.has(name) ? 'identity' : 'none' };
  }

  #walk(node: unknown): void {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) this.#walk(item);
      return;
    }
    const tree = node as Readonly<Record<string, unknown>>;
    if (tree.star === true) this.#everything = true;
    if (tree.kind === 'with') this.#walkWith(tree);
    else if (tree.kind === 'variable') this.#whole.add(String(tree.name));
    else if (tree.kind === 'property' && isVariable(tree.object))
      this.#addKey(tree.object.name, String(tree.key));
    else if (tree.kind === 'call' && isIdentityCall(tree)) this.#identity.add(tree.arguments[0].name);
    else if (isPatternPart(tree)) this.#walkPart(tree);
    else if (isPathWithValue(tree)) this.#walkPath(tree);
    else for (const [key, value] of Object.entries(tree)) if (key !== 'span') this.#walk(value);
  }

  /** A variable that is handed on under its own name is used by whoever uses it later. */
  #walkWith(tree: Readonly<Record<string, unknown>>): void {
    for (const item of tree.items as readonly { expression: unknown; name: string }[]) {
      if (isVariable(item.expression) && item.expression.name === item.name) this.#identity.add(item.name);
      else this.#walk(item.expression);
    }
    for (const key of ['orderBy', 'skip', 'limit', 'where']) this.#walk(tree[key]);
  }

  #walkPart(tree: Readonly<Record<string, unknown>>): void {
    const isAsked = tree.labels !== undefined || tree.properties !== undefined || tree.types !== undefined;
    if (isVariable(tree.variable)) (isAsked ? this.#whole : this.#identity).add(tree.variable.name);
    this.#walk(tree.properties);
    this.#walk(tree.where);
  }

  /** A path holds all of its entities. */
  #walkPath(tree: Readonly<Record<string, unknown>>): void {
    for (const part of [...(tree.nodes as readonly Tree[]), ...(tree.relationships as readonly Tree[])]) {
      if (isVariable(part.variable)) this.#whole.add(part.variable.name);
      this.#walkPart(part);
    }
  }

  #addKey(name: string, key: string): void {
    const known = this.#keys.get(name);
    if (known === undefined) this.#keys.set(name, new Set([key]));
    else known.add(key);
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

const labelled = (
  part: NodePattern | RelationshipPattern,
): { variable: string | undefined; labels: boolean } => ({
  variable: part.variable?.name,
  labels: ('labels' in part ? part.labels : part.types) !== undefined,
});

const isPathWithValue = (tree: Tree): boolean =>
  'nodes' in tree && 'relationships' in tree && (tree.variable !== undefined || tree.shortest !== undefined);

/** A node or relationship of a pattern: no other part of the tree has properties and a condition, and no kind. */
const isPatternPart = (tree: Readonly<Record<string, unknown>>): boolean =>
  tree.kind === undefined && 'properties' in tree && 'variable' in tree;
