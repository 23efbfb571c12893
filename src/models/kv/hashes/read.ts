/** Reading hashes: one field by batches, all of them within bounds. */
import type { FacetError } from '../../../base/index.ts';
import { arrayLiteral, type Cell, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { boundedRead, checkText, readElements, sizeOf } from '../collection.ts';
import { checkCount, kindName, type StoredKey, storedKey, wrongType } from '../entry.ts';
import { type BatchKind, keyspaceOf } from '../keyspace.ts';
import type {
  ExistsResult,
  FieldsResult,
  GetResult,
  LengthResult,
  ManyFields,
  MgetResult,
  OneField,
  OneKey,
  PairsResult,
  ValuesResult,
} from './schemas.ts';

interface GetItem {
  readonly stored: StoredKey;
  readonly field: string;
}

/** Keys and fields in the same order; places in it, kinds and values of what is there. */
const GET = statement(
  'hash.get',
  `SELECT given.n, e.kind, f.value
   FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (k, field, n)
   JOIN kv.entry AS e ON e.key = given.k AND kv.live(e.expires_at)
   LEFT JOIN kv.hash_field AS f
     ON f.entry_id = e.id AND kv.element_key(f.field) COLLATE "C" = kv.element_key(given.field)`,
);

const MISSING: GetResult = { found: false, valueJson: null };

const GETS: BatchKind<GetItem, GetResult> = {
  name: 'hash.get',
  reads: true,
  bytesOf: ({ field }) => field.length,
  mergeable: () => true,
  run: async (run, items) => {
    const keys = arrayLiteral(items.map(({ stored }) => stored.key));
    const { rows } = await run(GET, [keys, arrayLiteral(items.map(({ field }) => field))]);
    const found = new Map(rows.map((row) => [Number(row[0]), row]));
    return items.map(({ stored }, n) => answerOf(stored, found.get(n + 1)));
  },
};

function answerOf(stored: StoredKey, row: readonly Cell[] | undefined): GetResult | FacetError {
  if (row === undefined) return MISSING;
  const [, kind, valueJson = null] = row;
  const found = kindName(kind);
  if (found !== 'hash') return wrongType(stored.longKey ?? stored.key, found, 'hash');
  return { found: valueJson !== null, valueJson };
}

const PAIRS = boundedRead(
  'hash.getall',
  'field, value',
  'octet_length(field) + octet_length(value)',
  'SELECT f.field, f.value FROM e JOIN kv.hash_field AS f ON f.entry_id = e.id',
);
const FIELDS = boundedRead(
  'hash.keys',
  'field',
  'octet_length(field)',
  'SELECT f.field FROM e JOIN kv.hash_field AS f ON f.entry_id = e.id',
);
const VALUES = boundedRead(
  'hash.vals',
  'value',
  'octet_length(value)',
  'SELECT f.value FROM e JOIN kv.hash_field AS f ON f.entry_id = e.id',
);
const SOME = boundedRead(
  'hash.mget',
  'field, value',
  'octet_length(field) + octet_length(value)',
  `SELECT f.field, f.value FROM unnest($2::text[]) AS given (name) JOIN e ON true JOIN kv.hash_field AS f
     ON f.entry_id = e.id AND kv.element_key(f.field) COLLATE "C" = kv.element_key(given.name)`,
);

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function get(context: OperationContext, input: OneField): Promise<GetResult> {
  const item = { stored: storedKey(input.key), field: checkText(input.field, 'A field') };
  return keyspaceOf(context.database).submit(context, GETS, item);
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function exists(context: OperationContext, input: OneField): Promise<ExistsResult> {
  return { exists: (await get(context, input)).found };
}

/** Values in the order of the fields, null for missing ones. @throws as `getall`; LIMIT_EXCEEDED */
export async function mget(context: OperationContext, input: ManyFields): Promise<MgetResult> {
  checkCount(input.fields.length, 'fields');
  for (const field of input.fields) checkText(field, 'A field');
  const names = arrayLiteral([...new Set(input.fields)]);
  const { rows } = await readElements(context, SOME, storedKey(input.key), 'hash', [names]);
  const found = new Map(rows.map(([field, value = null]) => [field, value]));
  return { valuesJson: input.fields.map((field) => found.get(field) ?? null) };
}

/** Fields and values, in no particular order. @throws INVALID_PARAMETER, WRONG_TYPE, RESULT_TOO_LARGE */
export async function getall(context: OperationContext, { key }: OneKey): Promise<PairsResult> {
  const read = await readElements(context, PAIRS, storedKey(key), 'hash');
  return {
    exists: read.exists,
    pairs: read.rows.map(([field, value]) => ({ field: field ?? '', valueJson: value ?? '' })),
  };
}

/** @throws as `getall` */
export async function keys(context: OperationContext, { key }: OneKey): Promise<FieldsResult> {
  const read = await readElements(context, FIELDS, storedKey(key), 'hash');
  return { exists: read.exists, fields: read.rows.map(([field]) => field ?? '') };
}

/** @throws as `getall` */
export async function vals(context: OperationContext, { key }: OneKey): Promise<ValuesResult> {
  const read = await readElements(context, VALUES, storedKey(key), 'hash');
  return { exists: read.exists, valuesJson: read.rows.map(([value]) => value ?? '') };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function len(context: OperationContext, { key }: OneKey): Promise<LengthResult> {
  const { exists, size } = await sizeOf(context, storedKey(key), 'hash');
  return { exists, length: size };
}
