/**
 * PostgreSQL's types by the names of the ThunderDB API reference: `Int64` for 20, `Varchar(255)` for a column of
 * varchar(255), `Array<Int32>` for int4[]. Pure; the other way round is in type-syntax.ts, types that a user
 * created are looked up by sql/result-columns.ts.
 */

/** Built-in types: oid of the type, oid of its array, name. Types that are not here print as text: `Text`. */
const BUILT_IN: readonly (readonly [oid: number, arrayOid: number, name: string])[] = [
  [16, 1000, 'Boolean'],
  [17, 1001, 'Binary'],
  [18, 1002, 'Text'],
  [19, 1003, 'Text'],
  [20, 1016, 'Int64'],
  [21, 1005, 'Int16'],
  [23, 1007, 'Int32'],
  [25, 1009, 'Text'],
  [26, 1028, 'Int64'],
  [114, 199, 'Json'],
  [142, 143, 'Text'],
  [600, 1017, 'Text'],
  [650, 651, 'Text'],
  [700, 1021, 'Float32'],
  [701, 1022, 'Float64'],
  [705, 0, 'Null'],
  [790, 791, 'Text'],
  [829, 1040, 'Text'],
  [869, 1041, 'Text'],
  [1042, 1014, 'Char'],
  [1043, 1015, 'Varchar'],
  [1082, 1182, 'Date'],
  [1083, 1183, 'Time'],
  [1114, 1115, 'Timestamp'],
  [1184, 1185, 'TimestampTz'],
  [1186, 1187, 'Interval'],
  [1266, 1270, 'Time'],
  [1560, 1561, 'Text'],
  [1562, 1563, 'Text'],
  [1700, 1231, 'Decimal'],
  [2205, 2210, 'Text'],
  [2950, 2951, 'Uuid'],
  [3614, 3643, 'Text'],
  [3802, 3807, 'Jsonb'],
  [5069, 271, 'Int64'],
];

/** PostgreSQL gives oids from here on to what users create; lower ones mean the same on every server. */
const FIRST_USER_OID = 16_384;

const NAMES = new Map<number, string>();
const ELEMENT_OIDS = new Map<number, number>();
for (const [oid, arrayOid, name] of BUILT_IN) {
  NAMES.set(oid, name);
  if (arrayOid === 0) continue;
  NAMES.set(arrayOid, `Array<${name}>`);
  ELEMENT_OIDS.set(arrayOid, oid);
}

/** The bare name of a built-in type; undefined for a type of a user, whose oid says nothing. */
export function builtInTypeName(oid: number): string | undefined {
  return NAMES.get(oid) ?? (oid < FIRST_USER_OID ? 'Text' : undefined);
}

/** Type of the elements of a built-in array type; undefined for all other types. */
export const elementOidOf = (arrayOid: number): number | undefined => ELEMENT_OIDS.get(arrayOid);

/** True for json and jsonb, whose parameters are JSON text. */
export const isJsonOid = (oid: number): boolean => oid === 114 || oid === 3802;

/** What a column is made of, with domains taken off. */
export interface ColumnTypeFacts {
  /** Of the element, when `isArray`. */
  readonly typeOid: number;
  /** pg_type.typname of the same. */
  readonly typeName: string;
  readonly isArray: boolean;
  /** PostgreSQL's type modifier; -1 when there is none. */
  readonly modifier: number;
  /** `pg_get_constraintdef` of the check constraints on this column alone. */
  readonly checks: readonly string[];
}

/** The name of a column's type with its modifiers, such as `Decimal(10,2)` or `Array<Varchar(20)>`. */
export function columnTypeName(facts: ColumnTypeFacts): string {
  const checked = checkedTypeName(facts);
  if (checked !== undefined) return checked;
  const element = `${elementName(facts)}${modifierText(facts.typeOid, facts.modifier)}`;
  return facts.isArray ? `Array<${element}>` : element;
}

/** pgvector's types have another oid in every database, but one name. */
function elementName(facts: ColumnTypeFacts): string {
  const known = builtInTypeName(facts.typeOid);
  if (known !== undefined) return known;
  if (facts.typeName !== 'vector' && facts.typeName !== 'halfvec') return 'Text';
  return facts.modifier > 0 ? `Vector(${facts.modifier})` : 'Vector';
}

/** varchar, bpchar and numeric count four bytes of header in their modifier. */
const HEADER = 4;

function modifierText(oid: number, modifier: number): string {
  if (modifier < 0) return '';
  switch (oid) {
    case 1042:
    case 1043:
      return `(${modifier - HEADER})`;
    case 1700: {
      const packed = modifier - HEADER;
      // The scale is an 11-bit signed number.
      const scale = ((packed & 0x7ff) ^ 0x400) - 0x400;
      return `(${(packed >> 16) & 0xffff},${scale})`;
    }
    case 1083:
    case 1114:
    case 1184:
    case 1266:
      return `(${modifier})`;
    default:
      return '';
  }
}

/** Ranges of the integer types that PostgreSQL does not have: stored in the next larger one, held by a constraint. */
export const RANGED_INTEGERS: readonly {
  readonly name: string;
  readonly stored: string;
  readonly oid: number;
  readonly low: string;
  readonly high: string;
}[] = [
  { name: 'Int8', stored: 'smallint', oid: 21, low: '-128', high: '127' },
  { name: 'UInt8', stored: 'smallint', oid: 21, low: '0', high: '255' },
  { name: 'UInt16', stored: 'integer', oid: 23, low: '0', high: '65535' },
  { name: 'UInt32', stored: 'bigint', oid: 20, low: '0', high: '4294967295' },
  { name: 'UInt64', stored: 'numeric(20,0)', oid: 1700, low: '0', high: '18446744073709551615' },
];

/** PostgreSQL prints bounds as `127`, `'-128'::integer` or `(0)::numeric`. */
const RANGE_CHECK =
  /^CHECK \(\(\(.+ >= \(?'?(-?\d+)'?\)?(?:::\w+)?\) AND \(.+ <= \(?'?(-?\d+)'?\)?(?:::\w+)?\)\)\)$/;

/** Types that are a stored type and a check constraint: `Vector(n)` on real[], and the integers above. */
function checkedTypeName(facts: ColumnTypeFacts): string | undefined {
  for (const check of facts.checks) {
    if (facts.isArray && facts.typeOid === 700) {
      const length = /\bcardinality\(.+?\) = (\d+)\)/.exec(check)?.[1];
      if (length !== undefined) return `Vector(${length})`;
    }
    const bounds = RANGE_CHECK.exec(check);
    const ranged = RANGED_INTEGERS.find(
      ({ oid, low, high }) => oid === facts.typeOid && low === bounds?.[1] && high === bounds[2],
    );
    if (ranged !== undefined && !facts.isArray) return ranged.name;
  }
  return undefined;
}
