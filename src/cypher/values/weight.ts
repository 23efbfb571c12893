/**
 * How large a value is for those who walk it: in bytes that it would take if nothing in it were shared. A list that
 * holds one other list a thousand times takes little memory and is a thousand lists when it is compared, grouped by or
 * printed, so values are bounded by this weight when they are built. Nodes, relationships and paths weigh little: walks
 * look at their identities, and who prints them counts.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { checkDepth, isList, isMap } from './kinds.ts';
import { type ListValue, type MapValue, Path, type Value } from './value.ts';

/** Of a slot of a list and a scalar in it; for strings and maps, of the object alone. */
export const SCALAR_BYTES = 32;

/** Of a key of a group or of a set of what was seen, with its entry there. */
export const keyBytes = (key: string): number => 2 * SCALAR_BYTES + key.length;

interface Weight {
  readonly bytes: number;
  /** Lists and maps inside each other: 1 for a list of scalars. */
  readonly depth: number;
}

/** Of values that are worth remembering: those that hold others, and long ones. */
const KNOWN = new WeakMap<object, Weight>();

/** Lists up to this length are weighed anew faster than they are found. */
const SHORT = 32;

/** What `value` takes in a list, in bytes. */
export function weightOf(value: Value): number {
  if (typeof value === 'string') return SCALAR_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return SCALAR_BYTES;
  return isList(value) || isMap(value) ? weigh(value, 1).bytes : plainWeight(value);
}

const plainWeight = (value: Value): number =>
  value instanceof Path ? SCALAR_BYTES * (1 + value.nodes.length) : SCALAR_BYTES;

function weigh(value: ListValue | MapValue, level: number): Weight {
  const known = KNOWN.get(value);
  if (known !== undefined) return known;
  checkDepth(level);
  const scale = new Scale();
  if (isList(value)) for (const item of value) scale.add(item, level);
  else for (const [key, item] of value as MapValue) scale.addEntry(key, item, level);
  return scale.of(value);
}

/** Weighs a list or a map while it is built, so that it never gets too heavy. */
export class Scale {
  bytes = SCALAR_BYTES;
  #depth = 1;

  /** @throws FacetError LIMIT_EXCEEDED */
  add(item: Value, level = 1): void {
    if (typeof item === 'string') this.bytes += SCALAR_BYTES + item.length;
    else if (typeof item !== 'object' || item === null) this.bytes += SCALAR_BYTES;
    else if (isList(item) || isMap(item)) {
      const { bytes, depth } = weigh(item, level + 1);
      this.bytes += bytes;
      if (depth >= this.#depth) this.#depth = depth + 1;
    } else this.bytes += plainWeight(item);
    if (this.bytes > LIMITS.cypherValueBytesMax) throw tooHeavy();
  }

  /** The items of another list. @throws FacetError LIMIT_EXCEEDED */
  join(list: ListValue): void {
    const { bytes, depth } = weigh(list, 1);
    this.bytes += bytes - SCALAR_BYTES;
    if (depth > this.#depth) this.#depth = depth;
    if (this.bytes > LIMITS.cypherValueBytesMax) throw tooHeavy();
  }

  addEntry(key: string, item: Value, level = 1): void {
    this.bytes += SCALAR_BYTES + key.length;
    this.add(item, level);
  }

  /** Remembers the weight of what was built. @throws FacetError LIMIT_EXCEEDED when it is too deep */
  of(value: ListValue | MapValue): Weight {
    checkDepth(this.#depth);
    const weight = { bytes: this.bytes, depth: this.#depth };
    const length = isList(value) ? value.length : value.size;
    if (this.#depth > 1 || length > SHORT) KNOWN.set(value, weight);
    return weight;
  }
}

/** For the sum of two lists, or of a list and an item. @throws FacetError LIMIT_EXCEEDED */
export function checkSum(sum: ListValue, left: Value, right: Value): void {
  const scale = new Scale();
  for (const part of [left, right]) {
    if (isList(part)) scale.join(part);
    else scale.add(part);
  }
  scale.of(sum);
}

const tooHeavy = (): FacetError =>
  new FacetError(
    'LIMIT_EXCEEDED',
    `A value would be larger than ${LIMITS.cypherValueBytesMax} bytes, counting what it holds several times as often (cypherValueBytesMax)`,
  );
