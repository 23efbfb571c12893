/**
 * IN. A list that is asked again and again, a constant or a parameter with thousands of keys, becomes a set, so that
 * its length does not matter. Sets are only for lists of strings, INTEGERs and BOOLEANs, where to be equal is to be the
 * same; everything else is compared item by item.
 */
import { placed } from '../../cypher-error.ts';
import type { Span } from '../../syntax/ast.ts';
import { isIn } from '../../values/equality.ts';
import { isList } from '../../values/kinds.ts';
import type { ListValue, Value } from '../../values/value.ts';
import { constantOf, type Evaluate } from './evaluate.ts';

type Plain = string | bigint | boolean;

/** Lists up to this length are searched in less time than a set is found for them. */
const SHORT = 8;

const isPlain = (value: Value): value is Plain =>
  typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean';

export function membership(item: Evaluate, list: Evaluate, span: Span): Evaluate {
  const fixed = constantOf(list)?.value ?? null;
  const members = isList(fixed) ? membersOf(fixed) : undefined;
  if (members !== undefined) return (row, context) => isMember(item(row, context), fixed, members);
  const known = new WeakMap<ListValue, ReadonlySet<Value> | 'asked once' | 'not plain'>();
  return (row, context) => {
    const value = item(row, context);
    const values = list(row, context);
    if (!isList(values) || values.length <= SHORT || !isPlain(value)) return placedIn(value, values, span);
    const found = known.get(values);
    if (typeof found === 'object') return found.has(value);
    // The second time tells that there may be many.
    if (found !== 'not plain')
      known.set(values, found === undefined ? 'asked once' : (membersOf(values) ?? 'not plain'));
    return isIn(value, values);
  };
}

function placedIn(value: Value, list: Value, span: Span): Value {
  try {
    return isIn(value, list);
  } catch (thrown) {
    throw placed(thrown, span);
  }
}

const isMember = (value: Value, list: Value, members: ReadonlySet<Value>): Value =>
  isPlain(value) ? members.has(value) : isIn(value, list);

/** Undefined for a list with anything else in it, null included. */
function membersOf(list: ListValue): ReadonlySet<Value> | undefined {
  return list.every(isPlain) ? new Set(list) : undefined;
}
