/** Parameters that come as Cypher's own values: from protocols that have a form for each of them. */
import { FacetError, LIMITS } from '../../base/index.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  Node,
  Path,
  Point,
  Relationship,
  TimeValue,
  type Value,
} from '../../cypher/index.ts';

const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;
/** Of a value in a list or map, about; a text takes its characters beside. */
const SLOT_BYTES = 32;

/**
 * The same map, when all of it is what a parameter can be.
 * @throws INVALID_VALUE for an entity, an integer beyond 64 bits, and what is no value of Cypher; LIMIT_EXCEEDED
 */
export function checkedParameters(parameters: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const room = { bytes: LIMITS.cypherMemoryBytesMax };
  for (const [name, value] of parameters) {
    if (typeof name !== 'string') throw new FacetError('INVALID_VALUE', 'The name of a parameter is no text');
    check(value, name, 1, room);
  }
  return parameters;
}

function check(value: unknown, name: string, level: number, room: { bytes: number }): void {
  room.bytes -= SLOT_BYTES;
  switch (typeof value) {
    case 'string':
      room.bytes -= value.length;
      break;
    case 'boolean':
    case 'number':
      break;
    case 'bigint':
      if (value < INTEGER_MIN || value > INTEGER_MAX) {
        throw new FacetError('INVALID_VALUE', `Parameter $${name} has an integer beyond 64 bits`);
      }
      break;
    case 'object':
      if (value !== null) checkObject(value, name, level, room);
      break;
    default:
      throw notAValue(name, typeof value);
  }
  if (room.bytes < 0) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `The parameters take more than ${LIMITS.cypherMemoryBytesMax} bytes (cypherMemoryBytesMax)`,
    );
  }
}

function checkObject(value: object, name: string, level: number, room: { bytes: number }): void {
  if (level > LIMITS.cypherValueDepthMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `Parameter $${name} has more than ${LIMITS.cypherValueDepthMax} lists and maps inside each other (cypherValueDepthMax)`,
    );
  }
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) check(item, name, level + 1, room);
  } else if (value instanceof Map) {
    for (const [key, item] of value as ReadonlyMap<unknown, unknown>) {
      if (typeof key !== 'string') throw notAValue(name, 'map whose keys are no texts');
      room.bytes -= key.length;
      check(item, name, level + 1, room);
    }
  } else if (!SCALARS.some((kind) => value instanceof kind)) {
    throw notAValue(name, ENTITIES.find(({ kind }) => value instanceof kind)?.name ?? 'object');
  }
}

const SCALARS = [
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
  Point,
] as const;

const ENTITIES = [
  { kind: Node, name: 'node' },
  { kind: Relationship, name: 'relationship' },
  { kind: Path, name: 'path' },
] as const;

const notAValue = (name: string, what: string): FacetError =>
  new FacetError('INVALID_VALUE', `Parameter $${name} is or has a ${what}, which no parameter can be`, {
    hint: 'Pass an identity, and find the entity in the query.',
  });
