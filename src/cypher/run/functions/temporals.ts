/** The functions of temporal values, which temporal/ computes, and `timestamp()`. */
import { assert } from '../../../base/index.ts';
import { FUNCTION_SIGNATURES } from '../../semantics/signatures.ts';
import { TEMPORAL_FUNCTIONS } from '../../temporal/functions.ts';
import { type ScalarFunction, variadic } from './function.ts';

const temporal = (): ScalarFunction[] =>
  [...TEMPORAL_FUNCTIONS].map(([name, compute]) => {
    const signature = FUNCTION_SIGNATURES.get(name);
    assert(signature !== undefined, `the function ${name} is not declared`);
    return variadic(
      signature.name,
      [signature.argumentsMin, signature.argumentsMax],
      (values, { clock }) => compute(values, clock),
      { nulls: 'given', stability: signature.deterministic ? 'stable' : 'volatile' },
    );
  });

export const TEMPORALS: readonly ScalarFunction[] = [
  ...temporal(),
  // Milliseconds since 1970, the same throughout the statement.
  variadic('timestamp', [0, 0], (_, { clock }) => BigInt(clock.epochMillis)),
];
