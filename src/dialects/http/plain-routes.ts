/**
 * The short way from a request line to its route, for nearly all requests: the URL is a plain path, without escapes and
 * query string, of one of the routes. It never says no. What is not found here goes to Fastify's router, which knows the
 * rest: escapes, query strings, HEAD, other methods, paths of nobody.
 */
import { LIMITS } from '../../base/index.ts';

interface Leaf<Route> {
  readonly route: Route;
  /** Names of the parameters, in the order of the path. */
  readonly names: readonly string[];
}

interface Node<Route> {
  readonly parts: Map<string, Node<Route>>;
  /** Any one part. */
  parameter: Node<Route> | undefined;
  leaf: Leaf<Route> | undefined;
}

export interface FoundRoute<Route> {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Characters that mean nothing but themselves to any router. */
const PLAIN = /^\/[\w/.~:@!$&'()*+,=-]*$/;

const emptyNode = <Route>(): Node<Route> => ({ parts: new Map(), parameter: undefined, leaf: undefined });

export class PlainRoutes<Route> {
  readonly #roots = new Map<string, Node<Route>>();

  /** @param path as in HttpRoute */
  add(method: string, path: string, route: Route): void {
    let node = this.#roots.get(method) ?? emptyNode<Route>();
    this.#roots.set(method, node);
    const names: string[] = [];
    for (const part of path.slice(1).split('/')) {
      let next: Node<Route>;
      if (part.startsWith(':')) {
        names.push(part.slice(1));
        next = node.parameter ?? emptyNode();
        node.parameter = next;
      } else {
        next = node.parts.get(part) ?? emptyNode();
        node.parts.set(part, next);
      }
      node = next;
    }
    node.leaf = { route, names };
  }

  /** Undefined for what is not plain, and where a router would have to try several ways. */
  find(method: string, url: string): FoundRoute<Route> | undefined {
    const root = this.#roots.get(method);
    if (root === undefined || !PLAIN.test(url)) return undefined;
    let node = root;
    const values: string[] = [];
    let from = 1;
    do {
      const slash = url.indexOf('/', from);
      const end = slash === -1 ? url.length : slash;
      const part = url.slice(from, end);
      from = end + 1;
      let next: Node<Route> | undefined = node.parts.get(part);
      if (next === undefined) {
        if (part === '' || part.length > LIMITS.pathParameterCharactersMax) return undefined;
        next = node.parameter;
        if (next === undefined) return undefined;
        values.push(part);
      }
      node = next;
    } while (from <= url.length);
    const { leaf } = node;
    return leaf === undefined ? undefined : { route: leaf.route, params: paramsOf(leaf.names, values) };
  }
}

function paramsOf(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  for (let at = 0; at < names.length; at++) params[names[at] ?? ''] = values[at] ?? '';
  return params;
}
