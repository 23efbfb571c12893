/** Values of the language as what models take. */
import { ExactNumber, type Json } from '../../../base/index.ts';
import type { Value } from '../../../nql/index.ts';

const INTEGER = /^-?\d+$/;

/** Integers keep their digits, and a number with a point stays one: `2.0` is not `2`. */
export function jsonOf(value: Value): Json {
  switch (typeof value) {
    case 'bigint':
      return new ExactNumber(String(value));
    case 'number': {
      const text = String(value);
      return INTEGER.test(text) ? new ExactNumber(`${text}.0`) : value;
    }
    case 'object':
      return value === null ? null : value.map(jsonOf);
    default:
      return value;
  }
}

/** `[0.1, -2]` */
export const vectorText = (components: readonly number[]): string => `[${components.join(', ')}]`;
