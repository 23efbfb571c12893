/**
 * What is known of a value before anything runs: a set of kinds, and for lists what their elements may be. Every type
 * includes null. A check fails only if no kind is left that would do; what is merely possible is left to the run.
 */

/** One bit for each kind of value. */
export const KIND = {
  boolean: 0x1,
  integer: 0x2,
  float: 0x4,
  string: 0x8,
  list: 0x10,
  map: 0x20,
  node: 0x40,
  relationship: 0x80,
  path: 0x100,
  point: 0x200,
  date: 0x400,
  localTime: 0x800,
  time: 0x1000,
  localDateTime: 0x2000,
  dateTime: 0x4000,
  duration: 0x8000,
} as const;

export const ANY_KINDS = 0xffff;
export const NUMBER_KINDS = KIND.integer | KIND.float;
export const INSTANT_KINDS = KIND.date | KIND.localTime | KIND.time | KIND.localDateTime | KIND.dateTime;
export const TEMPORAL_KINDS = INSTANT_KINDS | KIND.duration;
export const ENTITY_KINDS = KIND.node | KIND.relationship;

export interface StaticType {
  /** No bit is the type of null alone. */
  readonly kinds: number;
  /** Of lists; undefined if nothing is known. An empty list has elements of no kind. */
  readonly element: StaticType | undefined;
}

const made = new Map<number, StaticType>();

/** The type of these kinds, one object for each set. */
export const typeOf = (kinds: number): StaticType => {
  let type = made.get(kinds);
  if (type === undefined) {
    type = { kinds, element: undefined };
    made.set(kinds, type);
  }
  return type;
};

export const listOf = (element: StaticType | undefined): StaticType => ({ kinds: KIND.list, element });

export const NULL: StaticType = typeOf(0);
export const ANY: StaticType = typeOf(ANY_KINDS);
export const BOOLEAN: StaticType = typeOf(KIND.boolean);
export const INTEGER: StaticType = typeOf(KIND.integer);
export const FLOAT: StaticType = typeOf(KIND.float);
export const NUMBER: StaticType = typeOf(NUMBER_KINDS);
export const STRING: StaticType = typeOf(KIND.string);
export const LIST: StaticType = typeOf(KIND.list);
export const MAP: StaticType = typeOf(KIND.map);
export const NODE: StaticType = typeOf(KIND.node);
export const RELATIONSHIP: StaticType = typeOf(KIND.relationship);
export const RELATIONSHIP_LIST: StaticType = listOf(RELATIONSHIP);
export const PATH: StaticType = typeOf(KIND.path);

/** True if a value of the type can be null or one of the kinds. */
export const mayBe = (type: StaticType, kinds: number): boolean =>
  type.kinds === 0 || (type.kinds & kinds) !== 0;

/** True if a value of the type is null or one of the kinds for sure. */
export const isOnly = (type: StaticType, kinds: number): boolean => (type.kinds & ~kinds) === 0;

/** What is known of a value that comes from one of two places. */
export const union = (left: StaticType, right: StaticType): StaticType => {
  if (left === right) return left;
  const kinds = left.kinds | right.kinds;
  if ((kinds & KIND.list) === 0) return typeOf(kinds);
  const leftIsList = (left.kinds & KIND.list) !== 0;
  const rightIsList = (right.kinds & KIND.list) !== 0;
  let element: StaticType | undefined;
  if (!leftIsList) element = right.element;
  else if (!rightIsList) element = left.element;
  else if (left.element !== undefined && right.element !== undefined) {
    element = union(left.element, right.element);
  }
  return element === undefined ? typeOf(kinds) : { kinds, element };
};

/** What an element is, if a value of the type is a list. */
export const elementOf = (type: StaticType): StaticType => {
  if (type.kinds === 0) return NULL;
  return (type.kinds & KIND.list) === 0 ? ANY : (type.element ?? ANY);
};

const KIND_NAMES: readonly (readonly [number, string])[] = [
  [KIND.boolean, 'BOOLEAN'],
  [KIND.integer, 'INTEGER'],
  [KIND.float, 'FLOAT'],
  [KIND.string, 'STRING'],
  [KIND.list, 'LIST'],
  [KIND.map, 'MAP'],
  [KIND.node, 'NODE'],
  [KIND.relationship, 'RELATIONSHIP'],
  [KIND.path, 'PATH'],
  [KIND.point, 'POINT'],
  [KIND.date, 'DATE'],
  [KIND.localTime, 'LOCAL TIME'],
  [KIND.time, 'ZONED TIME'],
  [KIND.localDateTime, 'LOCAL DATETIME'],
  [KIND.dateTime, 'ZONED DATETIME'],
  [KIND.duration, 'DURATION'],
];

/** For messages: `INTEGER`, `LIST<NODE>`, `INTEGER or FLOAT`. */
export const describeType = (type: StaticType): string => {
  if (type.kinds === 0) return 'NULL';
  if ((type.kinds & ANY_KINDS) === ANY_KINDS) return 'ANY';
  const names: string[] = [];
  for (const [kind, name] of KIND_NAMES) {
    if ((type.kinds & kind) === 0) continue;
    const shown =
      kind === KIND.list && type.element !== undefined ? `LIST<${describeType(type.element)}>` : name;
    names.push(shown);
  }
  return names.join(' or ');
};
