/** thunder.Value of a request -> parameters of SQL. Integers stay digits, so that all 64 bits get through. */
import { ExactNumber, FacetError } from '../../../base/index.ts';
import type { Value } from './gen/thunder_pb.ts';

/** @throws INVALID_VALUE for a vector with elements that are no finite numbers */
export const parametersOf = (values: readonly Value[]): unknown[] => values.map(parameterOf);

/** A value without a kind is NULL. */
function parameterOf({ kind }: Value, at: number): unknown {
  switch (kind.case) {
    case 'boolValue':
    case 'stringValue':
    case 'floatValue':
      return kind.value;
    case 'intValue':
      return String(kind.value);
    case 'bytesValue':
      return `\\x${Buffer.from(kind.value).toString('hex')}`;
    case 'vectorValue':
      return elementsOf(kind.value.elements, at);
    case 'nullValue':
    case undefined:
      return null;
  }
}

function elementsOf(elements: readonly number[], at: number): (number | ExactNumber)[] {
  if (!elements.every(Number.isFinite)) {
    throw new FacetError('INVALID_VALUE', `Parameter $${at + 1} has an element that is no finite number`);
  }
  return elements.map(shortest);
}

/** JSON.stringify writes 0. */
const NEGATIVE_ZERO = new ExactNumber('-0');

/** The number of the fewest digits that is the same in 32 bits: 0.1 and not 0.10000000149011612. */
function shortest(element: number): number | ExactNumber {
  if (Object.is(element, -0)) return NEGATIVE_ZERO;
  const short = Number(element.toPrecision(7));
  return Math.fround(short) === element ? short : Number(element.toPrecision(9));
}
