/** Index types of the ThunderDB API reference, their options, and how PostgreSQL builds them. Pure. */
import { ExactNumber, FacetError } from '../../base/index.ts';

export const INDEX_TYPES = ['btree', 'hash', 'gin', 'brin'] as const;
export type IndexType = (typeof INDEX_TYPES)[number];

interface NumberOption {
  readonly kind: 'integer';
  readonly min: number;
  readonly max: number;
}
interface BooleanOption {
  readonly kind: 'boolean';
}

/** Storage parameters with the ranges that PostgreSQL allows. */
const OPTIONS: Readonly<Record<IndexType, Readonly<Record<string, NumberOption | BooleanOption>>>> = {
  btree: { fillfactor: { kind: 'integer', min: 10, max: 100 } },
  hash: { fillfactor: { kind: 'integer', min: 10, max: 100 } },
  gin: { fastupdate: { kind: 'boolean' } },
  brin: { pages_per_range: { kind: 'integer', min: 1, max: 131_072 } },
};

/** @throws INVALID_INDEX_TYPE */
export function indexTypeOf(written: string | undefined): IndexType {
  const type = (written ?? 'btree').toLowerCase();
  const known = INDEX_TYPES.find((candidate) => candidate === type);
  if (known !== undefined) return known;
  throw new FacetError('INVALID_INDEX_TYPE', `There is no index type '${written}'`, {
    hint: `Index types are ${INDEX_TYPES.join(', ')}; hnsw and ivf_pq for vectors.`,
  });
}

/**
 * What one type asks of the rest of the request: unique indexes are trees, a hash has one column.
 * @throws INVALID_INDEX_OPTION
 */
export function checkIndexShape(type: IndexType, unique: boolean, columns: number): void {
  if (unique && type !== 'btree') {
    throw new FacetError('INVALID_INDEX_OPTION', `A ${type} index cannot be unique; btree can`);
  }
  if (type === 'hash' && columns > 1) {
    throw new FacetError('INVALID_INDEX_OPTION', `A hash index has one column, not ${columns}`);
  }
}

/**
 * The WITH clause for the options, or the empty text.
 * @throws INVALID_INDEX_OPTION naming the option
 */
export function indexOptions(type: IndexType, options: Readonly<Record<string, unknown>>): string {
  const settings = Object.entries(options).map(([name, value]) => {
    const known = Object.hasOwn(OPTIONS[type], name) ? OPTIONS[type][name] : undefined;
    if (known === undefined) {
      throw new FacetError('INVALID_INDEX_OPTION', `A ${type} index has no option '${name}'`, {
        hint: `Options of ${type}: ${Object.keys(OPTIONS[type]).join(', ')}.`,
      });
    }
    return `${name} = ${known.kind === 'boolean' ? flag(name, value) : integer(name, value, known)}`;
  });
  return settings.length === 0 ? '' : ` WITH (${settings.join(', ')})`;
}

function flag(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  throw new FacetError('INVALID_INDEX_OPTION', `Option '${name}' is true or false`);
}

function integer(name: string, value: unknown, { min, max }: NumberOption): string {
  const number = value instanceof ExactNumber ? Number(value.text) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max)
    return String(number);
  throw new FacetError('INVALID_INDEX_OPTION', `Option '${name}' is a whole number from ${min} to ${max}`);
}

const TSVECTOR = '3614';
const JSONB = '3802';
const TEXT_TYPES = ['25', '1043', '1042', '19'];

export interface IndexableColumn {
  readonly quotedName: string;
  readonly name: string;
  readonly typeOid: string;
  /** pg_type.typcategory: A for arrays. */
  readonly category: string;
}

/**
 * The key of an index on a column. GIN takes values made of parts; a text is cut into words by PostgreSQL's English
 * dictionary, so queries that shall use the index ask for `to_tsvector('english', column)`.
 * @throws TYPE_MISMATCH for columns that a GIN index has no use for
 */
export function indexKey(type: IndexType, column: IndexableColumn): string {
  if (type !== 'gin') return column.quotedName;
  if (column.category === 'A' || column.typeOid === JSONB || column.typeOid === TSVECTOR)
    return column.quotedName;
  if (TEXT_TYPES.includes(column.typeOid)) return `to_tsvector('english', ${column.quotedName}::text)`;
  throw new FacetError('TYPE_MISMATCH', `A gin index cannot hold column '${column.name}'`, {
    hint: 'It takes Jsonb, arrays, tsvector, and texts for full-text search.',
  });
}

/** The reference's name for an access method of PostgreSQL; others keep their own. */
export const indexMethodName = (method: string): string => (method === 'ivfflat' ? 'ivf_pq' : method);
