/**
 * Sum, average and standard deviation. INTEGERs are added without bound, so that only the result must fit 64 bits and
 * the order of rows never matters to it. Durations have a sum and an average too.
 */
import { arithmeticError } from '../../cypher-error.ts';
import { DurationValue } from '../../temporal/temporal.ts';
import { add, divide } from '../../values/arithmetic.ts';
import type { Value } from '../../values/value.ts';
import { wrongArgument } from './function.ts';

const INTEGER_BITS = 64;

class Total {
  readonly #name: string;
  /** Values so far that were not null. */
  values = 0;
  integers = 0n;
  floats = 0;
  hasFloats = false;
  durations: Value = null;

  constructor(name: string) {
    this.#name = name;
  }

  add(value: Value): void {
    if (value === null) return;
    const isDuration = value instanceof DurationValue;
    if (this.values > 0 && isDuration !== (this.durations !== null)) this.#refuse(value);
    if (typeof value === 'bigint') this.integers += value;
    else if (typeof value === 'number') {
      this.floats += value;
      this.hasFloats = true;
    } else if (isDuration) this.durations = this.durations === null ? value : add(this.durations, value);
    else this.#refuse(value);
    this.values += 1;
  }

  #refuse(value: Value): never {
    throw wrongArgument(this.#name, 'numbers alone or durations alone', value);
  }
}

export class Sum {
  readonly #total = new Total('sum');

  add(value: Value): void {
    this.#total.add(value);
  }

  result(): Value {
    const { integers, floats, hasFloats, durations } = this.#total;
    if (durations !== null) return durations;
    if (hasFloats) return Number(integers) + floats;
    if (integers === BigInt.asIntN(INTEGER_BITS, integers)) return integers;
    throw arithmeticError(
      'IntegerOverflow',
      `sum() gives ${integers}, which does not fit an Integer of 64 bits`,
    );
  }
}

export class Average {
  readonly #total = new Total('avg');

  add(value: Value): void {
    this.#total.add(value);
  }

  result(): Value {
    const { values, integers, floats, durations } = this.#total;
    if (values === 0) return null;
    if (durations !== null) return divide(durations, BigInt(values));
    return (Number(integers) + floats) / values;
  }
}

/** By Welford's method, which does not lose digits to a large mean. */
export class Deviation {
  readonly #name: string;
  readonly #of: 'sample' | 'population';
  #values = 0;
  #mean = 0;
  #squares = 0;

  constructor(name: string, of: 'sample' | 'population') {
    this.#name = name;
    this.#of = of;
  }

  add(value: Value): void {
    if (value === null) return;
    if (typeof value !== 'bigint' && typeof value !== 'number') {
      throw wrongArgument(this.#name, 'numbers', value);
    }
    const x = Number(value);
    this.#values += 1;
    const delta = x - this.#mean;
    this.#mean += delta / this.#values;
    this.#squares += delta * (x - this.#mean);
  }

  result(): Value {
    const divisor = this.#of === 'sample' ? this.#values - 1 : this.#values;
    return divisor <= 0 ? 0 : Math.sqrt(this.#squares / divisor);
  }
}
