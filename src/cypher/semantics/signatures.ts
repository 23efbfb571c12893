/**
 * The functions of Cypher by name: how many arguments each takes, of which kinds, and what it gives. This is the one
 * declaration of them; what they compute is written against the same names. Also the shape of a procedure's signature.
 *
 * A signature is written as `parameters -> result`. A parameter with `?` may be left out, `...` repeats the one before.
 * A result in `@` follows from the arguments. `any` is written where a wrong kind is an error of the run alone:
 * openCypher has `range` and the conversions refuse their arguments only then.
 */
import { assert } from '../../base/index.ts';
import type { StaticType } from './static-type.ts';
import { typeNamed } from './type-names.ts';

/**
 * `element`: an element of the first argument, a list. `first`: the type of the first argument. `union`: of all
 * arguments. `list-of-first`: a list with such elements.
 */
export type ResultRule = 'element' | 'first' | 'union' | 'list-of-first';

export interface FunctionSignature {
  /** In its usual spelling, for messages. */
  readonly name: string;
  readonly argumentsMin: number;
  /** Infinity if the last parameter repeats. */
  readonly argumentsMax: number;
  /** The last one stands for all that follow. */
  readonly parameters: readonly StaticType[];
  readonly result: StaticType | ResultRule;
  readonly aggregate: boolean;
  /** False if two calls with the same arguments in one statement may differ. */
  readonly deterministic: boolean;
}

/** By name in lower case. */
export type FunctionSignatures = ReadonlyMap<string, FunctionSignature>;

export interface ProcedureParameter {
  readonly name: string;
  /** Such as `INTEGER?` or `LIST<STRING>`. */
  readonly type: string;
  /** An argument that may be left out, if nothing follows it. */
  readonly optional?: boolean;
}

export interface ProcedureSignature {
  readonly name: string;
  readonly inputs: readonly ProcedureParameter[];
  /** None for a procedure that passes its rows through. */
  readonly outputs: readonly ProcedureParameter[];
  readonly mode: 'READ' | 'WRITE' | 'SCHEMA' | 'DBMS';
}

/** By name in lower case. */
export type ProcedureRegistry = ReadonlyMap<string, ProcedureSignature>;

const AGGREGATES: Readonly<Record<string, string>> = {
  avg: 'number|duration -> number|duration',
  collect: 'any -> @list-of-first',
  count: 'any -> integer',
  max: 'any -> @first',
  min: 'any -> @first',
  percentileCont: 'number number -> float',
  percentileDisc: 'number number -> number',
  stDev: 'number -> float',
  stDevP: 'number -> float',
  sum: 'number|duration -> number|duration',
};

const UNSTEADY: Readonly<Record<string, string>> = {
  rand: '-> float',
  randomUUID: '-> string',
};

const ENTITIES_AND_SCALARS: Readonly<Record<string, string>> = {
  coalesce: 'any ... -> @union',
  elementId: 'node|relationship -> string',
  endNode: 'relationship -> node',
  exists: 'any -> boolean',
  head: 'list -> @element',
  id: 'node|relationship -> integer',
  isEmpty: 'list|map|string -> boolean',
  keys: 'node|relationship|map -> list<string>',
  labels: 'node -> list<string>',
  last: 'list -> @element',
  length: 'path -> integer',
  nodes: 'path -> list<node>',
  nullIf: 'any any -> @first',
  properties: 'node|relationship|map -> map',
  range: 'any any any? -> list<integer>',
  relationships: 'path -> list<relationship>',
  reverse: 'list|string -> @first',
  size: 'list|string -> integer',
  startNode: 'relationship -> node',
  tail: 'list -> @first',
  timestamp: '-> integer',
  toBoolean: 'any -> boolean',
  toBooleanList: 'list -> list<boolean>',
  toBooleanOrNull: 'any -> boolean',
  toFloat: 'any -> float',
  toFloatList: 'list -> list<float>',
  toFloatOrNull: 'any -> float',
  toInteger: 'any -> integer',
  toIntegerList: 'list -> list<integer>',
  toIntegerOrNull: 'any -> integer',
  toString: 'any -> string',
  toStringList: 'list -> list<string>',
  toStringOrNull: 'any -> string',
  type: 'relationship -> string',
  valueType: 'any -> string',
};

