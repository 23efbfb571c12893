/** The map that a procedure of `algo` takes: which part of the graph, and how to compute. */
import { argumentError, type MapValue, Node, type Projection, type Value } from '../../../cypher/index.ts';
import type { Direction } from './algorithms/index.ts';

/** What every procedure takes: the part of the graph. */
const PART = ['labels', 'edge_types', 'direction'];

/** Keys of procedures that go by weight. */
export const WEIGHT = ['weight', 'default_weight'];

const DIRECTIONS: readonly string[] = ['natural', 'reverse', 'undirected'] satisfies readonly Direction[];

/** Where a number must be; both bounds belong to it, unless `below` says that the upper one does not. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly below?: boolean;
}

export class Settings {
  readonly #procedure: string;
  readonly #map: MapValue;

  /**
   * @param given a map, or null for one without entries
   * @param own keys that the procedure takes beside those of the part
   * @throws ArgumentError for keys that it does not take, and for a default_weight without a weight
   */
  constructor(procedure: string, given: Value, own: readonly string[]) {
    this.#procedure = procedure;
    if (given !== null && !(given instanceof Map)) throw this.#wrong('its argument', 'a map');
    this.#map = given ?? new Map();
    const known = [...PART, ...own];
    for (const key of this.#map.keys()) {
      if (known.includes(key)) continue;
      throw argumentError('InvalidArgumentValue', `${procedure} takes no ${key}, but ${known.join(', ')}`);
    }
    if (this.#value('default_weight') !== null && !this.#map.has('weight')) {
      throw argumentError(
        'InvalidArgumentValue',
        `${procedure}: default_weight is for relationships without the property that weight names, and there is no weight`,
      );
    }
  }

  get projection(): Projection {
    const key = this.text('weight');
    const absent = this.float('default_weight', 1, { least: 0, most: Number.MAX_VALUE });
    return {
      labels: this.#names('labels'),
      types: this.#names('edge_types'),
      weight: key === undefined ? undefined : { key, absent },
    };
  }

  direction(otherwise: Direction): Direction {
    const value = this.text('direction') ?? otherwise;
    if (DIRECTIONS.includes(value)) return value as Direction;
    throw this.#wrong('direction', `one of ${DIRECTIONS.join(', ')}`);
  }

  flag(key: string): boolean {
    const value = this.#value(key) ?? false;
    if (typeof value === 'boolean') return value;
    throw this.#wrong(key, 'true or false');
  }

  /** Undefined if it is not given. */
  text(key: string): string | undefined {
    const value = this.#value(key);
    if (value === null) return undefined;
    if (typeof value === 'string') return value;
    throw this.#wrong(key, 'a string');
  }

  float(key: string, otherwise: number, { least, most, below = false }: Bounds): number {
    const value = this.#value(key) ?? otherwise;
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number === 'number' && number >= least && (below ? number < most : number <= most)) {
      return number;
    }
    throw this.#wrong(key, `a number from ${least} ${below ? 'up to but not including' : 'to'} ${most}`);
  }

  integer(key: string, otherwise: number, { least, most }: Bounds): number {
    const value = this.#value(key) ?? BigInt(otherwise);
    if (typeof value === 'bigint' && value >= least && value <= most) return Number(value);
    throw this.#wrong(key, `an integer from ${least} to ${most}`);
  }

  /** The identity of a node, that of `elementId()` or of `id()`; undefined if it is not given. */
  node(key: string): bigint | undefined {
    const value = this.#value(key);
    if (value === null) return undefined;
    if (value instanceof Node) return value.id;
    if (typeof value === 'bigint') return value;
    if (typeof value === 'string' && /^\d{1,19}$/.test(value)) return BigInt(value);
    throw this.#wrong(key, 'a node or the identity of one');
  }

  /** One name or a list of them. An empty list is taken for all, as if it were not given. */
  #names(key: string): readonly string[] | undefined {
    const value = this.#value(key);
    if (value === null) return undefined;
    const names = typeof value === 'string' ? [value] : value;
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) {
      return names.length === 0 ? undefined : names;
    }
    throw this.#wrong(key, 'a string or a list of strings');
  }

  #value(key: string): Value {
    return this.#map.get(key) ?? null;
  }

  #wrong(what: string, wanted: string): Error {
    return argumentError('InvalidArgumentType', `${this.#procedure}: ${what} must be ${wanted}`);
  }
}
