/**
 * Aggregates: one value from many rows. Null is passed over by all of them; of nothing, `count` and `sum` are 0,
 * `collect` is an empty list, the deviations are 0.0 and the others null. DISTINCT is a wrapper around any of them.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';
import { groupingKey } from '../../values/equivalence.ts';
import { isList, isMap } from '../../values/kinds.ts';
import { hold } from '../../values/meter.ts';
import { order } from '../../values/order.ts';
import type { Value } from '../../values/value.ts';
import { keyBytes, Scale, weightOf } from '../../values/weight.ts';
import { Average, Deviation, Sum } from './aggregates-of-numbers.ts';
import { ContinuousPercentile, DiscretePercentile } from './percentiles.ts';

export interface Aggregate {
  /** `extra` has the values of the arguments after the first: the percentile. */
  add(value: Value, extra?: readonly Value[]): void;
  result(): Value;
}

/** `count(*)` uses it too, with a value that is not null for every row. */
class Count implements Aggregate {
  #rows = 0;

  add(value: Value): void {
    if (value !== null) this.#rows += 1;
  }

  result(): Value {
    return BigInt(this.#rows);
  }
}

/** By the order of ORDER BY, over all types. `direction` is 1 for the greatest, -1 for the least. */
class Extreme implements Aggregate {
  readonly #direction: 1 | -1;
  #best: Value = null;
  #heldBytes = 0;

  constructor(direction: 1 | -1) {
    this.#direction = direction;
  }

  add(value: Value): void {
    if (value === null) return;
    if (this.#best !== null && order(value, this.#best) * this.#direction <= 0) return;
    if (typeof value === 'string' || isList(value) || isMap(value)) this.#hold(weightOf(value));
    this.#best = value;
  }

  result(): Value {
    return this.#best;
  }

  /** Counts the largest one that there was. */
  #hold(bytes: number): void {
    if (bytes <= this.#heldBytes) return;
    hold(bytes - this.#heldBytes);
    this.#heldBytes = bytes;
  }
}

function checkCollected(items: number): void {
  if (items <= LIMITS.cypherListItemsMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `an aggregate collects more than ${LIMITS.cypherListItemsMax} values; a list may have no more (cypherListItemsMax)`,
  );
}

class Collect implements Aggregate {
  readonly #items: Value[] = [];
  readonly #scale = new Scale();

  add(value: Value): void {
    if (value === null) return;
    const before = this.#scale.bytes;
    this.#scale.add(value);
    hold(this.#scale.bytes - before);
    this.#items.push(value);
    checkCollected(this.#items.length);
  }

  result(): Value {
    this.#scale.of(this.#items);
    return this.#items;
  }
}

/** Passes each value on once, by equivalence: 1 and 1.0 are the same value. */
class Distinct implements Aggregate {
  readonly #seen = new Set<string>();
  readonly #of: Aggregate;

  constructor(of: Aggregate) {
    this.#of = of;
  }

  add(value: Value, extra?: readonly Value[]): void {
    if (value === null) return;
    const before = this.#seen.size;
    const key = groupingKey(value);
    this.#seen.add(key);
    if (this.#seen.size === before) return;
    hold(keyBytes(key));
    checkCollected(this.#seen.size);
    this.#of.add(value, extra);
  }

  result(): Value {
    return this.#of.result();
  }
}

const NAMED: readonly (readonly [name: string, create: () => Aggregate])[] = [
  ['count', () => new Count()],
  ['sum', () => new Sum()],
  ['avg', () => new Average()],
  ['min', () => new Extreme(-1)],
  ['max', () => new Extreme(1)],
  ['collect', () => new Collect()],
  ['stDev', () => new Deviation('stDev', 'sample')],
  ['stDevP', () => new Deviation('stDevP', 'population')],
  ['percentileCont', () => new ContinuousPercentile()],
  ['percentileDisc', () => new DiscretePercentile()],
];

/** By name in lower case. */
export const AGGREGATES: ReadonlyMap<string, () => Aggregate> = new Map(
  NAMED.map(([name, create]) => [name.toLowerCase(), create]),
);

/** Makes the state of `aggregate(DISTINCT …)` for one group. */
export const distinct = (aggregate: Aggregate): Aggregate => new Distinct(aggregate);
