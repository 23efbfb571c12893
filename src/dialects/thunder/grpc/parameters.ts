/** thunder.Value of a request -> parameters of SQL. Integers stay digits, so that all 64 bits get through. */
import { FacetError } from '../../../base/index.ts';
import type { Value } from './gen/thunder_pb.ts';

/** @throws INVALID_VALUE for a vector with elements that are no finite numbers */
export const parametersOf = (values: readonly Value[]): unknown[] => values.map(parameterOf);

/** A value without a kind is NULL. */
function parameterOf({ kind }: Value, at: number): unknown {
  switch (kind.case) {
    case 'boolValue':
    case 'stringValue':
      return kind.value;
    case 'intValue':
    case 'floatValue':
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

function elementsOf(elements: readonly number[], at: number): number[] {
  if (!elements.every(Number.isFinite)) {
    throw new FacetError('INVALID_VALUE', `Parameter $${at + 1} has an element that is no finite number`);
  }
  return elements.map(shortest);
}

/** The number of the fewest digits that is the same in 32 bits: 0.1 and not 0.10000000149011612. */
function shortest(element: number): number {
  const short = Number(element.toPrecision(7));
  return Math.fround(short) === element ? short : Number(element.toPrecision(9));
}