const MATHEMATICS: Readonly<Record<string, string>> = {
  abs: 'number -> @first',
  acos: 'number -> float',
  asin: 'number -> float',
  atan: 'number -> float',
  atan2: 'number number -> float',
  ceil: 'number -> float',
  ceiling: 'number -> float',
  cos: 'number -> float',
  cosh: 'number -> float',
  cot: 'number -> float',
  coth: 'number -> float',
  degrees: 'number -> float',
  e: '-> float',
  exp: 'number -> float',
  floor: 'number -> float',
  haversin: 'number -> float',
  isNaN: 'number -> boolean',
  log: 'number -> float',
  log10: 'number -> float',
  pi: '-> float',
  radians: 'number -> float',
  round: 'number integer? string? -> float',
  sign: 'number -> integer',
  sin: 'number -> float',
  sinh: 'number -> float',
  sqrt: 'number -> float',
  tan: 'number -> float',
  tanh: 'number -> float',
};

const STRINGS: Readonly<Record<string, string>> = {
  btrim: 'string string? -> string',
  char_length: 'string -> integer',
  character_length: 'string -> integer',
  left: 'string integer -> string',
  lower: 'string -> string',
  lTrim: 'string string? -> string',
  normalize: 'string string? -> string',
  replace: 'string string string -> string',
  right: 'string integer -> string',
  rTrim: 'string string? -> string',
  split: 'string string|list -> list<string>',
  substring: 'string integer integer? -> string',
  toLower: 'string -> string',
  toUpper: 'string -> string',
  trim: 'string -> string',
  upper: 'string -> string',
};

const SPACE_AND_DURATIONS: Readonly<Record<string, string>> = {
  distance: 'point point -> float',
  duration: 'string|map|duration -> duration',
  'duration.between': 'instant instant -> duration',
  'duration.inDays': 'instant instant -> duration',
  'duration.inMonths': 'instant instant -> duration',
  'duration.inSeconds': 'instant instant -> duration',
  'datetime.fromEpoch': 'number number -> datetime',
  'datetime.fromEpochMillis': 'number -> datetime',
  point: 'map|node|relationship -> point',
  'point.distance': 'point point -> float',
  'point.withinBBox': 'point point point -> boolean',
};

/** Each of them has a constructor, three clocks and a truncation. */
const INSTANTS = ['date', 'time', 'datetime', 'localtime', 'localdatetime'] as const;

const RULES: ReadonlyMap<string, ResultRule> = new Map([
  ['@element', 'element'],
  ['@first', 'first'],
  ['@union', 'union'],
  ['@list-of-first', 'list-of-first'],
]);

const knownType = (name: string): StaticType => {
  const type = typeNamed(name);
  assert(type !== undefined, `no such type: ${name}`);
  return type;
};

const read = (
  name: string,
  text: string,
  aggregate: boolean,
  deterministic: boolean,
): readonly [string, FunctionSignature] => {
  const [left = '', right = ''] = text.split('->');
  const words = left.split(' ').filter((word) => word !== '');
  const repeats = words.at(-1) === '...';
  if (repeats) words.pop();
  const needed = words.filter((word) => !word.endsWith('?')).length;
  const signature: FunctionSignature = {
    name,
    argumentsMin: needed,
    argumentsMax: repeats ? Number.POSITIVE_INFINITY : words.length,
    parameters: words.map(knownType),
    result: RULES.get(right.trim()) ?? knownType(right),
    aggregate,
    deterministic,
  };
  return [name.toLowerCase(), signature];
};

const build = (): FunctionSignatures => {
  const entries: (readonly [string, FunctionSignature])[] = [];
  for (const [name, text] of Object.entries(AGGREGATES)) entries.push(read(name, text, true, true));
  for (const [name, text] of Object.entries(UNSTEADY)) entries.push(read(name, text, false, false));
  for (const table of [ENTITIES_AND_SCALARS, MATHEMATICS, STRINGS, SPACE_AND_DURATIONS]) {
    for (const [name, text] of Object.entries(table)) entries.push(read(name, text, false, true));
  }
  for (const name of INSTANTS) {
    entries.push(read(name, `string|map|temporal? -> ${name}`, false, true));
    for (const clock of ['realtime', 'statement', 'transaction']) {
      entries.push(read(`${name}.${clock}`, `string|map? -> ${name}`, false, clock !== 'realtime'));
    }
    entries.push(read(`${name}.truncate`, `string instant? map? -> ${name}`, false, true));
  }
  return new Map(entries);
};

/** Every function there is, aggregates included. */
export const FUNCTION_SIGNATURES: FunctionSignatures = build();
