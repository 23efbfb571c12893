/** `valueType()`: the type of a value in full, as GQL spells types, with what is in a list and whether null may be. */
import { checkDepth, isList } from '../../values/kinds.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';

/** Also the order in which a list of several types names them. */
const SPELLED: Readonly<Record<string, string>> = {
  Boolean: 'BOOLEAN',
  String: 'STRING',
  Integer: 'INTEGER',
  Float: 'FLOAT',
  Date: 'DATE',
  LocalTime: 'LOCAL TIME',
  Time: 'ZONED TIME',
  LocalDateTime: 'LOCAL DATETIME',
  DateTime: 'ZONED DATETIME',
  Duration: 'DURATION',
  Point: 'POINT',
  Node: 'NODE',
  Relationship: 'RELATIONSHIP',
  Map: 'MAP',
  List: 'LIST',
  Path: 'PATH',
};

const ORDER = Object.values(SPELLED);
const rank = (type: string): number =>
  type.startsWith('LIST') ? ORDER.indexOf('LIST') : ORDER.indexOf(type);

/** `INTEGER NOT NULL`, `LIST<INTEGER | FLOAT> NOT NULL`; NULL for null. */
export const valueType = (value: Value): string => (value === null ? 'NULL' : `${bare(value, 0)} NOT NULL`);

function bare(value: Value, depth: number): string {
  if (!isList(value)) return SPELLED[typeName(value)] ?? typeName(value);
  checkDepth(depth);
  const types = new Set<string>();
  let nullable = false;
  for (const item of value) {
    if (item === null) nullable = true;
    else types.add(bare(item, depth + 1));
  }
  if (types.size === 0) return nullable ? 'LIST<NULL>' : 'LIST<NOTHING>';
  const sorted = [...types].sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1));
  return `LIST<${sorted.map((type) => (nullable ? type : `${type} NOT NULL`)).join(' | ')}>`;
}
