/** The two percentile aggregates: one interpolates between values, the other gives a value that is there. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import { argumentError } from '../../cypher-error.ts';
import { hold } from '../../values/meter.ts';
import { orderNumbers } from '../../values/numbers.ts';
import type { Value } from '../../values/value.ts';
import { SCALAR_BYTES } from '../../values/weight.ts';
import { wrongArgument } from './function.ts';

abstract class Percentile {
  protected abstract readonly called: string;
  readonly #numbers: (bigint | number)[] = [];
  #percentile: number | undefined;

  /** The percentile is that of the first row, null values included, so that a wrong one is never passed over. */
  add(value: Value, extra: readonly Value[] = []): void {
    this.#percentile ??= this.#read(extra[0] ?? null);
    if (value === null) return;
    if (typeof value !== 'bigint' && typeof value !== 'number') {
      throw wrongArgument(this.called, 'numbers', value);
    }
    this.#numbers.push(value);
    hold(SCALAR_BYTES);
    if (this.#numbers.length <= LIMITS.cypherListItemsMax) return;
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `${this.called}() is over more than ${LIMITS.cypherListItemsMax} values, which it must sort`,
    );
  }

  result(): Value {
    if (this.#numbers.length === 0 || this.#percentile === undefined) return null;
    return this.pick(this.#numbers.sort(orderNumbers), this.#percentile);
  }

  /** From at least one number. */
  protected abstract pick(sorted: readonly (bigint | number)[], percentile: number): Value;

  #read(given: Value): number {
    if (typeof given !== 'number' && typeof given !== 'bigint') {
      throw wrongArgument(this.called, 'a number from 0.0 to 1.0 as its percentile', given);
    }
    if (given >= 0 && given <= 1) return Number(given);
    throw argumentError(
      'NumberOutOfRange',
      `${this.called}() takes a percentile from 0.0 to 1.0, not ${given}`,
    );
  }
}

export class ContinuousPercentile extends Percentile {
  protected readonly called = 'percentileCont';

  protected pick(sorted: readonly (bigint | number)[], percentile: number): Value {
    const place = percentile * (sorted.length - 1);
    const below = Math.floor(place);
    const low = Number(sorted[below]);
    const high = Number(sorted[below + 1] ?? sorted[below]);
    const part = place - below;
    return part === 0 ? low : low * (1 - part) + high * part;
  }
}

export class DiscretePercentile extends Percentile {
  protected readonly called = 'percentileDisc';

  protected pick(sorted: readonly (bigint | number)[], percentile: number): Value {
    return sorted[Math.max(0, Math.ceil(percentile * sorted.length) - 1)] ?? null;
  }
}
